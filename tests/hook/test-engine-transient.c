// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Guests that libvirt forgets with their end, and that have another UUID each time: one name, and
 * many records.
 */
#include "tests/hook/recover-call.h"

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
	assert_false(tree_exists(host->root_fd, "var/lib/hostdev-hook/" UUID_1 ".pins"));
	assert_true(tree_exists(host->root_fd, "var/lib/hostdev-hook/" UUID_2 ".pins"));
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
	assert_true(tree_exists(host->root_fd, "var/lib/hostdev-hook/" UUID_1 ".pins"));
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_uuid_goes_on_where_the_last_one_ended),
		cmocka_unit_test(pins_of_a_renamed_guest_stay),
		cmocka_unit_test(of_two_records_of_one_name_none_is_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
