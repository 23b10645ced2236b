// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Devices that an admin lends by hand, and gives back: by the same work as the hook's, with the
 * same reasons to refuse, and whatever happens on the way.
 */
#include "tests/hook/hand-call.h"

#include <poll.h>

#define NIC_ADDR "0000:03:00.0"
#define GPU_ADDR "0000:01:00.0"

static void there_and_back(void **state)
{
	auto_testhost struct testhost *host = machine_with("");
	auto_free char *before = testhost_tree(host), *journal = NULL;
	auto_hand struct hand_call call = BY_HAND(GPU_ADDR);

	(void)state;
	check_lent_by_hand(host, &call);
	check_state(host, "device 0000:01:00.0 driver=vfio-pci");
	check_state(host, "device 0000:01:00.1 driver=vfio-pci");
	journal = tree_read(host->root_fd, FILE_OF(HAND_UUID));
	assert_contains(journal, "\nguest by hand\n");
	assert_contains(journal, "\nby-hand\n");
	assert_null(strstr(journal, "\ncaller "));
	/* It was made for this loan: nothing of it will ever be asked for again. */
	assert_false(tree_exists(host->root_fd, "var/lib/hostdev-hook/" HAND_UUID ".pins"));
	assert_int_equal(return_by_hand(host, &call), 0);
	assert_string_equal(call.said, "0000:01:00.0\n0000:01:00.1\n");
	check_home(host, before);
	/* Once more there is nothing to do. */
	assert_int_equal(return_by_hand(host, &call), 0);
	assert_string_equal(call.said, "");
}

static void a_dry_run_changes_nothing(void **state)
{
	auto_testhost struct testhost *host = machine_with("");
	auto_hand struct hand_call call = BY_HAND(NIC_ADDR);
	auto_free char *before = NULL, *after = NULL;

	(void)state;
	check_lent_by_hand(host, &call);
	before = testhost_tree(host);
	call.dry_run = true;
	assert_int_equal(return_by_hand(host, &call), 0);
	assert_string_equal(call.said, NIC_ADDR "\n");
	after = testhost_tree(host);
	assert_text(after, before);
	assert_int_equal(testhost_operations(host), 0);
	assert_true(has_journal(host, HAND_UUID));
}

/* --- refusals --- */

static void what_a_guest_has_is_refused(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_hand struct hand_call call = BY_HAND(NIC_ADDR);

	(void)state;
	lend(host, "g1", NIC_XML("g1", UUID_1));
	check_refused_by_hand(host, &call, lend_by_hand_work, "belongs to guest g1.");
	assert_contains(call.said, "Stop g1 first.");
	assert_false(has_journal(host, HAND_UUID));
}

/* Each mate is consented to by its address. */
static void a_mate_is_named_for_consent(void **state)
{
	auto_testhost struct testhost *host =
		machine_with("device 0000:04:00.0 8086:10d3 class=020000 group=16 driver=e1000e\n");
	auto_hand struct hand_call call = BY_HAND(NIC_ADDR);

	(void)state;
	check_refused_by_hand(host, &call, lend_by_hand_work, "shares IOMMU group 16 with");
	assert_contains(call.said, "let all of it go along: --with 0000:04:00.0.\n");
	assert_null(strstr(call.said, "group=whole"));
	assert_null(strstr(call.said, "guest"));
}

static void all_reasons_are_told(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_hand struct hand_call call = {.xml = DOMAIN("g2", UUID_2,
							 HOSTDEV("0x01", "0x0")
								 HOSTDEV("0x03", "0x0")
									 HOSTDEV("0x0a", "0x0"))};

	(void)state;
	lend(host, "g1", NIC_XML("g1", UUID_1));
	check_refused_by_hand(host, &call, lend_by_hand_work, "belongs to guest g1.");
	assert_contains(call.said, "there is no PCI device 0000:0a:00.0");
}

static bool disagrees(void *data, const struct plan *plan)
{
	(void)data;
	return plan->step_count == 0;
}

static void what_was_not_agreed_to_is_not_done(void **state)
{
	auto_testhost struct testhost *host = machine_with("");
	auto_hand struct hand_call call = BY_HAND(NIC_ADDR);

	(void)state;
	call.agrees = disagrees;
	check_refused_by_hand(host, &call, lend_by_hand_work, "something else has come to use it");
	assert_false(has_journal(host, HAND_UUID));
}

static void what_is_open_is_not_returned(void **state)
{
	auto_testhost struct testhost *host = machine_with("process 900 comm=qemu-system-x86\n");
	auto_hand struct hand_call call = BY_HAND(NIC_ADDR);

	(void)state;
	check_lent_by_hand(host, &call);
	open_through_vfio(host);
	check_refused_by_hand(host, &call, return_by_hand_work, "is still in use: process 900");
	tree_remove(host->root_fd, "proc/900");
	tree_remove(host->root_fd, "sys/bus/pci/devices/0000:03:00.0/vfio-dev");
	assert_int_equal(return_by_hand(host, &call), 0);
	check_state(host, "device 0000:03:00.0 driver=e1000e");
}

static void what_a_guest_has_is_not_returned(void **state)
{
	auto_testhost struct testhost *host =
		machine_with_caller("process 900 comm=qemu-system-x86 "
				    "cmdline=\"/usr/bin/qemu-system-x86_64 -uuid " UUID_1 "\"\n");
	auto_hand struct hand_call call = {.uuid = UUID_1};

	(void)state;
	lend(host, "g1", NIC_XML("g1", UUID_1));
	check_refused_by_hand(host, &call, return_by_hand_work, "g1 runs (process 900)");
	testhost_process_gone(host, 900);
	check_refused_by_hand(host, &call, return_by_hand_work, "run \"hostdevctl recover g1\"");
}

/* libvirt calls with nothing but a name, for a guest of that name. */
static void a_release_in_its_name_leaves_it(void **state)
{
	auto_testhost struct testhost *host = machine_with("");
	auto_call struct call by_name = RELEASE("g1", "");
	auto_call struct call by_uuid = RELEASE("g1", NIC_XML("g1", HAND_UUID));
	auto_hand struct hand_call call = BY_HAND(NIC_ADDR);

	(void)state;
	call.name = "g1";
	check_lent_by_hand(host, &call);
	assert_int_equal(called(host, &by_name), 0);
	assert_int_equal(called(host, &by_uuid), 0);
	assert_int_equal(testhost_operations(host), 0);
	assert_true(has_journal(host, HAND_UUID));
}

static void nothing_is_returned_while_the_host_goes_down(void **state)
{
	auto_testhost struct testhost *host = machine_with("");
	auto_hand struct hand_call call = BY_HAND(NIC_ADDR);

	(void)state;
	check_lent_by_hand(host, &call);
	tree_file(host->root_fd, "going-down", "yes\n");
	check_refused_by_hand(host, &call, return_by_hand_work, "the host is being shut down");
}

/* --- a guest's devices before it starts --- */

#define CARD_XML DOMAIN("g1", UUID_1, HOSTDEV("0x01", "0x0"))
#define OF_G1                                                                                      \
	{                                                                                          \
		.xml = CARD_XML, .uuid = UUID_1                                                    \
	}

static char *journal_text(const struct testhost *host)
{
	return tree_read(host->root_fd, FILE_OF(UUID_1));
}

/* No driver changes a second time, and the guest's stop returns what an admin has lent. */
static void a_start_takes_the_loan_over(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_call struct call prepare = PREPARE("g1", CARD_XML), release = RELEASE("g1", "");
	auto_hand struct hand_call call = OF_G1;
	auto_free char *before = testhost_tree(host), *journal = NULL;

	(void)state;
	check_lent_by_hand(host, &call);
	assert_true(tree_exists(host->root_fd, "var/lib/hostdev-hook/" UUID_1 ".pins"));
	assert_int_equal(called(host, &prepare), 0);
	assert_string_equal(prepare.said, "");
	assert_int_equal(testhost_operations(host), 0);
	journal = journal_text(host);
	assert_contains(journal, "\ntaken-over\ncaller ");
	check_refused_by_hand(host, &call, return_by_hand_work,
			      "it is lent to g1, and not by hand");
	assert_int_equal(called(host, &release), 0);
	check_home(host, before);
}

/* Without it nobody would come back for a guest that libvirt has never started. */
static void what_was_taken_over_is_recovered_as_any_run(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_call struct call prepare = PREPARE("g1", CARD_XML);
	auto_hand struct hand_call call = OF_G1;
	auto_free char *before = testhost_tree(host);

	(void)state;
	check_lent_by_hand(host, &call);
	check_left_alone(host, "g1 left: ", "it was lent by hand");
	assert_int_equal(called(host, &prepare), 0);
	testhost_process_gone(host, getpid());
	check_one(host, NULL, "g1 returned: ", "the libvirt that started it is gone");
	check_home(host, before);
}

static void check_lent_anew(struct testhost *host, const char *devices)
{
	auto_free char *xml = xasprintf("<domain type='kvm'><name>g1</name><uuid>" UUID_1
					"</uuid><devices>%s</devices></domain>",
					devices);
	auto_call struct call prepare = PREPARE("g1", xml);
	auto_free char *journal = NULL;

	assert_int_equal(called(host, &prepare), 0);
	assert_string_equal(prepare.said, "");
	journal = journal_text(host);
	assert_null(strstr(journal, "by-hand"));
	assert_true(testhost_operations(host) > 0);
}

static void a_loan_that_lacks_a_device_is_lent_anew(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_call struct call release = RELEASE("g1", "");
	auto_hand struct hand_call call = OF_G1;
	auto_free char *before = testhost_tree(host);

	(void)state;
	check_lent_by_hand(host, &call);
	check_lent_anew(host, HOSTDEV("0x01", "0x0") HOSTDEV("0x03", "0x0"));
	check_state(host, "device 0000:03:00.0 driver=vfio-pci");
	assert_int_equal(called(host, &release), 0);
	check_home(host, before);
}

static void a_loan_of_which_somebody_has_taken_a_device_is_lent_anew(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_call struct call release = RELEASE("g1", "");
	auto_hand struct hand_call call = OF_G1;
	auto_free char *before = testhost_tree(host);

	(void)state;
	check_lent_by_hand(host, &call);
	testhost_set(host, GPU_ADDR, "driver_override", "nouveau");
	testhost_rebind(host, GPU_ADDR, "nouveau");
	testhost_set(host, GPU_ADDR, "driver_override", "(null)");
	check_lent_anew(host, HOSTDEV("0x01", "0x0"));
	check_state(host, "device 0000:01:00.0 driver=vfio-pci");
	assert_int_equal(called(host, &release), 0);
	check_home(host, before);
}

/* QEMU would only find out that the device is busy. */
static void a_loan_that_somebody_uses_is_not_taken_over(void **state)
{
	auto_testhost struct testhost *host =
		machine_with_caller("process 900 comm=qemu-system-x86\n");
	auto_call struct call prepare = PREPARE("g1", NIC_XML("g1", UUID_1));
	auto_hand struct hand_call call = {.xml = NIC_XML("g1", UUID_1), .uuid = UUID_1};

	(void)state;
	check_lent_by_hand(host, &call);
	open_through_vfio(host);
	check_refused(host, &prepare,
		      "its devices were lent by hand, and 0000:03:00.0 is still in "
		      "use: process 900");
}

static void what_a_guest_has_is_not_lent_to_it_again(void **state)
{
	auto_testhost struct testhost *host =
		machine_with_caller("process 900 comm=qemu-system-x86 "
				    "cmdline=\"/usr/bin/qemu-system-x86_64 -uuid " UUID_1 "\"\n");
	auto_call struct call prepare = PREPARE("g1", CARD_XML);
	auto_hand struct hand_call call = OF_G1;

	(void)state;
	check_refused_by_hand(host, &call, lend_by_hand_work, "it runs (process 900)");
	testhost_process_gone(host, 900);
	check_lent_by_hand(host, &call);
	check_refused_by_hand(host, &call, lend_by_hand_work, "are lent by hand already");
	assert_int_equal(called(host, &prepare), 0);
	check_refused_by_hand(host, &call, lend_by_hand_work, "libvirt is about to start it");
}

/* --- on the way --- */

static int count_operations(bool of_return)
{
	auto_testhost struct testhost *host = machine_with("");
	auto_hand struct hand_call call = BY_HAND(NIC_ADDR);
	int count;

	assert_int_equal(lend_by_hand(host, &call), 0);
	count = testhost_operations(host);
	testhost_script(host, NULL);
	assert_int_equal(return_by_hand(host, &call), 0);
	return of_return ? testhost_operations(host) : count;
}

static void a_failing_operation_is_undone(void **state)
{
	int count = count_operations(false);

	(void)state;
	assert_true(count > 2);
	for (int at = 0; at < count; at++) {
		auto_testhost struct testhost *host = machine_with("");
		auto_hand struct hand_call call = BY_HAND(NIC_ADDR);
		struct fault fault = {.kind = FAULT_FAIL, .at = at, .code = EIO};
		auto_free char *before = testhost_tree(host);

		testhost_script(host, &fault);
		if (lend_by_hand(host, &call) == 0)
			return_by_hand(host, &call);
		check_home(host, before);
		assert_false(has_journal(host, HAND_UUID));
	}
}

/* A worker that outlives its program may be through with the return by then, or about to be. */
static void check_recovers(struct testhost *host, const char *before)
{
	auto_free char *said = recover_guest(host, NULL);

	if (*said)
		assert_contains(said, "by hand ");
	for (int i = 0; i < 400 && has_journal(host, HAND_UUID); i++)
		poll(NULL, 0, 50);
	check_home(host, before);
	assert_false(has_journal(host, HAND_UUID));
}

/* As when somebody presses Ctrl-C. */
static void who_dies_in_lend_is_recovered(void **state)
{
	int count = count_operations(false);

	(void)state;
	for (int at = 0; at < count; at++) {
		auto_testhost struct testhost *host = machine_with("");
		auto_hand struct hand_call call = BY_HAND(NIC_ADDR);
		struct fault fault = {.kind = FAULT_DIE_AFTER, .at = at};
		auto_free char *before = testhost_tree(host);

		testhost_script(host, &fault);
		assert_true(lend_by_hand(host, &call) >= 1000);
		testhost_script(host, NULL);
		check_recovers(host, before);
	}
}

static void who_dies_in_return_is_returned_again(void **state)
{
	int count = count_operations(true);

	(void)state;
	for (int at = 0; at < count; at++) {
		auto_testhost struct testhost *host = machine_with("");
		auto_hand struct hand_call call = BY_HAND(NIC_ADDR);
		struct fault fault = {.kind = FAULT_DIE_BEFORE, .at = at};
		auto_free char *before = testhost_tree(host);

		check_lent_by_hand(host, &call);
		testhost_script(host, &fault);
		assert_true(return_by_hand(host, &call) >= 1000);
		testhost_script(host, NULL);
		assert_int_equal(return_by_hand(host, &call), 0);
		check_home(host, before);
		assert_false(has_journal(host, HAND_UUID));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(a_dry_run_changes_nothing),
		cmocka_unit_test(what_a_guest_has_is_refused),
		cmocka_unit_test(a_mate_is_named_for_consent),
		cmocka_unit_test(all_reasons_are_told),
		cmocka_unit_test(what_was_not_agreed_to_is_not_done),
		cmocka_unit_test(what_is_open_is_not_returned),
		cmocka_unit_test(what_a_guest_has_is_not_returned),
		cmocka_unit_test(a_release_in_its_name_leaves_it),
		cmocka_unit_test(nothing_is_returned_while_the_host_goes_down),
		cmocka_unit_test(a_start_takes_the_loan_over),
		cmocka_unit_test(what_was_taken_over_is_recovered_as_any_run),
		cmocka_unit_test(a_loan_that_lacks_a_device_is_lent_anew),
		cmocka_unit_test(a_loan_of_which_somebody_has_taken_a_device_is_lent_anew),
		cmocka_unit_test(a_loan_that_somebody_uses_is_not_taken_over),
		cmocka_unit_test(what_a_guest_has_is_not_lent_to_it_again),
		cmocka_unit_test(a_failing_operation_is_undone),
		cmocka_unit_test(who_dies_in_lend_is_recovered),
		cmocka_unit_test(who_dies_in_return_is_returned_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
