// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a running guest has given away, and what stands at the address of a device when its guest
 * has ended.
 */
#include "tests/hook/recover-call.h"

#include <stdio.h>

static void tell_strangers(enum log_level level, const struct log_fields *fields,
			   const char *message)
{
	(void)level;
	(void)fields;
	if (strstr(message, "another device"))
		dprintf(STDERR_FILENO, "%s\n", message);
}

/* --- devices that are detached from a guest that runs --- */

#define LIVE(devices)                                                                              \
	"<domstatus state='running' reason='booted' pid='900'>\n"                                  \
	"<domain type='kvm' id='1'><name>g1</name><uuid>" UUID_1 "</uuid><devices>" devices        \
	"</devices></domain></domstatus>\n"
#define STATUS "run/libvirt/qemu/g1.xml"
#define BOTH HOSTDEV("0x01", "0x0") HOSTDEV("0x01", "0x1") HOSTDEV("0x03", "0x0")

static struct testhost *running_guest_on(const char *lines, const char *devices, const char *live)
{
	auto_free char *all = xasprintf(
		"%sprocess 900 comm=qemu-system-x86 "
		"cmdline=\"/usr/bin/qemu-system-x86_64 -name guest=g1 -uuid " UUID_1 " -S\"\n",
		lines);
	struct testhost *host = machine_with_caller(all);
	auto_free char *xml = xasprintf("<domain type='kvm'><name>g1</name><uuid>" UUID_1
					"</uuid><devices>%s</devices></domain>",
					devices);

	lend(host, "g1", xml);
	tree_file(host->root_fd, STATUS, "%s", live);
	return host;
}

static struct testhost *running_guest(const char *devices, const char *live)
{
	return running_guest_on("", devices, live);
}

static void what_it_has_stays(void **state)
{
	auto_testhost struct testhost *host = running_guest(BOTH, LIVE(BOTH));
	auto_call struct call prepare = PREPARE("g2", NIC_XML("g2", UUID_2));

	(void)state;
	check_left_alone(host, "g1 left: ", "it runs (process 900)");
	assert_int_equal(called(host, &prepare), 1);
	assert_contains(prepare.said, "belongs to guest g1");
}

static void recover_returns_what_was_detached(void **state)
{
	auto_testhost struct testhost *host =
		running_guest(BOTH, LIVE(HOSTDEV("0x01", "0x0") HOSTDEV("0x01", "0x1")));
	auto_call struct call release = RELEASE("g1", "");
	auto_free char *now = NULL;

	(void)state;
	testhost_script(host, NULL);
	check_one(host, "g1", "g1 returned: ",
		  "it runs (process 900), and 0000:03:00.0 (Intel 82574L Gigabit Network "
		  "Connection) was detached");
	now = testhost_state(host);
	assert_contains(now, "device 0000:03:00.0 driver=e1000e");
	assert_contains(now, "device 0000:01:00.0 driver=vfio-pci");
	testhost_script(host, NULL);
	check_left_alone(host, "g1 left: ", "it runs (process 900)");
	testhost_process_gone(host, 900);
	tree_remove(host->root_fd, STATUS);
	assert_int_equal(called(host, &release), 0);
	assert_false(has_journal(host, UUID_1));
}

/* Whatever guest the engine is called for. */
static void the_next_call_returns_what_was_detached(void **state)
{
	auto_testhost struct testhost *host =
		running_guest(BOTH, LIVE(HOSTDEV("0x01", "0x0") HOSTDEV("0x01", "0x1")));
	auto_call struct call release =
		RELEASE("g2", "<domain><name>g2</name><uuid>" UUID_2 "</uuid></domain>");
	auto_free char *now = NULL;

	(void)state;
	testhost_script(host, NULL);
	assert_int_equal(called(host, &release), 0);
	now = testhost_state(host);
	assert_contains(now, "device 0000:03:00.0 driver=e1000e");
	assert_contains(now, "device 0000:01:00.0 driver=vfio-pci");
	assert_true(has_journal(host, UUID_1));
}

/* libvirt has bound it again, and does not bring it home. */
static void what_was_attached_again_comes_home(void **state)
{
	auto_testhost struct testhost *host =
		running_guest(BOTH, LIVE(HOSTDEV("0x01", "0x0") HOSTDEV("0x01", "0x1")));
	auto_call struct call release = RELEASE("g1", "");
	auto_free char *now = NULL;

	(void)state;
	testhost_script(host, NULL);
	check_one(host, "g1", "g1 returned: ",
		  "0000:03:00.0 (Intel 82574L Gigabit Network Connection) was detached");
	testhost_set(host, "0000:03:00.0", "driver_override", "vfio-pci");
	testhost_rebind(host, "0000:03:00.0", "vfio-pci");
	tree_file(host->root_fd, STATUS, "%s", LIVE(BOTH));
	testhost_process_gone(host, 900);
	tree_remove(host->root_fd, STATUS);
	assert_int_equal(called(host, &release), 0);
	now = testhost_state(host);
	assert_contains(now, "device 0000:03:00.0 driver=e1000e");
	assert_false(has_journal(host, UUID_1));
}

static void another_guest_gets_what_was_detached(void **state)
{
	auto_testhost struct testhost *host =
		running_guest(BOTH, LIVE(HOSTDEV("0x01", "0x0") HOSTDEV("0x01", "0x1")));
	auto_call struct call release = RELEASE("g2", NIC_XML("g2", UUID_2));
	auto_call struct call end = RELEASE("g1", "");

	(void)state;
	testhost_script(host, NULL);
	lend(host, "g2", NIC_XML("g2", UUID_2));
	assert_int_equal(called(host, &release), 0);
	testhost_process_gone(host, 900);
	tree_remove(host->root_fd, STATUS);
	assert_int_equal(called(host, &end), 0);
	assert_false(has_journal(host, UUID_1));
}

/* The end of the guest that has given it away takes nothing from who has it now. */
static void what_another_guest_has_by_now_stays_with_it(void **state)
{
	auto_testhost struct testhost *host =
		running_guest(BOTH, LIVE(HOSTDEV("0x01", "0x0") HOSTDEV("0x01", "0x1")));
	auto_call struct call end = RELEASE("g1", "");
	auto_call struct call release = RELEASE("g2", NIC_XML("g2", UUID_2));
	auto_free char *lent = NULL, *home = NULL;

	(void)state;
	testhost_script(host, NULL);
	lend(host, "g2", NIC_XML("g2", UUID_2));
	testhost_process_gone(host, 900);
	tree_remove(host->root_fd, STATUS);
	assert_int_equal(called(host, &end), 0);
	assert_false(has_journal(host, UUID_1));
	lent = testhost_state(host);
	assert_contains(lent, "device 0000:03:00.0 driver=vfio-pci");
	assert_contains(lent, "device 0000:01:00.0 driver=nouveau");
	assert_int_equal(called(host, &release), 0);
	home = testhost_state(host);
	assert_contains(home, "device 0000:03:00.0 driver=e1000e");
}

/* Of a card with two functions only one is detached: its group is in the guest's hand. */
static void a_mate_of_what_it_has_stays(void **state)
{
	auto_testhost struct testhost *host =
		running_guest(BOTH, LIVE(HOSTDEV("0x01", "0x0") HOSTDEV("0x03", "0x0")));

	(void)state;
	check_left_alone(host, "g1 left: ", "it runs (process 900)");
}

/* The same where only the group is one. */
static void what_shares_a_group_with_what_it_has_stays(void **state)
{
	auto_testhost struct testhost *host = running_guest_on(
		"device 0000:04:00.0 8086:10d3 class=020000 group=16 driver=e1000e\n",
		HOSTDEV("0x03", "0x0") HOSTDEV("0x04", "0x0"), LIVE(HOSTDEV("0x04", "0x0")));

	(void)state;
	testhost_script(host, NULL);
	check_left_alone(host, "g1 left: ", "it runs (process 900)");
}

/* The same where only the slot is one: the board keeps the functions of the card apart. */
static void what_shares_a_slot_with_what_it_has_stays(void **state)
{
	auto_testhost struct testhost *host = running_guest_on(
		"device 0000:04:00.0 8086:10d3 class=020000 group=17 driver=e1000e\n"
		"device 0000:04:00.1 8086:10d3 class=020000 group=18 driver=e1000e\n",
		HOSTDEV("0x04", "0x0") HOSTDEV("0x04", "0x1"), LIVE(HOSTDEV("0x04", "0x0")));

	(void)state;
	check_left_alone(host, "g1 left: ", "it runs (process 900)");
}

/* libvirt has let go of it, and QEMU has not yet. */
static void what_is_still_open_stays(void **state)
{
	auto_testhost struct testhost *host =
		running_guest(BOTH, LIVE(HOSTDEV("0x01", "0x0") HOSTDEV("0x01", "0x1")));

	(void)state;
	open_through_vfio(host);
	testhost_script(host, NULL);
	check_left_alone(host, "g1 left: ", "what was detached from it is still open in a process");
}

/* The end of the boot brings it home. */
static void while_the_host_goes_down_it_stays(void **state)
{
	auto_testhost struct testhost *host =
		running_guest(BOTH, LIVE(HOSTDEV("0x01", "0x0") HOSTDEV("0x01", "0x1")));
	auto_call struct call release = RELEASE("g2", "");

	(void)state;
	tree_file(host->root_fd, "going-down", "yes\n");
	testhost_script(host, NULL);
	check_left_alone(host, "g1 left: ", "it runs (process 900)");
	assert_int_equal(called(host, &release), 0);
	assert_int_equal(testhost_operations(host), 0);
}

/* Of this run nothing but what was attached again is to be returned: that is known only then. */
static void what_was_attached_again_stays_while_the_host_goes_down(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_call struct call release = RELEASE("g1", ""), before = RELEASE("g2", "");
	auto_free char *journal = NULL, *home = NULL;

	(void)state;
	/* Loads the driver for it. */
	lend(host, "g2", NIC_XML("g2", UUID_2));
	assert_int_equal(called(host, &before), 0);
	tree_file(host->root_fd, FILE_OF(UUID_1),
		  "hostdev-hook journal 1\nboot " BOOT "\nguest g1\nuuid " UUID_1
		  "\nclaim 0000:03:00.0\nclaim 0000:03:10.0\n"
		  "step driver 0000:03:00.0 e1000e -> vfio-pci,override=vfio-pci # device\n"
		  "done 1\nlent\ndetached 0000:03:00.0\nundone 1\n");
	assert_int_equal(fchmodat(host->root_fd, "run/hostdev-hook", 0700, 0), 0);
	testhost_set(host, "0000:03:00.0", "driver_override", "vfio-pci");
	testhost_rebind(host, "0000:03:00.0", "vfio-pci");
	tree_file(host->root_fd, "going-down", "yes\n");
	testhost_script(host, NULL);
	assert_int_equal(called(host, &release), 0);
	assert_int_equal(testhost_operations(host), 0);
	journal = tree_read(host->root_fd, FILE_OF(UUID_1));
	assert_contains(journal, "\nreturning");
	tree_remove(host->root_fd, "going-down");
	check_one(host, NULL, "g1 returned: ", "its return was not finished");
	home = testhost_state(host);
	assert_contains(home, "device 0000:03:00.0 driver=e1000e");
}

/* It ends already: its return is a matter of its own, and waits for its QEMU. */
static void of_one_that_ends_nothing_is_detached(void **state)
{
	auto_testhost struct testhost *host =
		running_guest(BOTH, LIVE(HOSTDEV("0x01", "0x0") HOSTDEV("0x01", "0x1")));
	auto_free char *journal = tree_read(host->root_fd, FILE_OF(UUID_1));

	(void)state;
	tree_file(host->root_fd, FILE_OF(UUID_1), "%s\nreturning\n", journal);
	testhost_script(host, NULL);
	check_left_alone(host, "g1 left: ", "its QEMU (process 900) has not ended yet");
}

static void with_the_last_device_all_is_returned(void **state)
{
	auto_testhost struct testhost *host = running_guest(HOSTDEV("0x03", "0x0"), LIVE(""));

	(void)state;
	testhost_script(host, NULL);
	check_one(host, NULL, "g1 returned: ",
		  "0000:03:00.0 (Intel 82574L Gigabit Network Connection) was detached");
	assert_false(has_journal(host, UUID_1));
}

/* Another guest's status says nothing, and neither does one that cannot be read. */
static void without_libvirts_word_nothing_is_detached(void **state)
{
	auto_testhost struct testhost *host = running_guest(BOTH, "<domstatus>");

	(void)state;
	check_left_alone(host, "g1 left: ", "it runs (process 900)");
	tree_file(host->root_fd, STATUS,
		  "<domstatus><domain type='kvm'><name>g1</name><uuid>" UUID_2
		  "</uuid></domain></domstatus>\n");
	check_left_alone(host, "g1 left: ", "it runs (process 900)");
	tree_remove(host->root_fd, STATUS);
	check_left_alone(host, "g1 left: ", "it runs (process 900)");
}

/* --- another device at the address --- */

static void a_stranger_is_left_alone(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_call struct call release = RELEASE("g1", NIC_XML("g1", UUID_1));
	auto_free char *log = NULL;

	(void)state;
	lend(host, "g1", NIC_XML("g1", UUID_1));
	testhost_rebind(host, "0000:03:00.0", NULL);
	testhost_set(host, "0000:03:00.0", "driver_override", "(null)");
	tree_file(host->root_fd, "sys/bus/pci/devices/0000:03:00.0/vendor", "0x1234\n");
	tree_file(host->root_fd, "sys/bus/pci/devices/0000:03:00.0/device", "0x11e8\n");
	tree_file(host->root_fd, "sys/bus/pci/devices/0000:03:00.0/class", "0x00ff00\n");
	testhost_script(host, NULL);
	release.sink = tell_strangers;
	assert_int_equal(called(host, &release), 0);
	assert_contains(release.said, "another device stands at its address now: "
				      "1234:11e8:");
	assert_contains(
		release.said,
		"the device that was lent is Intel 82574L Gigabit Network Connection, 8086:10d3:");
	log = testhost_log(host);
	assert_null(strstr(log, "0000:03:00.0"));
	assert_false(has_journal(host, UUID_1));
}

/* What was detached was pulled out as well, and another card is in the slot. */
static void a_stranger_in_the_slot_of_what_was_detached_is_left_alone(void **state)
{
	auto_testhost struct testhost *host =
		running_guest(BOTH, LIVE(HOSTDEV("0x01", "0x0") HOSTDEV("0x01", "0x1")));
	auto_free char *log = NULL;

	(void)state;
	testhost_rebind(host, "0000:03:00.0", NULL);
	testhost_set(host, "0000:03:00.0", "driver_override", "(null)");
	tree_file(host->root_fd, "sys/bus/pci/devices/0000:03:00.0/vendor", "0x1234\n");
	testhost_script(host, NULL);
	check_one(host, "g1", "g1 returned: ", "was detached");
	log = testhost_log(host);
	assert_null(strstr(log, "0000:03:00.0"));
}

/* A number that cannot be read is no other device: it would be left on vfio-pci for ever. */
static void what_cannot_be_read_is_no_stranger(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_call struct call release = RELEASE("g1", NIC_XML("g1", UUID_1));
	auto_free char *now = NULL;

	(void)state;
	lend(host, "g1", NIC_XML("g1", UUID_1));
	tree_remove(host->root_fd, "sys/bus/pci/devices/0000:03:00.0/vendor");
	assert_int_equal(called(host, &release), 0);
	now = testhost_state(host);
	assert_contains(now, "device 0000:03:00.0 driver=e1000e");
	assert_false(has_journal(host, UUID_1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_it_has_stays),
		cmocka_unit_test(recover_returns_what_was_detached),
		cmocka_unit_test(the_next_call_returns_what_was_detached),
		cmocka_unit_test(what_was_attached_again_comes_home),
		cmocka_unit_test(another_guest_gets_what_was_detached),
		cmocka_unit_test(what_another_guest_has_by_now_stays_with_it),
		cmocka_unit_test(a_mate_of_what_it_has_stays),
		cmocka_unit_test(what_shares_a_group_with_what_it_has_stays),
		cmocka_unit_test(what_shares_a_slot_with_what_it_has_stays),
		cmocka_unit_test(what_is_still_open_stays),
		cmocka_unit_test(while_the_host_goes_down_it_stays),
		cmocka_unit_test(what_was_attached_again_stays_while_the_host_goes_down),
		cmocka_unit_test(of_one_that_ends_nothing_is_detached),
		cmocka_unit_test(with_the_last_device_all_is_returned),
		cmocka_unit_test(without_libvirts_word_nothing_is_detached),
		cmocka_unit_test(a_stranger_is_left_alone),
		cmocka_unit_test(a_stranger_in_the_slot_of_what_was_detached_is_left_alone),
		cmocka_unit_test(what_cannot_be_read_is_no_stranger),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
