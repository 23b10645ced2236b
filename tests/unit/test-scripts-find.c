// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which files are a guest's scripts, in which order, and which of them are left out.
 */
#include "tests/hook/scripts-tree.h"

#include "hook/scripts-find.h"

/* One line each: its path below GUEST, and why it is not run. */
static char *found(const char *guest, const char *operation, const char *suboperation)
{
	auto_script_list struct script_list list = {0};
	struct text text = TEXT_INIT;

	scripts_find(scripts_dir, guest, operation_find(operation, suboperation), &list);
	text_append(&text, "", 0);
	for (size_t i = 0; i < list.count; i++) {
		const struct script *script = &list.scripts[i];

		text_printf(&text, "%s%s%s\n",
			    script->state == SCRIPT_RUNS          ? ""
			    : script->state == SCRIPT_PASSED_OVER ? "passed over: "
								  : "refused: ",
			    strlen(script->path) > list.prefix ? script->path + list.prefix : "",
			    script->state == SCRIPT_RUNS ? script->why : "");
	}
	return text.data;
}

static void assert_found(const char *guest, const char *expected)
{
	auto_free char *text = found(guest, "prepare", "begin");

	assert_text(text, expected);
}

static void assert_refused(const char *guest, const char *part)
{
	auto_script_list struct script_list list = {0};

	scripts_find(scripts_dir, guest, operation_find("prepare", "begin"), &list);
	assert_int_equal(list.count, 1);
	assert_int_equal(list.scripts[0].state, SCRIPT_REFUSED);
	assert_contains(list.scripts[0].why, part);
}

static void nothing(void **state)
{
	(void)state;
	assert_found("g1", "");
	put_dir("qemu.d/g1");
	assert_found("g1", "");
	put_dir("qemu.d/g1/prepare");
	assert_found("g1", "");
	put_dir("qemu.d/g1/prepare/begin");
	assert_found("g1", "");
	scripts_dir[strlen(scripts_dir) - 1] = 'x';
	assert_found("g1", "");
	strcpy(scripts_dir, "/nowhere/qemu.d");
	assert_found("g1", "");
}

static void order_of_bytes(void **state)
{
	static const char *const names[] = {"b", "a",        "B",       "10-x", "9-x",
					    "_", "\xc3\xa4", ".hidden", "a b"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		auto_free char *name = xasprintf("qemu.d/g1/prepare/begin/%s", names[i]);

		put_script(name, "");
	}
	assert_found("g1", "prepare/begin/.hidden\nprepare/begin/10-x\nprepare/begin/9-x\n"
			   "prepare/begin/B\nprepare/begin/_\nprepare/begin/a\nprepare/begin/a b\n"
			   "prepare/begin/b\nprepare/begin/\xc3\xa4\n");
}

static void one_file(void **state)
{
	auto_free char *started = NULL;
	auto_free char *release = NULL;

	(void)state;
	put_script("qemu.d/g1/prepare/begin", "");
	put_script("qemu.d/g1/release/end/x", "");
	assert_found("g1", "prepare/begin\n");
	release = found("g1", "release", "end");
	assert_text(release, "release/end/x\n");
	started = found("g1", "started", "begin");
	assert_text(started, "");
	assert_found("g2", "");
}

static void plain_files_are_libvirts(void **state)
{
	(void)state;
	put_script("qemu.d/g1", "");
	put_script("qemu.d/prepare", "");
	put_script("qemu.d/g2/prepare", "");
	put_script("qemu.d/g3/begin", "");
	assert_found("g1", "");
	assert_found("g2", "");
	assert_found("g3", "");
}

static void what_is_passed_over(void **state)
{
	auto_script_list struct script_list list = {0};

	(void)state;
	put_file("qemu.d/g1/prepare/begin/README", "", 0644);
	put_file("qemu.d/g1/prepare/begin/theirs", "", 0644);
	give_to("qemu.d/g1/prepare/begin/theirs", 1234);
	put_dir("qemu.d/g1/prepare/begin/dir");
	put_script("qemu.d/g1/prepare/begin/z", "");
	assert_found("g1", "passed over: prepare/begin/README\npassed over: prepare/begin/dir\n"
			   "passed over: prepare/begin/theirs\nprepare/begin/z\n");
	scripts_find(scripts_dir, "g1", operation_find("prepare", "begin"), &list);
	assert_contains(list.scripts[0].why,
			"/README: not executable (chmod +x), so it is not run");
}

static void guests_that_lead_elsewhere(void **state)
{
	static const char *const never[] = {"", ".", "..", "/", "g1/", "a/b", "../qemu.d/g1"};
	static const char *const real[] = {"--help", "a b",      "'\"$(x)", "...",
					   "-",      "\xc3\xa4", "\n"};

	(void)state;
	put_script("prepare/begin/x", "");
	put_script("qemu.d/prepare/begin/x", "");
	put_script("qemu.d/g1/prepare/begin/x", "");
	put_script("qemu.d/a/b/prepare/begin/x", "");
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		assert_found(never[i], "");
	for (size_t i = 0; i < sizeof(real) / sizeof(real[0]); i++) {
		auto_free char *name = xasprintf("qemu.d/%s/prepare/begin/x", real[i]);

		put_script(name, "");
		assert_found(real[i], "prepare/begin/x\n");
	}
}

static void links_among_guests(void **state)
{
	auto_script_list struct script_list list = {0};
	auto_free char *path = tree_path("qemu.d/g2/prepare/begin/x");

	(void)state;
	put_script("qemu.d/g1/prepare/begin/x", "");
	put_link("qemu.d/g2", "g1");
	put_link("qemu.d/g3/prepare", "../g1/prepare");
	put_link("qemu.d/g4/prepare/begin", "../../g1/prepare/begin/x");
	assert_found("g2", "prepare/begin/x\n");
	assert_found("g3", "prepare/begin/x\n");
	assert_found("g4", "prepare/begin\n");
	/* It is run by the name that it has for this guest. */
	scripts_find(scripts_dir, "g2", operation_find("prepare", "begin"), &list);
	assert_string_equal(list.scripts[0].path, path);
}

static void links_to_nowhere(void **state)
{
	(void)state;
	put_link("qemu.d/g1", "gone");
	put_link("qemu.d/g2/prepare/begin/x", "gone");
	assert_refused("g1", "gone, to which a link leads: No such file");
	assert_refused("g2", "gone, to which a link leads: No such file");
}

static void files_of_others(void **state)
{
	(void)state;
	put_script("qemu.d/g1/prepare/begin/a", "");
	put_script("qemu.d/g1/prepare/begin/b", "");
	give_to("qemu.d/g1/prepare/begin/b", 1234);
	assert_found("g1", "prepare/begin/a\nrefused: prepare/begin/b\n");
	put_script("qemu.d/g2/prepare/begin/x", "");
	set_mode("qemu.d/g2/prepare/begin/x", 0757);
	assert_refused("g2", "qemu.d/g2/prepare/begin/x: others than its owner may write it (chmod "
			     "go-w); now its owner is user 0 and its mode 0757");
	put_script("qemu.d/g3/prepare/begin", "");
	give_to("qemu.d/g3/prepare/begin", 1234);
	assert_refused("g3",
		       "qemu.d/g3/prepare/begin: belongs to user 1234; root must own it (chown "
		       "root)");
}

static void directories_of_others(void **state)
{
	static const char *const dirs[] = {"qemu.d/g1/prepare/begin", "qemu.d/g1/prepare",
					   "qemu.d/g1", "qemu.d", "."};

	(void)state;
	put_script("qemu.d/g1/prepare/begin/x", "");
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		set_mode(dirs[i], 0777);
		assert_refused("g1", "and its mode 0777");
		set_mode(dirs[i], 0755);
		give_to(dirs[i], 1234);
		assert_refused("g1", "belongs to user 1234");
		give_to(dirs[i], 0);
		assert_found("g1", "prepare/begin/x\n");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_tree(nothing),
		in_tree(order_of_bytes),
		in_tree(one_file),
		in_tree(plain_files_are_libvirts),
		in_tree(what_is_passed_over),
		in_tree(guests_that_lead_elsewhere),
		in_tree(links_among_guests),
		in_tree(links_to_nowhere),
		in_tree(files_of_others),
		in_tree(directories_of_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
