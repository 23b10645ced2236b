// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Guests that libvirt forgets with their end, and that have another UUID each time: one name, and
 * many records; and what of a run goes into the record of the next.
 */
#include "tests/hook/recover-call.h"

#include <time.h>

#define PINS(uuid) "var/lib/hostdev-hook/" uuid ".pins"

/* "virsh create" of XML without <uuid>. */
static void a_new_uuid_goes_on_where_the_last_one_ended(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_free char *before = testhost_tree(host);
	auto_call struct call again = PREPARE("g1", NIC_XML("g1", UUID_2));
	auto_call struct call release = RELEASE("g1", NIC_XML("g1", UUID_2));
	struct fault fault = BIND_FAILS;

	(void)state;
	leave_debt(host);
	testhost_script(host, &fault);
	assert_int_equal(called(host, &again), 0);
	assert_string_equal(again.said, "");
	assert_false(has_journal(host, UUID_1));
	assert_true(has_journal(host, UUID_2));
	testhost_script(host, NULL);
	assert_int_equal(called(host, &release), 0);
	check_home(host, before);
	/* What was remembered of the first went with it. */
	assert_false(tree_exists(host->root_fd, PINS(UUID_1)));
	assert_true(tree_exists(host->root_fd, PINS(UUID_2)));
}

/* A guest that was given another name since has its own definition. */
static void pins_of_a_renamed_guest_stay(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_call struct call release = RELEASE("g1", NIC_XML("g1", UUID_1));

	(void)state;
	lend(host, "g1", NIC_XML("g1", UUID_1));
	assert_int_equal(called(host, &release), 0);
	tree_file(host->root_fd, "etc/libvirt/qemu/renamed.xml", "<uuid>" UUID_1 "</uuid>\n");
	lend(host, "g1", NIC_XML("g1", UUID_2));
	assert_true(tree_exists(host->root_fd, PINS(UUID_1)));
}

/* A name that only begins alike is another one. */
static void pins_of_another_name_stay(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_call struct call release = RELEASE("g10", NIC_XML("g10", UUID_1));

	(void)state;
	lend(host, "g10", NIC_XML("g10", UUID_1));
	assert_int_equal(called(host, &release), 0);
	lend(host, "g1", NIC_XML("g1", UUID_2));
	assert_true(tree_exists(host->root_fd, PINS(UUID_1)));
}

#define OTHER_PINS "hostdev-hook pins 1\nguest vm%d\n"

/* The first is the oldest. */
static void put_pins(const struct testhost *host, int count)
{
	for (int i = 0; i < count; i++) {
		const struct timespec times[2] = {{.tv_sec = 1000000 + i}, {.tv_sec = 1000000 + i}};
		auto_free char *path =
			xasprintf("var/lib/hostdev-hook/00000000-0000-0000-0000-%012d.pins", i);

		tree_file(host->root_fd, path, OTHER_PINS, i);
		assert_int_equal(utimensat(host->root_fd, path, times, 0), 0);
	}
}

static int count_pins(const struct testhost *host, int count)
{
	int found = 0;

	for (int i = 0; i < count; i++) {
		auto_free char *path =
			xasprintf("var/lib/hostdev-hook/00000000-0000-0000-0000-%012d.pins", i);

		found += tree_exists(host->root_fd, path);
	}
	return found;
}

#define NUMBERED(file, number) file "/00000000-0000-0000-0000-" number

/* Where each guest has a name of its own, there would be a file of each for ever. */
static void of_many_undefined_guests_the_last_are_remembered(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");

	(void)state;
	tree_dir(host->root_fd, "var/lib/hostdev-hook");
	assert_int_equal(fchmodat(host->root_fd, "var/lib/hostdev-hook", 0700, 0), 0);
	put_pins(host, 260);
	tree_file(host->root_fd, NUMBERED("var/lib/hostdev-hook", "000000000000.loan"), "x\n");
	/* One is defined, and one has a run on record. */
	tree_file(host->root_fd, "etc/libvirt/qemu/a.xml",
		  "<uuid>00000000-0000-0000-0000-000000000001</uuid>\n");
	tree_file(host->root_fd, NUMBERED("run/hostdev-hook", "000000000002.journal"),
		  "hostdev-hook journal 1\nboot " BOOT "\nguest vm2\nuuid "
		  "00000000-0000-0000-0000-000000000002"
		  "\nlent\n");
	lend(host, "g1", NIC_XML("g1", UUID_1));
	assert_int_equal(count_pins(host, 1), 0);
	assert_false(
		tree_exists(host->root_fd, NUMBERED("var/lib/hostdev-hook", "000000000000.loan")));
	assert_int_equal(count_pins(host, 3), 2);
	assert_int_equal(count_pins(host, 4), 2);
	assert_int_equal(count_pins(host, 260), 258);
	assert_true(tree_exists(host->root_fd, PINS(UUID_1)));
}

/* Where the definitions cannot be read, any guest may have one. */
static void without_definitions_all_are_remembered(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");

	(void)state;
	tree_dir(host->root_fd, "var/lib/hostdev-hook");
	assert_int_equal(fchmodat(host->root_fd, "var/lib/hostdev-hook", 0700, 0), 0);
	put_pins(host, 260);
	tree_dir(host->root_fd, "etc/libvirt/qemu/a.xml");
	lend(host, "g1", NIC_XML("g1", UUID_1));
	assert_int_equal(count_pins(host, 260), 260);
}

/*
 * What an earlier one of its name has left is taken over only by a guest without a record of its
 * own: else that one's own device would be forgotten.
 */
static void of_two_records_of_one_name_none_is_lost(void **state)
{
	struct fault fails = {
		.kind = FAULT_FAIL, .at = FAULT_ANY, .path = "drivers/nouveau/bind", .code = EIO};
	struct fault fails_too = BIND_FAILS;
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_free char *before = testhost_tree(host);
	auto_call struct call prepare = PREPARE("g1", GPU_XML("g1", UUID_2));
	auto_call struct call release = RELEASE("g1", GPU_XML("g1", UUID_2));
	auto_call struct call again = PREPARE("g1", NIC_XML("g1", UUID_2));

	(void)state;
	leave_debt(host);
	testhost_script(host, &fails);
	testhost_script_add(host, &fails_too);
	assert_int_equal(called(host, &prepare), 0);
	assert_int_equal(called(host, &release), 1);
	assert_true(has_journal(host, UUID_2));
	assert_int_equal(called(host, &again), 1);
	assert_true(has_journal(host, UUID_1));
	assert_true(has_journal(host, UUID_2));
	testhost_script(host, NULL);
	free(recover_guest(host, NULL));
	assert_false(has_journal(host, UUID_2));
	check_home(host, before);
}

/* What is left of a run goes on in the next one's journal, but no more than that. */
static void what_is_home_is_not_claimed_again(void **state)
{
	struct fault fails = {.kind = FAULT_FAIL,
			      .at = FAULT_ANY,
			      .path = "drivers/vfio-pci/unbind",
			      .code = EIO};
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_call struct call release = RELEASE("g2", NIC_XML("g2", UUID_2));
	auto_call struct call again = PREPARE("g1", NIC_XML("g1", UUID_1));
	auto_free char *first = NULL, *journal = NULL;

	(void)state;
	/* So that loading the module is no step of the next run. */
	lend(host, "g2", NIC_XML("g2", UUID_2));
	assert_int_equal(called(host, &release), 0);
	lend(host, "g1", NIC_XML("g1", UUID_1));
	/* As "start" does for what libvirt takes from a pool. */
	first = tree_read(host->root_fd, FILE_OF(UUID_1));
	tree_file(host->root_fd, FILE_OF(UUID_1), "%s\nclaim 0000:01:00.0\n", first);
	testhost_script(host, &fails);
	/* As after a daemon that was killed: nobody has called "release". */
	assert_int_equal(called(host, &again), 0);
	journal = tree_read(host->root_fd, FILE_OF(UUID_1));
	assert_contains(journal, "claim 0000:03:00.0");
	assert_null(strstr(journal, "claim 0000:01:00.0"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_uuid_goes_on_where_the_last_one_ended),
		cmocka_unit_test(pins_of_a_renamed_guest_stay),
		cmocka_unit_test(pins_of_another_name_stay),
		cmocka_unit_test(of_many_undefined_guests_the_last_are_remembered),
		cmocka_unit_test(without_definitions_all_are_remembered),
		cmocka_unit_test(what_is_home_is_not_claimed_again),
		cmocka_unit_test(of_two_records_of_one_name_none_is_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
