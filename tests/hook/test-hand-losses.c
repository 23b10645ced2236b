// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Loans by hand at the edges: what must not be lost, ended or told wrongly when a guest, its QEMU
 * or another loan comes in between.
 */
#include "tests/hook/hand-call.h"

#include "session/plug.h"

#define NIC_ADDR "0000:03:00.0"
#define CARD HOSTDEV("0x01", "0x0") HOSTDEV("0x01", "0x1")
#define NIC HOSTDEV("0x03", "0x0")
#define LIVE(devices)                                                                              \
	"<domstatus state='running' reason='booted' pid='900'>\n"                                  \
	"<domain type='kvm' id='1'><name>g1</name><uuid>" UUID_1 "</uuid><devices>" devices        \
	"</devices></domain></domstatus>\n"
#define STATUS "run/libvirt/qemu/g1.xml"
#define QEMU                                                                                       \
	"process 900 comm=qemu-system-x86 "                                                        \
	"cmdline=\"/usr/bin/qemu-system-x86_64 -name guest=g1 -uuid " UUID_1 " -S\" "
#define TO_G1                                                                                      \
	{                                                                                          \
		.addr = NIC_ADDR, .name = "g1", .uuid = UUID_1, .runs = true                       \
	}
#define RECORD(uuid) "run/hostdev-hook/" uuid ".last"

static char *record_of(const struct testhost *host)
{
	return tree_read(host->root_fd, RECORD(UUID_1));
}

#define OTHER_NIC "device 0000:04:00.0 8086:10d3 class=020000 group=17 driver=e1000e\n"

static struct testhost *running_guest(void)
{
	struct testhost *host = machine_with_caller(OTHER_NIC QEMU "\n");

	lend(host, "g1", DOMAIN("g1", UUID_1, CARD));
	tree_file(host->root_fd, STATUS, "%s", LIVE(CARD));
	return host;
}

static void begin_and_die(struct testhost *host)
{
	struct fault dies = {.kind = FAULT_DIE_AFTER,
			     .at = FAULT_ANY,
			     .path = "0000:03:00.0/driver_override",
			     .value = "vfio-pci"};
	auto_hand struct hand_call call = TO_G1;

	testhost_script(host, &dies);
	assert_true(lend_by_hand(host, &call) >= 1000);
	testhost_script(host, NULL);
}

/* An error of the way back that reads like "there is no journal". */
static void a_plug_that_cannot_be_undone_keeps_the_journal(void **state)
{
	auto_testhost struct testhost *host = running_guest();
	struct fault fails = {.kind = FAULT_FAIL,
			      .at = FAULT_ANY,
			      .path = "0000:03:00.0/driver_override",
			      .code = ENOENT};
	auto_hand struct hand_call call = TO_G1;
	auto_free char *journal = NULL;

	(void)state;
	begin_and_die(host);
	testhost_script(host, &fails);
	assert_int_equal(lend_by_hand(host, &call), 1);
	journal = tree_read(host->root_fd, FILE_OF(UUID_1));
	assert_contains(journal, "claim 0000:01:00.0\n");
	assert_contains(journal, "driver 0000:01:00.0");
}

static void a_start_that_takes_over_is_the_last_lend(void **state)
{
	auto_testhost struct testhost *host =
		machine_with_caller("process 900 comm=qemu-system-x86\n");
	auto_call struct call prepare = PREPARE("g1", NIC_XML("g1", UUID_1));
	auto_hand struct hand_call call = {.xml = NIC_XML("g1", UUID_1), .uuid = UUID_1};
	auto_free char *refused = NULL, *taken = NULL;

	(void)state;
	check_lent_by_hand(host, &call);
	open_through_vfio(host);
	assert_int_equal(called(host, &prepare), 1);
	refused = record_of(host);
	assert_contains(refused, "\nlend refused ");
	testhost_process_gone(host, 900);
	tree_remove(host->root_fd, "sys/bus/pci/devices/0000:03:00.0/vfio-dev");
	assert_int_equal(called(host, &prepare), 0);
	taken = record_of(host);
	assert_contains(taken, "\nlend done ");
	assert_null(strstr(taken, "still in use"));
}

/* Its UUID was made for the loan: a record of it would stay in /run, and in "status". */
static void a_loan_of_nobody_leaves_no_record(void **state)
{
	auto_testhost struct testhost *host = machine_with("");
	auto_hand struct hand_call call = BY_HAND(NIC_ADDR);
	struct fault fault = {.kind = FAULT_DIE_AFTER, .at = 1};

	(void)state;
	check_lent_by_hand(host, &call);
	check_one(host, HAND_UUID, "by hand returned: ", "asked for by name");
	assert_false(tree_exists(host->root_fd, RECORD(HAND_UUID)));
	testhost_script(host, &fault);
	assert_true(lend_by_hand(host, &call) >= 1000);
	testhost_script(host, NULL);
	check_one(host, NULL, "by hand returned: ", "not finished");
	assert_false(tree_exists(host->root_fd, RECORD(HAND_UUID)));
}

/* Another guest's call of the hook comes by. */
static void nor_does_one_that_others_settle(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_hand struct hand_call call = BY_HAND(NIC_ADDR);
	struct fault fault = {.kind = FAULT_DIE_AFTER, .at = 1};

	(void)state;
	testhost_script(host, &fault);
	assert_true(lend_by_hand(host, &call) >= 1000);
	testhost_script(host, NULL);
	lend(host, "g1", NIC_XML("g1", UUID_1));
	assert_false(has_journal(host, HAND_UUID));
	assert_false(tree_exists(host->root_fd, RECORD(HAND_UUID)));
}

/* Of a guest it is recorded, as its lend was. */
static void the_return_of_a_guests_loan_is_recorded(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_hand struct hand_call call = {.xml = NIC_XML("g1", UUID_1), .uuid = UUID_1};
	auto_free char *record = NULL;

	(void)state;
	check_lent_by_hand(host, &call);
	assert_int_equal(return_by_hand(host, &call), 0);
	record = record_of(host);
	assert_contains(record, "\nlend done ");
	assert_contains(record, "\nreturn done ");
}

/* Nobody but an admin ends the loan, and the guest needs nothing of it. */
static void a_start_without_devices_leaves_what_is_in_use(void **state)
{
	auto_testhost struct testhost *host =
		machine_with_caller("process 900 comm=qemu-system-x86\n");
	auto_call struct call prepare = PREPARE("g1", DOMAIN("g1", UUID_1, ""));
	auto_call struct call release = RELEASE("g1", DOMAIN("g1", UUID_1, ""));
	auto_hand struct hand_call call = {.xml = NIC_XML("g1", UUID_1), .uuid = UUID_1};

	(void)state;
	check_lent_by_hand(host, &call);
	open_through_vfio(host);
	testhost_script(host, NULL);
	assert_int_equal(called(host, &prepare), 0);
	assert_string_equal(prepare.said, "");
	assert_int_equal(testhost_operations(host), 0);
	check_state(host, "device 0000:03:00.0 driver=vfio-pci");
	tree_file(host->root_fd, STATUS, "%s", LIVE(""));
	check_left_alone(host, "g1 left: ", "lent by hand");
	tree_remove(host->root_fd, STATUS);
	assert_int_equal(called(host, &release), 0);
	assert_int_equal(testhost_operations(host), 0);
	assert_true(has_journal(host, UUID_1));
}

/* --- XML that has changed between the loan and the start --- */

static char *driver_of(const struct testhost *host)
{
	char name[64] = "";

	host_read_link_name(&host->host, HOST_SYS, name, sizeof(name), NULL,
			    "bus/pci/devices/" NIC_ADDR "/driver");
	return xstrdup(name);
}

static void check_taken_anew(const char *lines, const char *devices, const char *driver)
{
	auto_testhost struct testhost *host = machine_with_caller(lines);
	auto_free char *xml = xasprintf("<domain type='kvm'><name>g1</name><uuid>" UUID_1
					"</uuid><devices>%s</devices></domain>",
					devices);
	auto_call struct call prepare = PREPARE("g1", xml), release = RELEASE("g1", xml);
	auto_hand struct hand_call call = {.xml = NIC_XML("g1", UUID_1), .uuid = UUID_1};
	auto_free char *before = testhost_tree(host), *now = NULL;

	check_lent_by_hand(host, &call);
	assert_int_equal(called(host, &prepare), 0);
	assert_string_equal(prepare.said, "");
	now = driver_of(host);
	assert_string_equal(now, driver);
	assert_int_equal(called(host, &release), 0);
	check_home(host, before);
}

/* libvirt binds it itself, and before that it sets the card up by its host's driver. */
static void what_libvirt_binds_is_given_back_to_it(void **state)
{
	(void)state;
	check_taken_anew("",
			 "<interface type='hostdev' managed='yes'><source><address type='pci' "
			 "domain='0' bus='3' slot='0' function='0'/></source></interface>",
			 "e1000e");
}

static void another_driver_of_vfio(void **state)
{
	(void)state;
	check_taken_anew("module e1000e_vfio_pci unloaded registers=e1000e_vfio_pci\n",
			 "<hostdev mode='subsystem' type='pci' managed='yes'><driver name='vfio' "
			 "model='e1000e_vfio_pci'/><source><address domain='0' bus='3' slot='0' "
			 "function='0'/></source></hostdev>",
			 "e1000e_vfio_pci");
}

/* --- more for a guest that runs --- */

/* Neither the first lending nor the guest's start is touched by what becomes of the second. */
static void a_second_lending_that_fails(void **state)
{
	auto_testhost struct testhost *host = running_guest();
	auto_hand struct hand_call first = TO_G1, second = TO_G1;
	struct fault fails = {.kind = FAULT_FAIL,
			      .at = FAULT_ANY,
			      .path = "drivers/vfio-pci/bind",
			      .value = "0000:04:00.0",
			      .code = EIO};

	(void)state;
	check_lent_by_hand(host, &first);
	second.addr = "0000:04:00.0";
	testhost_script(host, &fails);
	assert_int_equal(lend_by_hand(host, &second), 1);
	assert_contains(second.said, "in the end nothing was changed");
	check_state(host, "device 0000:04:00.0 driver=e1000e");
	check_state(host, "device 0000:03:00.0 driver=vfio-pci");
	testhost_script(host, NULL);
	check_left_alone(host, "g1 left: ", "it runs (process 900)");
	check_lent_by_hand(host, &second);
	assert_int_equal(return_by_hand(host, &first), 0);
	assert_string_equal(first.said, NIC_ADDR "\n");
	check_state(host, "device 0000:04:00.0 driver=vfio-pci");
	check_state(host, "device 0000:01:00.0 driver=vfio-pci");
	testhost_script(host, NULL);
	check_left_alone(host, "g1 left: ", "it runs (process 900)");
}

static void half_of_a_lending_stays_while_the_host_goes_down(void **state)
{
	auto_testhost struct testhost *host = running_guest();

	(void)state;
	begin_and_die(host);
	tree_file(host->root_fd, "going-down", "yes\n");
	check_left_alone(host, "g1 left: ", "the next boot gives everything back");
	tree_remove(host->root_fd, "going-down");
	check_one(host, NULL, "g1 returned: ", "was not finished");
	check_state(host, "device 0000:03:00.0 driver=e1000e");
}

/* Whoever asks for the device, or for another one, comes by. */
static void half_of_a_lending_is_undone_by_others(void **state)
{
	static const char *const wanted[] = {NIC_XML("g2", UUID_2),
					     DOMAIN("g2", UUID_2, HOSTDEV("0x04", "0x0"))};

	(void)state;
	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
		auto_testhost struct testhost *host = running_guest();
		auto_free char *journal = NULL;

		begin_and_die(host);
		lend(host, "g2", wanted[i]);
		check_state(host, i == 0 ? "device 0000:03:00.0 driver=vfio-pci"
					 : "device 0000:03:00.0 driver=e1000e");
		check_state(host, "device 0000:01:00.0 driver=vfio-pci");
		journal = tree_read(host->root_fd, FILE_OF(UUID_1));
		assert_contains(journal, "\nplug-done");
		assert_null(strstr(journal, "\nreturning"));
	}
}

/* It has no device yet, and so no journal. */
static void a_running_guest_is_found_by_its_uuid(void **state)
{
	auto_testhost struct testhost *host = machine_with(QEMU "\n");
	auto_guest struct guest by_uuid = {0}, by_name = {0}, other = {0};

	(void)state;
	tree_file(host->root_fd, STATUS, "%s", LIVE(""));
	assert_true(plug_find(&host->host, "g1", &by_name));
	assert_true(plug_find(&host->host, UUID_1, &by_uuid));
	assert_string_equal(by_uuid.name, "g1");
	assert_string_equal(by_uuid.uuid, UUID_1);
	assert_false(plug_find(&host->host, UUID_2, &other));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plug_that_cannot_be_undone_keeps_the_journal),
		cmocka_unit_test(a_start_that_takes_over_is_the_last_lend),
		cmocka_unit_test(a_loan_of_nobody_leaves_no_record),
		cmocka_unit_test(nor_does_one_that_others_settle),
		cmocka_unit_test(the_return_of_a_guests_loan_is_recorded),
		cmocka_unit_test(a_start_without_devices_leaves_what_is_in_use),
		cmocka_unit_test(what_libvirt_binds_is_given_back_to_it),
		cmocka_unit_test(another_driver_of_vfio),
		cmocka_unit_test(a_second_lending_that_fails),
		cmocka_unit_test(half_of_a_lending_stays_while_the_host_goes_down),
		cmocka_unit_test(half_of_a_lending_is_undone_by_others),
		cmocka_unit_test(a_running_guest_is_found_by_its_uuid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
