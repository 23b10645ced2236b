// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Scripts that change the XML of a guest that is restored or comes from another host: who gets
 * whose output, what libvirt gets in the end, and that nothing of it is kept anywhere.
 */
#include <sys/prctl.h>

#include "tests/hook/engine-call.h"
#include "tests/hook/scripts-tree.h"

#define XML "<domain><secret>hunter2</secret></domain>\n"

static void log_to_file(enum log_level level, const struct log_fields *fields, const char *message)
{
	auto_free char *path = tree_path("log");
	auto_fclose FILE *file = fopen(path, "a");

	(void)fields;
	if (file)
		fprintf(file, "%d %s\n", (int)level, message);
}

static void expect(const char *operation, int status, const char *said, const char *printed)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	auto_free char *log = NULL;
	auto_call struct call call = {.guest = "g1",
				      .operation = operation,
				      .suboperation = "begin",
				      .xml = XML,
				      .scripts_dir = scripts_dir,
				      .sink = log_to_file,
				      .prints = true};

	call_engine(host, &call);
	if (*said)
		assert_contains(call.said, said);
	else
		assert_text(call.said, "");
	assert_text(call.printed, printed);
	assert_int_equal(call.status, status);
	log = left_in("log");
	assert_null(strstr(log, "hunter2"));
	assert_null(strstr(call.said, "hunter2"));
}

static void chain(void **state)
{
	(void)state;
	put_script("qemu.d/g1/restore/begin/1", "sed 's/domain/one/g'; echo note >&2");
	put_script("qemu.d/g1/restore/begin/2", "tee $T/got2 | sed 's/one/two/g'");
	put_script("qemu.d/g1/migrate/begin", "echo '<moved/>'");
	expect("restore", 0, "", "<two><secret>hunter2</secret></two>\n");
	assert_left("got2", "<one><secret>hunter2</secret></one>\n");
	expect("migrate", 0, "", "<moved/>\n");
}

static void nothing_changed(void **state)
{
	(void)state;
	expect("restore", 0, "", "");
	put_script("qemu.d/g1/restore/begin/1", "cat >$T/got1");
	put_script("qemu.d/g1/restore/begin/2", "cat >$T/got2; echo; echo ' '");
	put_script("qemu.d/g1/restore/begin/3", "cat >$T/got3");
	expect("restore", 0, "", "");
	assert_left("got1", XML);
	assert_left("got2", XML);
	assert_left("got3", XML);
}

static void empty_output_keeps_the_last(void **state)
{
	(void)state;
	put_script("qemu.d/g1/restore/begin/1", "echo '<one/>'");
	put_script("qemu.d/g1/restore/begin/2", "cat >$T/got2");
	put_script("qemu.d/g1/restore/begin/3", "cat >$T/got3");
	expect("restore", 0, "", "<one/>\n");
	assert_left("got2", "<one/>\n");
	assert_left("got3", "<one/>\n");
}

/* All run, with what the last sound one has made, which libvirt gets; the log gets the failures. */
static void failure(void **state)
{
	(void)state;
	put_script("qemu.d/g1/restore/begin/1", "echo '<one/>'");
	put_script("qemu.d/g1/restore/begin/2", "echo '<two/>'; echo no >&2; exit 3");
	put_script("qemu.d/g1/restore/begin/3", "tee $T/got3; exit 4");
	put_script("qemu.d/g1/restore/begin/4", "tee $T/got4");
	expect("restore", 0, "", "<one/>\n");
	assert_left("got3", "<one/>\n");
	assert_left("got4", "<one/>\n");
	{
		auto_free char *log = left_in("log");

		assert_contains(log, "restore/begin/2 ended with exit status 3: no; what it was");
		assert_contains(log, "restore/begin/3 ended with exit status 4");
	}
}

/* Libvirt would refuse it, and 11.3 then deletes what it was to restore. */
static void no_xml(void **state)
{
	(void)state;
	put_script("qemu.d/g1/restore/begin/1", "echo '<one/>'");
	put_script("qemu.d/g1/restore/begin/2", "echo hunter2 looks good");
	put_script("qemu.d/g1/restore/begin/3", "head -c 4");
	put_script("qemu.d/g1/restore/begin/4", "tee $T/got4");
	expect("restore", 0, "", "<one/>\n");
	assert_left("got4", "<one/>\n");
	{
		auto_free char *log = left_in("log");

		assert_contains(log, "restore/begin/2 has written something that is no XML; what");
	}
}

/* bash, for one, does not wait for what it writes to in the end. */
static void output_behind_the_end(void **state)
{
	(void)state;
	put_script("qemu.d/g1/restore/begin/1",
		   "(printf '<domain>'; sleep 1; echo '</domain>') & exit 0");
	put_script("qemu.d/g1/restore/begin/2", "sed 's/domain/two/g'");
	expect("restore", 0, "", "<two></two>\n");
}

/* Whatever it was to take out of the XML is still there. */
static void filter_of_others(void **state)
{
	(void)state;
	put_script("qemu.d/g1/migrate/begin/1", "echo '<one/>'");
	put_script("qemu.d/g1/migrate/begin/2", "tee $T/got2");
	give_to("qemu.d/g1/migrate/begin/1", 1234);
	expect("migrate", 0, "", XML);
	assert_left("got2", XML);
	{
		auto_free char *log = left_in("log");

		assert_contains(log, "a script cannot be run: ");
	}
}

static void too_much(void **state)
{
	(void)state;
	put_script("qemu.d/g1/restore/begin", "head -c 10485761 /dev/zero | tr '\\0' x");
	expect("restore", 0, "", "");
	{
		auto_free char *log = left_in("log");

		assert_contains(log, "wrote more than 10485760 bytes");
	}
}

/* What libvirt would take for the guest must not be a part of it. */
static void too_large(void **state)
{
	size_t length = 11 * 1024 * 1024;
	auto_free char *xml = xcalloc(length, 1);
	auto_testhost struct testhost *host = testhost_new(machine);
	auto_call struct call call = {.guest = "g1",
				      .operation = "restore",
				      .suboperation = "begin",
				      .xml = xml,
				      .xml_length = length,
				      .scripts_dir = scripts_dir};

	(void)state;
	memset(xml, ' ', length);
	put_script("qemu.d/g1/restore/begin", "cat");
	call_engine(host, &call);
	assert_int_equal(call.status, 0);
	assert_string_equal(call.said, "");
	assert_left("got", "");
}

static void set_group(gid_t group)
{
	assert_int_equal(setregid(group, group), 0);
	assert_int_equal(prctl(PR_SET_DUMPABLE, 1), 0);
}

/*
 * A crash would leave the XML on a disk. What the kernel would not dump has files of root's group
 * in /proc, whatever group it runs as.
 */
static void no_core(void **state)
{
	(void)state;
	put_script("qemu.d/g1/restore/begin", "stat -c %g /proc/$PPID/maps /proc/$$/maps >$T/got");
	put_script("qemu.d/g1/attach/begin", "stat -c %g /proc/$PPID/maps >$T/other");
	set_group(1234);
	expect("restore", 0, "", "");
	expect("attach", 0, "", "");
	set_group(0);
	assert_left("got", "0\n1234\n");
	assert_left("other", "1234\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_tree(chain),
		in_tree(nothing_changed),
		in_tree(empty_output_keeps_the_last),
		in_tree(failure),
		in_tree(filter_of_others),
		in_tree(too_much),
		in_tree(no_xml),
		in_tree(output_behind_the_end),
		in_tree(too_large),
		in_tree(no_core),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
