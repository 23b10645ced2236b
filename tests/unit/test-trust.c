// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Walks that follow links: where they may lead, and whom everything on the way must belong to.
 */
#include "tests/hook/scripts-tree.h"

#include <errno.h>

#include "base/trust.h"

/* The result of following name from the tree; path without the tree, or the error's text. */
static int follow(const char *name, char **ret_path, struct error *err)
{
	auto_trust_entry struct trust_entry root = TRUST_ENTRY_INIT;
	auto_trust_entry struct trust_entry place = TRUST_ENTRY_INIT;
	int ret = trust_enter(tree, &root, err);

	*ret_path = NULL;
	if (ret == 0)
		ret = trust_follow(&root, name, &place, err);
	if (ret == 0 && place.fd >= 0)
		*ret_path = xstrdup(place.path);
	return ret;
}

static void leads_to(const char *name, const char *expected)
{
	struct error err = ERROR_INIT;
	auto_free char *path = NULL;

	assert_ok(follow(name, &path, &err), &err);
	assert_non_null(path);
	assert_string_equal(text_starts(path, tree) ? path + strlen(tree) : path, expected);
}

static void refused(const char *name, int code, const char *part)
{
	struct error err = ERROR_INIT;
	auto_free char *path = NULL;

	assert_int_equal(follow(name, &path, &err), -code);
	assert_null(path);
	assert_contains(err.text, part);
}

static void names(void **state)
{
	struct error err = ERROR_INIT;
	auto_free char *path = NULL;

	(void)state;
	put_file("a/b/file", "", 0644);
	leads_to("a", "/a");
	leads_to("a/b/file", "/a/b/file");
	leads_to("a/./b/../b//file", "/a/b/file");
	assert_ok(follow("none", &path, &err), &err);
	assert_null(path);
	assert_ok(follow("a/none", &path, &err), &err);
	assert_null(path);
	refused("a/b/file/x", ENOTDIR, "/a/b/file/x");
}

static void links(void **state)
{
	(void)state;
	put_file("a/b/file", "", 0644);
	put_link("to-a", "a");
	put_link("c/up", "../a/b");
	put_link("a/b/again", "./file");
	put_link("chain", "c/up/again");
	put_link("absolute", "/usr/bin/env");
	leads_to("to-a", "/a");
	leads_to("to-a/b/file", "/a/b/file");
	leads_to("c/up/file", "/a/b/file");
	leads_to("chain", "/a/b/file");
	leads_to("absolute", "/usr/bin/env");
}

static void links_to_nowhere(void **state)
{
	(void)state;
	put_link("dangling", "nothing");
	refused("dangling", ENOENT, "/nothing, to which a link leads");
}

/* As many as the kernel itself would follow. */
static void links_without_end(void **state)
{
	(void)state;
	put_file("link0", "", 0644);
	for (unsigned int i = 1; i <= 41; i++) {
		auto_free char *name = xasprintf("link%u", i), *target = xasprintf("link%u", i - 1);

		put_link(name, target);
	}
	leads_to("link40", "/link0");
	refused("link41", ELOOP, "/link");
	put_link("loop", "loop");
	refused("loop", ELOOP, "/loop");
}

static void directories_of_others_on_the_way(void **state)
{
	(void)state;
	put_file("theirs/a/file", "", 0644);
	put_file("a/file", "", 0644);
	put_link("link", "theirs/a/file");
	/* To what is sound, but by a link that somebody else may lead elsewhere. */
	put_link("theirs/home", "../a/file");
	put_link("by-them", "theirs/home");
	leads_to("link", "/theirs/a/file");
	leads_to("by-them", "/a/file");
	give_to("theirs", 1234);
	refused("link", EPERM,
		"/theirs: belongs to user 1234; root must own it (chown root); now its "
		"owner is user 1234 and its mode 0755");
	refused("by-them", EPERM, "/theirs: belongs to user 1234");
	give_to("theirs", 0);
	set_mode("theirs", 0775);
	refused("link", EPERM, "its mode 0775");
}

/* As /tmp is, and the store of NixOS: others make names there, and cannot replace root's. */
static void shared_directories_on_the_way(void **state)
{
	auto_free char *absolute = tree_path("store/tool");

	(void)state;
	put_file("store/tool", "", 0755);
	put_file("store/dir/tool", "", 0755);
	put_link("store/link", "tool");
	put_link("to-tool", absolute);
	put_link("to-dir", "store/dir/tool");
	put_link("to-link", "store/link");
	set_mode("store", 01775);
	leads_to("to-tool", "/store/tool");
	leads_to("to-dir", "/store/dir/tool");
	leads_to("to-link", "/store/tool");
	leads_to("store/../store/tool", "/store/tool");
	/* Whose link it is says where it leads. */
	give_to("store/link", 1234);
	refused("to-link", EPERM, "/store/link: belongs to user 1234; root must own it");
	give_to("store/dir", 1234);
	refused("to-dir", EPERM, "/store/dir: belongs to user 1234");
	give_to("store/tool", 1234);
	refused("to-tool", EPERM, "/store/tool: belongs to user 1234");
	give_to("store/tool", 0);
	set_mode("store", 0775);
	refused("to-tool", EPERM, "/store: others than its owner may write it");
	set_mode("store", 01775);
	give_to("store", 1234);
	refused("to-tool", EPERM, "/store: belongs to user 1234");
}

static void the_end_is_asked_for_itself(void **state)
{
	auto_trust_entry struct trust_entry root = TRUST_ENTRY_INIT;
	auto_trust_entry struct trust_entry place = TRUST_ENTRY_INIT;
	struct error err = ERROR_INIT;

	(void)state;
	put_file("file", "", 0666);
	assert_ok(trust_enter(tree, &root, &err), &err);
	assert_ok(trust_follow(&root, "file", &place, &err), &err);
	assert_int_equal(trust_check(&place, &err), -EPERM);
	assert_contains(err.text, "/file: others than its owner may write it");
	set_mode("file", 0755);
	assert_ok(trust_check(&place, &err), &err);
}

static void beginning(void **state)
{
	auto_trust_entry struct trust_entry place = TRUST_ENTRY_INIT;
	struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(trust_enter("/nowhere/at/all", &place, &err), -ENOENT);
	assert_int_equal(trust_enter("/tmp", &place, &err), -EPERM);
	assert_int_equal(place.fd, -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_tree(names),
		in_tree(links),
		in_tree(links_to_nowhere),
		in_tree(links_without_end),
		in_tree(directories_of_others_on_the_way),
		in_tree(shared_directories_on_the_way),
		in_tree(the_end_is_asked_for_itself),
		in_tree(beginning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
