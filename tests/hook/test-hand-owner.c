// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Devices lent to the QEMU of a user: the nodes of VFIO are theirs for as long as the loan lasts.
 */
#include "tests/hook/hand-call.h"

#include <sys/stat.h>

#define NIC_ADDR "0000:03:00.0"
#define CLASS "sys/class/vfio/16"
#define NODE "sys/bus/pci/devices/0000:03:00.0/vfio-dev/vfio0"

static const struct host_owner alice = {.uid = 1000, .gid = 1000, .mode = 0600};

/* They come and go with the driver in the kernel; here they stay, so that it can be seen. */
static struct testhost *machine_with_group(void)
{
	struct testhost *host = machine_with("");

	tree_file(host->root_fd, CLASS "/dev", "511:0\n");
	tree_file(host->root_fd, "dev/vfio/16", "%s", "");
	assert_int_equal(fchmodat(host->root_fd, "dev/vfio/16", 0600, 0), 0);
	return host;
}

/* And of a device that is with VFIO already, its own. */
static struct testhost *machine_with_nodes(void)
{
	struct testhost *host = machine_with_group();

	tree_file(host->root_fd, NODE "/dev", "510:0\n");
	tree_file(host->root_fd, NODE "/uevent", "DEVNAME=vfio/devices/vfio0\n");
	tree_link(host->root_fd, NODE "/subsystem", "sys/class/vfio-dev");
	tree_file(host->root_fd, "dev/vfio/devices/vfio0", "%s", "");
	assert_int_equal(fchmodat(host->root_fd, "dev/vfio/devices/vfio0", 0600, 0), 0);
	return host;
}

static void check_owner(const struct testhost *host, const char *path, uid_t uid)
{
	struct stat st;

	assert_int_equal(fstatat(host->root_fd, path, &st, 0), 0);
	assert_int_equal(st.st_uid, uid);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void check_owners(const struct testhost *host, uid_t uid)
{
	check_owner(host, "dev/vfio/16", uid);
	check_owner(host, "dev/vfio/devices/vfio0", uid);
}

static void there_and_back(void **state)
{
	auto_testhost struct testhost *host = machine_with_group();
	auto_hand struct hand_call call = BY_HAND(NIC_ADDR);
	auto_free char *log = NULL;

	(void)state;
	call.owner = &alice;
	assert_int_equal(lend_by_hand(host, &call), 0);
	check_owner(host, "dev/vfio/16", 1000);
	check_state(host, "device 0000:03:00.0 driver=vfio-pci");
	testhost_script(host, NULL);
	assert_int_equal(return_by_hand(host, &call), 0);
	check_owner(host, "dev/vfio/16", 0);
	check_state(host, "device 0000:03:00.0 driver=e1000e");
	/* Before anything else: nobody may open it again meanwhile. */
	log = testhost_log(host);
	assert_true(text_starts(log, "own /dev/vfio/16 0:0:600\nwrite "));
}

static void the_nodes_of_the_device_as_well(void **state)
{
	auto_testhost struct testhost *host = machine_with_nodes();
	auto_hand struct hand_call call = BY_HAND(NIC_ADDR);
	auto_free char *journal = NULL;

	(void)state;
	call.owner = &alice;
	check_lent_by_hand(host, &call);
	check_owners(host, 1000);
	journal = tree_read(host->root_fd, FILE_OF(HAND_UUID));
	assert_contains(journal, "\nowner vfio/16 0:0:600 1000:1000:600\n");
	assert_contains(journal, "\nowner vfio/devices/vfio0 0:0:600 1000:1000:600\n");
	assert_int_equal(return_by_hand(host, &call), 0);
	check_owners(host, 0);
}

/* Somebody else has made them theirs. */
static void what_is_another_ones_stays(void **state)
{
	auto_testhost struct testhost *host = machine_with_nodes();
	auto_hand struct hand_call call = BY_HAND(NIC_ADDR);

	(void)state;
	call.owner = &alice;
	check_lent_by_hand(host, &call);
	assert_int_equal(fchownat(host->root_fd, "dev/vfio/16", 1001, 1001, 0), 0);
	assert_int_equal(return_by_hand(host, &call), 0);
	check_owner(host, "dev/vfio/16", 1001);
	check_owner(host, "dev/vfio/devices/vfio0", 0);
}

static void one_that_cannot_be_given_undoes_the_loan(void **state)
{
	auto_testhost struct testhost *host = machine_with_nodes();
	auto_hand struct hand_call call = BY_HAND(NIC_ADDR);
	struct fault fault = {.kind = FAULT_FAIL,
			      .at = FAULT_ANY,
			      .path = "own /dev/vfio/devices/vfio0",
			      .value = "1000:1000:600",
			      .code = EROFS};

	(void)state;
	call.owner = &alice;
	testhost_script(host, &fault);
	assert_int_equal(lend_by_hand(host, &call), 1);
	assert_contains(call.said, "change the owner of /dev/vfio/devices/vfio0");
	assert_contains(call.said, "in the end nothing was changed");
	check_owners(host, 0);
	check_state(host, "device 0000:03:00.0 driver=e1000e");
	assert_false(has_journal(host, HAND_UUID));
}

static void who_dies_in_between_is_recovered(void **state)
{
	auto_testhost struct testhost *host = machine_with_nodes();
	auto_hand struct hand_call call = BY_HAND(NIC_ADDR);
	struct fault fault = {.kind = FAULT_DIE_AFTER, .at = FAULT_ANY, .path = "own /dev/vfio/16"};

	(void)state;
	call.owner = &alice;
	testhost_script(host, &fault);
	assert_true(lend_by_hand(host, &call) >= 1000);
	check_owner(host, "dev/vfio/16", 1000);
	testhost_script(host, NULL);
	check_one(host, NULL, "by hand returned: ", "lending it by hand was not finished");
	check_owners(host, 0);
	check_state(host, "device 0000:03:00.0 driver=e1000e");
}

/* Killed before the last of what a change of owner takes. */
static void what_was_given_half_is_taken_back(void **state)
{
	static const struct {
		struct host_owner wanted;
		uid_t uid;
		mode_t mode;
	} halves[] = {
		{{.uid = 1000, .gid = 1000, .mode = 0660}, 1000, 0600},
		{{.uid = 1000, .gid = 1000, .mode = 0060}, 0, 0000},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(halves) / sizeof(*halves); i++) {
		auto_testhost struct testhost *host = machine_with_group();
		auto_hand struct hand_call call = BY_HAND(NIC_ADDR);

		call.owner = &halves[i].wanted;
		check_lent_by_hand(host, &call);
		assert_int_equal(
			fchownat(host->root_fd, "dev/vfio/16", halves[i].uid, halves[i].uid, 0), 0);
		assert_int_equal(fchmodat(host->root_fd, "dev/vfio/16", halves[i].mode, 0), 0);
		assert_int_equal(return_by_hand(host, &call), 0);
		check_owner(host, "dev/vfio/16", 0);
	}
}

static void one_without_nodes_is_told(void **state)
{
	auto_testhost struct testhost *host = machine_with("");
	auto_hand struct hand_call call = BY_HAND(NIC_ADDR);

	(void)state;
	call.owner = &alice;
	assert_int_equal(lend_by_hand(host, &call), 1);
	assert_contains(call.said, "the devices have no node below /dev/vfio");
	check_state(host, "device 0000:03:00.0 driver=e1000e");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(the_nodes_of_the_device_as_well),
		cmocka_unit_test(what_is_another_ones_stays),
		cmocka_unit_test(one_that_cannot_be_given_undoes_the_loan),
		cmocka_unit_test(who_dies_in_between_is_recovered),
		cmocka_unit_test(what_was_given_half_is_taken_back),
		cmocka_unit_test(one_without_nodes_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
