// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * "reconnect" of guests that run already: whatever is found, libvirt sees success, and what is
 * theirs is nobody else's.
 */
#include "tests/hook/engine-call.h"

#include <stdio.h>

#include "session/hook-call.h"

#define BOTH_XML(name, uuid) DOMAIN(name, uuid, HOSTDEV("0x01", "0x0") HOSTDEV("0x03", "0x0"))
#define NIC_XML(name, uuid) DOMAIN(name, uuid, HOSTDEV("0x03", "0x0"))
#define FILE_OF(uuid) "run/hostdev-hook/" uuid ".journal"
#define HEADER(boot, guest, uuid)                                                                  \
	"hostdev-hook journal 1\nboot " boot "\nguest " guest "\nuuid " uuid "\n"

/* The usual machine with the daemon that calls the hook. */
static struct testhost *machine_with_caller(void)
{
	auto_free char *text =
		xasprintf("%sprocess %d comm=libvirtd start=700\n", machine, (int)getpid());

	return testhost_new(text);
}

static void put_journal(struct testhost *host, const char *path, const char *text)
{
	tree_file(host->root_fd, path, "%s", text);
	assert_int_equal(fchmodat(host->root_fd, "run/hostdev-hook", 0700, 0), 0);
}

/* By the hook: it must say nothing and change nothing. */
static void reconnect(struct testhost *host, const char *name, const char *xml)
{
	auto_call struct call call = {.guest = name,
				      .operation = "reconnect",
				      .suboperation = "begin",
				      .xml = xml,
				      .guarded = true};
	auto_free char *before = testhost_tree(host);
	auto_free char *after = NULL;

	testhost_script(host, NULL);
	call_engine(host, &call);
	assert_int_equal(call.status, 0);
	assert_string_equal(call.said, "");
	after = testhost_tree(host);
	assert_text(after, before);
	assert_int_equal(testhost_operations(host), 0);
}

static void prepare(struct testhost *host, const char *name, const char *xml)
{
	auto_call struct call call = PREPARE(name, xml);

	call_engine(host, &call);
	assert_string_equal(call.said, "");
	assert_int_equal(call.status, 0);
	testhost_script(host, NULL);
}

static void release(struct testhost *host, const char *name)
{
	auto_call struct call call = RELEASE(name, "");

	call_engine(host, &call);
	assert_string_equal(call.said, "");
	assert_int_equal(call.status, 0);
	assert_false(has_journal(host, UUID_1));
}

static void check_journal(struct testhost *host, const char *path, const char *part)
{
	auto_free char *journal = tree_read(host->root_fd, path);

	assert_non_null(journal);
	assert_contains(journal, part);
}

/* --- what is logged --- */

static int log_fd;

static void keep_line(enum log_level level, const struct log_fields *fields, const char *message)
{
	(void)fields;
	dprintf(log_fd, "%d %s\n", level, message);
}

static int adopt_work(struct testhost *host, void *data)
{
	char *xml = data;
	struct hook_call run = {
		.host = &host->host, .guest = "g1", .xml = xml, .xml_length = strlen(xml)};

	log_set_sink(keep_line);
	hook_call_adopt(&run);
	hook_call_done(&run);
	return 0;
}

/* Heap. */
static char *adopt_log(struct testhost *host, const char *xml)
{
	auto_free char *copy = xstrdup(xml);

	log_fd = memory_file("", 0);
	assert_int_equal(testhost_process(host, adopt_work, copy), 0);
	return read_back(log_fd);
}

static void check_log(struct testhost *host, const char *xml, const char *part)
{
	auto_free char *lines = adopt_log(host, xml);

	assert_contains(lines, part);
}

/* --- no journal --- */

static void guest_from_before_the_hook(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller();
	auto_call struct call second = PREPARE("g2", NIC_XML("g2", UUID_2));

	(void)state;
	reconnect(host, "g1", BOTH_XML("g1", UUID_1));
	check_journal(host, FILE_OF(UUID_1), "\nclaim 0000:01:00.0\nclaim 0000:03:00.0\nlent");
	check_journal(host, FILE_OF(UUID_1), " 700\n");
	check_refused(host, &second, "belongs to guest g1");
	release(host, "g1");
	assert_int_equal(testhost_operations(host), 0);
	prepare(host, "g2", NIC_XML("g2", UUID_2));
}

static void journal_of_an_earlier_boot(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller();

	(void)state;
	put_journal(host, FILE_OF(UUID_1),
		    HEADER(OTHER_BOOT, "g1", UUID_1) "claim 0000:01:00.0\nlent\n");
	reconnect(host, "g1", NIC_XML("g1", UUID_1));
	check_journal(host, FILE_OF(UUID_1), "\nclaim 0000:03:00.0\nlent");
	check_journal(host, FILE_OF(UUID_1), "boot " BOOT "\n");
	release(host, "g1");
}

static void nothing_to_adopt(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller();

	(void)state;
	reconnect(host, "g1", DOMAIN("g1", UUID_1, ""));
	reconnect(host, "g1", "not XML");
	reconnect(host, "g1", "");
	reconnect(host, "g1",
		  "<domain><name>g1</name><devices>" HOSTDEV("0x01", "0x0") "</devices></domain>");
	assert_false(tree_exists(host->root_fd, "run/hostdev-hook"));
	tree_dir(host->root_fd, "run/hostdev-hook");
	assert_int_equal(fchmodat(host->root_fd, "run/hostdev-hook", 0700, 0), 0);
	reconnect(host, "g1", DOMAIN("g1", UUID_1, ""));
	assert_false(has_journal(host, UUID_1));
}

/* --- its journal --- */

static void a_new_daemon_is_written_down(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller();
	auto_free char *before = testhost_tree(host);
	auto_free char *first = NULL, *second = NULL, *line = NULL, *stat = NULL;
	auto_free char *path = xasprintf("proc/%d/stat", (int)getpid());
	auto_free char *after = NULL;

	(void)state;
	prepare(host, "g1", BOTH_XML("g1", UUID_1));
	first = tree_read(host->root_fd, FILE_OF(UUID_1));
	reconnect(host, "g1", BOTH_XML("g1", UUID_1));
	check_journal(host, FILE_OF(UUID_1), first);
	stat = tree_read(host->root_fd, path);
	strstr(stat, " 700 ")[1] = '9';
	tree_file(host->root_fd, path, "%s\n", stat);
	reconnect(host, "g1", BOTH_XML("g1", UUID_1));
	line = xasprintf("%s\ncaller %d 900", first, (int)getpid());
	second = tree_read(host->root_fd, FILE_OF(UUID_1));
	assert_text(second, line);
	release(host, "g1");
	after = testhost_tree(host);
	assert_text(after, before);
}

static void a_device_that_was_plugged_in(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller();
	auto_free char *before = testhost_tree(host);
	auto_free char *after = NULL;

	(void)state;
	prepare(host, "g1", NIC_XML("g1", UUID_1));
	reconnect(host, "g1", BOTH_XML("g1", UUID_1));
	check_journal(host, FILE_OF(UUID_1), "\nclaim 0000:01:00.0");
	release(host, "g1");
	after = testhost_tree(host);
	assert_text(after, before);
}

static void a_run_that_was_not_called_lent(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller();

	(void)state;
	put_journal(host, FILE_OF(UUID_1), HEADER(BOOT, "g1", UUID_1) "claim 0000:03:00.0\n");
	reconnect(host, "g1", NIC_XML("g1", UUID_1));
	check_journal(host, FILE_OF(UUID_1), "\nlent");
}

static void a_run_whose_return_had_begun(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller();
	auto_free char *journal = NULL;

	(void)state;
	put_journal(host, FILE_OF(UUID_1),
		    HEADER(BOOT, "g1", UUID_1) "claim 0000:03:00.0\nreturning\n");
	check_log(host, NIC_XML("g1", UUID_1), "its return had begun");
	journal = tree_read(host->root_fd, FILE_OF(UUID_1));
	assert_null(strstr(journal, "lent"));
}

/* --- what is not right --- */

static void another_has_one_of_them(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller();
	auto_free char *journal = NULL;

	(void)state;
	put_journal(host, FILE_OF(UUID_2), HEADER(BOOT, "g2", UUID_2) "claim 0000:03:00.0\nlent\n");
	check_log(host, BOTH_XML("g1", UUID_1),
		  "4 g1: it runs with 0000:03:00.0 (Intel 82574L Gigabit Network Connection), "
		  "which belongs to guest g2");
	journal = tree_read(host->root_fd, FILE_OF(UUID_1));
	assert_contains(journal, "\nclaim 0000:01:00.0\nlent");
	assert_null(strstr(journal, "claim 0000:03:00.0"));
}

static void journals_that_cannot_be_read(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller();
	auto_free char *journal = NULL;

	(void)state;
	put_journal(host, FILE_OF(UUID_2), "rubbish\n");
	check_log(host, NIC_XML("g1", UUID_1), "4 g1: what others claim is not known");
	check_journal(host, FILE_OF(UUID_1), "\nclaim 0000:03:00.0\nlent");
	put_journal(host, FILE_OF(UUID_1), "rubbish\n");
	reconnect(host, "g1", NIC_XML("g1", UUID_1));
	check_log(host, NIC_XML("g1", UUID_1),
		  "4 g1: it runs, but its devices could not be claimed");
	journal = tree_read(host->root_fd, FILE_OF(UUID_1));
	assert_string_equal(journal, "rubbish");
}

static void devices_that_are_not_the_guests(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller();
	auto_free char *lines = NULL;

	(void)state;
	prepare(host, "g1", BOTH_XML("g1", UUID_1));
	lines = adopt_log(host, BOTH_XML("g1", UUID_1));
	assert_string_equal(lines, "");
	testhost_rebind(host, "0000:03:00.0", "e1000e");
	check_log(host, BOTH_XML("g1", UUID_1),
		  "4 g1: it runs, and its device 0000:03:00.0 (Intel 82574L Gigabit Network "
		  "Connection) is on e1000e, not on a VFIO driver\n");
	testhost_rebind(host, "0000:03:00.0", NULL);
	check_log(host, BOTH_XML("g1", UUID_1),
		  "0000:03:00.0 (Intel 82574L Gigabit Network Connection) is on no driver");
	testhost_vanish(host, "0000:03:00.0");
	check_log(host, BOTH_XML("g1", UUID_1), "its device 0000:03:00.0 is gone\n");
}

static void a_directory_of_others(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller();

	(void)state;
	tree_dir(host->root_fd, "run/hostdev-hook");
	assert_int_equal(fchmodat(host->root_fd, "run/hostdev-hook", 0777, 0), 0);
	reconnect(host, "g1", NIC_XML("g1", UUID_1));
	assert_false(has_journal(host, UUID_1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(guest_from_before_the_hook),
		cmocka_unit_test(journal_of_an_earlier_boot),
		cmocka_unit_test(nothing_to_adopt),
		cmocka_unit_test(a_new_daemon_is_written_down),
		cmocka_unit_test(a_device_that_was_plugged_in),
		cmocka_unit_test(a_run_that_was_not_called_lent),
		cmocka_unit_test(a_run_whose_return_had_begun),
		cmocka_unit_test(another_has_one_of_them),
		cmocka_unit_test(journals_that_cannot_be_read),
		cmocka_unit_test(devices_that_are_not_the_guests),
		cmocka_unit_test(a_directory_of_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
