// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The engine after an upgrade or a clean-up of the system that has taken away the libraries it
 * opens (its link option is --wrap=library_open): a start is refused and says why, a guest that
 * runs is left alone, and what was lent comes home.
 */
#include "tests/hook/engine-call.h"
#include "tests/hook/scripts-tree.h"
#include "tests/unit/library-helpers.h"

#define CARD DOMAIN("g1", UUID_1, HOSTDEV("0x01", "0x0") HOSTDEV("0x01", "0x1"))

static void put_libraries_back(void *unused)
{
	(void)unused;
	libraries_are_missing = false;
}

#define take_libraries()                                                                           \
	cleanup(put_libraries_back) int taken = 0;                                                 \
	libraries_are_missing = true;                                                              \
	(void)taken

/* The whole story in one line: which guest, what is missing, and what to do. */
static void prepare(void **state)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	auto_call struct call call = PREPARE("g1", CARD);

	(void)state;
	take_libraries();
	check_refused(host, &call,
		      "g1 is not started: libxml2 cannot be opened, perhaps since an upgrade or a "
		      "clean-up of the system (libnone.so.0: cannot open shared object file: No "
		      "such file or directory): run install.sh again, or reinstall the package of "
		      "hostdev-hook; nothing was changed.\n");
	assert_false(has_journal(host, UUID_1));
}

static void start_and_release(void **state)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	auto_call struct call prepare = PREPARE("g1", CARD), release = RELEASE("g1", CARD),
			      start = {.guest = "g1",
				       .operation = "start",
				       .suboperation = "begin",
				       .xml = CARD};
	auto_free char *before = testhost_tree(host);
	auto_free char *after = NULL;

	(void)state;
	call_engine(host, &prepare);
	assert_int_equal(prepare.status, 0);
	{
		take_libraries();
		call_engine(host, &start);
		assert_int_equal(start.status, 1);
		assert_contains(start.said, "g1 is not started: libxml2 cannot be opened");
		assert_contains(start.said, "What was lent for this start is returned.");
		/* Which libvirt asks for then, without XML: the name tells whose devices. */
		release.xml = "";
		call_engine(host, &release);
	}
	assert_string_equal(release.said, "");
	assert_int_equal(release.status, 0);
	assert_false(has_journal(host, UUID_1));
	after = testhost_tree(host);
	assert_text(after, before);
}

/* Two of one name, as transient guests can be: a return needs no library to know which it is. */
static void release_of_a_namesake(void **state)
{
	static const char nic[] = DOMAIN("g1", UUID_2, HOSTDEV("0x03", "0x0"));
	auto_testhost struct testhost *host = testhost_new(machine);
	auto_call struct call prepare = PREPARE("g1", CARD), release = RELEASE("g1", CARD);
	auto_call struct call other = PREPARE("g1", nic), first = RELEASE("g1", nic);

	(void)state;
	call_engine(host, &prepare);
	call_engine(host, &other);
	assert_true(has_journal(host, UUID_1) && has_journal(host, UUID_2));
	put_script("qemu.d/g1/release/end", "echo $HOSTDEV_UUID $HOSTDEV_DEVICES > $T/told");
	first.scripts_dir = scripts_dir;
	take_libraries();
	call_engine(host, &first);
	assert_left("told", UUID_2 " 0000:03:00.0\n");
	assert_int_equal(first.status, 0);
	assert_true(has_journal(host, UUID_1) && !has_journal(host, UUID_2));
	call_engine(host, &release);
	assert_int_equal(release.status, 0);
	assert_false(has_journal(host, UUID_1));
}

static char logged[1024];
static int logged_fd;

static void log_to_memory(enum log_level level, const struct log_fields *fields,
			  const char *message)
{
	(void)fields;
	if (level <= LOG_LEVEL_WARNING && write(logged_fd, message, strlen(message)) < 0)
		_exit(71);
}

static void read_logged(void)
{
	ssize_t length = pread(logged_fd, logged, sizeof(logged) - 1, 0);

	assert_true(length >= 0);
	logged[length] = '\0';
	close(logged_fd);
}

/* libvirt would kill the guest for any other answer. */
static void reconnect(void **state)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	auto_call struct call call = {.guest = "g1",
				      .operation = "reconnect",
				      .suboperation = "begin",
				      .xml = CARD,
				      .sink = log_to_memory,
				      .guarded = true};

	(void)state;
	take_libraries();
	logged_fd = memory_file("", 0);
	call_engine(host, &call);
	read_logged();
	assert_int_equal(call.status, 0);
	assert_string_equal(call.said, "");
	assert_contains(logged, "it runs, but its devices could not be claimed for it: libxml2 "
				"cannot be opened");
}

/* What a script makes of the XML of a guest cannot be looked at: libvirt gets it as it was. */
static void filter(void **state)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	auto_call struct call call = {.guest = "g1",
				      .operation = "restore",
				      .suboperation = "begin",
				      .xml = CARD,
				      .scripts_dir = scripts_dir,
				      .sink = log_to_memory,
				      .prints = true};

	(void)state;
	put_script("qemu.d/g1/restore/begin", "echo '<secret/>'");
	take_libraries();
	logged_fd = memory_file("", 0);
	call_engine(host, &call);
	read_logged();
	assert_int_equal(call.status, 0);
	assert_string_equal(call.printed, "");
	assert_contains(logged, "has written something that cannot be read: libxml2 cannot be "
				"opened");
	assert_null(strstr(logged, "<secret/>"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prepare),
		cmocka_unit_test(start_and_release),
		in_tree(release_of_a_namesake),
		cmocka_unit_test(reconnect),
		in_tree(filter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
