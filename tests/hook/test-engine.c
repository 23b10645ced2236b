// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the engine does for a guest, and how it leaves the machine.
 */
#include "hook/front-decide.h"
#include "tests/hook/engine-call.h"

static void lend_and_return(void **state)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	const char *xml = DOMAIN("g1", UUID_1, HOSTDEV("0x01", "0x0") HOSTDEV("0x01", "0x1"));
	auto_call struct call prepare = PREPARE("g1", xml), release = RELEASE("g1", xml);
	auto_free char *before = testhost_tree(host);
	auto_free char *lent = NULL;
	auto_free char *after = NULL;

	(void)state;
	call_engine(host, &prepare);
	assert_string_equal(prepare.said, "");
	assert_int_equal(prepare.status, 0);
	assert_true(has_journal(host, UUID_1));
	lent = testhost_state(host);
	assert_contains(lent, "driver=vfio-pci");
	call_engine(host, &release);
	assert_string_equal(release.said, "");
	assert_int_equal(release.status, 0);
	assert_false(has_journal(host, UUID_1));
	after = testhost_tree(host);
	assert_text(after, before);
}

/* The XML of release is not what is restored from. */
static void return_with(const char *guest, const char *xml)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	auto_call struct call prepare = PREPARE("g1", DOMAIN("g1", UUID_1, HOSTDEV("0x01", "0x0")));
	auto_call struct call release = RELEASE(guest, xml);
	auto_free char *before = testhost_tree(host);
	auto_free char *after = NULL;

	call_engine(host, &prepare);
	assert_int_equal(prepare.status, 0);
	call_engine(host, &release);
	assert_string_equal(release.said, "");
	assert_int_equal(release.status, 0);
	assert_false(has_journal(host, UUID_1));
	after = testhost_tree(host);
	assert_text(after, before);
}

static void return_without_its_xml(void **state)
{
	(void)state;
	return_with("g1", "");
	return_with("g1", "<domain><name>g1</na");
	return_with("g1", DOMAIN("g1", UUID_1, ""));
	return_with("renamed", DOMAIN("renamed", UUID_1, HOSTDEV("0x03", "0x0")));
}

static void return_of_nothing(void **state)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	auto_call struct call release = RELEASE("g1", DOMAIN("g1", UUID_1, HOSTDEV("0x01", "0x0")));
	auto_call struct call nobody = RELEASE("nobody", "");

	(void)state;
	call_engine(host, &release);
	assert_int_equal(release.status, 0);
	assert_string_equal(release.said, "");
	call_engine(host, &nobody);
	assert_int_equal(nobody.status, 0);
	assert_int_equal(testhost_operations(host), 0);
}

static void refused_prepare_then_release(void **state)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	const char *xml = DOMAIN("g1", UUID_1, HOSTDEV("0x09", "0x0"));
	auto_call struct call prepare = PREPARE("g1", xml), release = RELEASE("g1", xml);

	(void)state;
	check_refused(host, &prepare, "g1 is not started: there is no PCI device 0000:09:00.0");
	assert_false(has_journal(host, UUID_1));
	call_engine(host, &release);
	assert_int_equal(release.status, 0);
	assert_int_equal(testhost_operations(host), 0);
}

static int log_pipe[2];

static void log_to_pipe(enum log_level level, const struct log_fields *fields, const char *message)
{
	(void)level;
	(void)fields;
	dprintf(log_pipe[1], "%s\n", message);
}

/* People read the first reason and how many there are; the log has a line for each. */
static void every_reason_is_logged(void **state)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	const char *xml = DOMAIN("g1", UUID_1, HOSTDEV("0x09", "0x0") HOSTDEV("0x0a", "0x0"));
	auto_call struct call prepare = PREPARE("g1", xml);
	char log[4096] = "", *second;

	(void)state;
	assert_int_equal(pipe(log_pipe), 0);
	prepare.sink = log_to_pipe;
	check_refused(host, &prepare, "And for 1 more reason: see \"hostdevctl plan g1\".\n");
	assert_null(strstr(prepare.said, "0000:0a:00.0"));
	close(log_pipe[1]);
	assert_true(read(log_pipe[0], log, sizeof(log) - 1) > 0);
	close(log_pipe[0]);
	second = strstr(log, "g1: it is also not started because there is no PCI device 0000:0a");
	assert_non_null(second);
	assert_non_null(strstr(log, "g1 is not started: there is no PCI device 0000:09:00.0"));
	assert_contains(log, "Nothing was changed.\n");
}

static void claims_of_others(void **state)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	auto_call struct call first =
		PREPARE("first", DOMAIN("first", UUID_1, HOSTDEV("0x01", "0x0")));
	auto_call struct call second =
		PREPARE("second", DOMAIN("second", UUID_2, HOSTDEV("0x01", "0x1")));

	(void)state;
	call_engine(host, &first);
	assert_int_equal(first.status, 0);
	testhost_script(host, NULL);
	check_refused(host, &second, "belongs to guest first");
	assert_true(has_journal(host, UUID_1));
}

static void failure_is_undone(void **state)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	const char *xml = DOMAIN("g1", UUID_1, HOSTDEV("0x01", "0x0"));
	auto_call struct call prepare = PREPARE("g1", xml), release = RELEASE("g1", xml);
	struct fault fault = {.kind = FAULT_FAIL,
			      .at = FAULT_ANY,
			      .path = "drivers/vfio-pci/bind",
			      .value = "0000:01:00.1",
			      .code = 5};
	auto_free char *before = testhost_tree(host);
	auto_free char *after = NULL;

	(void)state;
	testhost_script(host, &fault);
	call_engine(host, &prepare);
	assert_int_equal(prepare.status, 1);
	assert_contains(prepare.said, "g1 is not started: 0000:01:00.1");
	assert_contains(prepare.said, "Everything is back as it was");
	assert_false(has_journal(host, UUID_1));
	after = testhost_tree(host);
	assert_text(after, before);
	testhost_script(host, NULL);
	call_engine(host, &release);
	assert_int_equal(release.status, 0);
	assert_int_equal(testhost_operations(host), 0);
}

static void device_vanishes(void **state)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	const char *xml = DOMAIN("g1", UUID_1, HOSTDEV("0x01", "0x0") HOSTDEV("0x03", "0x0"));
	auto_call struct call prepare = PREPARE("g1", xml);
	struct fault fault = {.kind = FAULT_VANISH, .at = 3, .addr = {0, 3, 0, 0}};
	auto_free char *after = NULL;

	(void)state;
	testhost_script(host, &fault);
	call_engine(host, &prepare);
	assert_int_equal(prepare.status, 1);
	assert_contains(prepare.said, "0000:03:00.0");
	assert_false(has_journal(host, UUID_1));
	after = testhost_state(host);
	assert_contains(after, "driver=nouveau");
	assert_contains(after, "driver=snd_hda_intel");
}

static void killed_run_is_settled_at_next_prepare(void **state)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	const char *xml = DOMAIN("g1", UUID_1, HOSTDEV("0x01", "0x0"));
	auto_call struct call prepare = PREPARE("g1", xml), release = RELEASE("g1", xml);
	struct fault fault = {.kind = FAULT_DIE_AFTER, .at = 4};
	auto_free char *before = testhost_tree(host);
	auto_free char *after = NULL;

	(void)state;
	testhost_script(host, &fault);
	call_engine(host, &prepare);
	assert_true(prepare.status >= 1000);
	assert_true(has_journal(host, UUID_1));
	testhost_script(host, NULL);
	call_engine(host, &prepare);
	assert_string_equal(prepare.said, "");
	assert_int_equal(prepare.status, 0);
	call_engine(host, &release);
	after = testhost_tree(host);
	assert_text(after, before);
}

/* A driver that does not come back after the guest keeps nobody from starting the guest again. */
static void home_that_fails_is_carried_on(void **state)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	const char *xml = DOMAIN("g1", UUID_1, HOSTDEV("0x03", "0x0"));
	auto_call struct call prepare = PREPARE("g1", xml), release = RELEASE("g1", xml);
	struct fault fault = {.kind = FAULT_FAIL,
			      .at = FAULT_ANY,
			      .path = "drivers/e1000e/bind",
			      .value = "0000:03:00.0",
			      .code = 22};
	auto_free char *before = testhost_tree(host);
	auto_free char *lent = NULL;
	auto_free char *after = NULL;

	(void)state;
	call_engine(host, &prepare);
	assert_int_equal(prepare.status, 0);
	testhost_script(host, &fault);
	call_engine(host, &release);
	assert_int_equal(release.status, 1);
	assert_contains(
		release.said,
		"0000:03:00.0 could not be bound to e1000e: the kernel says: Invalid argument");
	assert_true(has_journal(host, UUID_1));
	call_engine(host, &prepare);
	assert_string_equal(prepare.said, "");
	assert_int_equal(prepare.status, 0);
	lent = testhost_state(host);
	assert_contains(lent, "driver=vfio-pci");
	testhost_script(host, NULL);
	call_engine(host, &release);
	assert_string_equal(release.said, "");
	assert_false(has_journal(host, UUID_1));
	after = testhost_tree(host);
	assert_text(after, before);
}

/* The hook gives up, its worker is still in the kernel: neither is it forgotten nor joined. */
static void stuck_worker_is_not_forgotten(void **state)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	const char *xml = DOMAIN("g1", UUID_1, HOSTDEV("0x03", "0x0"));
	auto_call struct call prepare = PREPARE("g1", xml), release = RELEASE("g1", xml);
	struct fault fault = {.kind = FAULT_HANG, .at = FAULT_ANY, .path = "drivers/e1000e/unbind"};
	auto_free char *before = testhost_tree(host);
	auto_free char *after = NULL;

	(void)state;
	testhost_script(host, &fault);
	call_engine(host, &prepare);
	assert_int_equal(prepare.status, 1);
	assert_contains(prepare.said, "0000:03:00.0");
	assert_contains(prepare.said, "the kernel has not answered for");
	assert_contains(prepare.said, "waiting in test_remove");
	assert_contains(prepare.said, "All else is back as it was");
	call_engine(host, &release);
	assert_int_equal(release.status, 1);
	assert_contains(release.said, "0000:03:00.0 (in flight in process");
	call_engine(host, &prepare);
	assert_int_equal(prepare.status, 1);
	assert_contains(prepare.said, "0000:03:00.0 (in flight in process");
	assert_true(has_journal(host, UUID_1));
	/* When the kernel answers at last, nobody need call again. */
	testhost_release(host);
	assert_false(has_journal(host, UUID_1));
	testhost_script(host, NULL);
	call_engine(host, &release);
	assert_string_equal(release.said, "");
	after = testhost_tree(host);
	assert_text(after, before);
}

/* A guest without host devices needs no state directory, fit or not. */
static void guest_without_devices(void **state)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	auto_call struct call call = PREPARE("g1", DOMAIN("g1", UUID_1, ""));

	(void)state;
	call_engine(host, &call);
	assert_int_equal(call.status, 0);
	assert_int_equal(faccessat(host->root_fd, "run/hostdev-hook", F_OK, 0), -1);
	assert_int_equal(mkdirat(host->root_fd, "run/hostdev-hook", 0700), 0);
	assert_int_equal(fchmodat(host->root_fd, "run/hostdev-hook", 0777, 0), 0);
	call_engine(host, &call);
	assert_int_equal(call.status, 0);
	assert_string_equal(call.said, "");
}

/* The front door's word on "start" of a guest with this XML. */
static bool wakes_at_start(const struct testhost *host, const char *xml)
{
	int state_fd = openat(host->root_fd, "run/hostdev-hook", O_PATH | O_DIRECTORY | O_CLOEXEC);
	bool wakes = front_has_work(operation_find("start", "begin"), "g1", xml, strlen(xml),
				    state_fd, FRONT_NO_DIR);

	close(state_fd);
	return wakes;
}

/* What "prepare" has claimed is all that there is to claim: hence the front door wakes nobody. */
static void start_after_prepare_has_nothing_to_do(void **state)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	const char *xml = DOMAIN("g1", UUID_1, HOSTDEV("0x03", "0x0"));
	auto_call struct call prepare = PREPARE("g1", xml);
	auto_call struct call start = {
		.guest = "g1", .operation = "start", .suboperation = "begin", .xml = xml};
	auto_free char *lent = NULL, *started = NULL;

	(void)state;
	assert_true(wakes_at_start(host, xml));
	call_engine(host, &prepare);
	assert_int_equal(prepare.status, 0);
	assert_false(wakes_at_start(host, xml));
	lent = testhost_tree(host);
	call_engine(host, &start);
	assert_int_equal(start.status, 0);
	assert_string_equal(start.said, "");
	started = testhost_tree(host);
	assert_text(started, lent);
	/* Without its journal a start is claimed anew. */
	assert_int_equal(unlinkat(host->root_fd, "run/hostdev-hook/" UUID_1 ".journal", 0), 0);
	assert_true(wakes_at_start(host, xml));
}

static void start_claims_pool_interface(void **state)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	const char *xml =
		DOMAIN("g1", UUID_1,
		       "<interface type='hostdev' managed='yes'><source><address type='pci' "
		       "domain='0' bus='3' slot='0' function='0'/></source></interface>");
	auto_call struct call start = {
		.guest = "g1", .operation = "start", .suboperation = "begin", .xml = xml};
	auto_call struct call release = RELEASE("g1", "");
	auto_call struct call second =
		PREPARE("second", DOMAIN("second", UUID_2, HOSTDEV("0x03", "0x0")));

	(void)state;
	call_engine(host, &start);
	assert_string_equal(start.said, "");
	assert_true(has_journal(host, UUID_1));
	assert_true(wakes_at_start(host, xml));
	call_engine(host, &start);
	assert_int_equal(start.status, 0);
	check_refused(host, &second, "belongs to guest g1");
	call_engine(host, &release);
	assert_false(has_journal(host, UUID_1));
	assert_int_equal(testhost_operations(host), 0);
}

/* The rest of an earlier run stays on file, and hides nothing of the new one. */
static void start_claims_beside_a_rest(void **state)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	const char *xml =
		DOMAIN("g1", UUID_1,
		       "<interface type='hostdev' managed='yes'><source><address type='pci' "
		       "domain='0' bus='3' slot='0' function='0'/></source></interface>");
	auto_call struct call start = {
		.guest = "g1", .operation = "start", .suboperation = "begin", .xml = xml};
	auto_call struct call second =
		PREPARE("second", DOMAIN("second", UUID_2, HOSTDEV("0x03", "0x0")));
	auto_call struct call third =
		PREPARE("second", DOMAIN("second", UUID_2, HOSTDEV("0x01", "0x0")));
	auto_free char *journal = NULL;

	(void)state;
	tree_file(host->root_fd, "run/hostdev-hook/" UUID_1 ".journal", "%s",
		  "hostdev-hook journal 1\nboot " BOOT "\nguest g1\nuuid " UUID_1
		  "\nclaim 0000:01:00.0\n"
		  "step unit gone.service active -> inactive # of the last run\n"
		  "step driver 0000:01:00.0 nouveau -> vfio-pci,override=vfio-pci # device\n"
		  "done 1\ndone 2\nlent\nreturning\nundone 2\n");
	assert_int_equal(fchmodat(host->root_fd, "run/hostdev-hook", 0700, 0), 0);
	call_engine(host, &start);
	assert_string_equal(start.said, "");
	assert_int_equal(start.status, 0);
	journal = tree_read(host->root_fd, "run/hostdev-hook/" UUID_1 ".journal");
	assert_contains(journal, "\nclaim 0000:03:00.0\nstep unit gone.service ");
	assert_contains(journal, "\ndone 1\nlent");
	check_refused(host, &second, "belongs to guest g1");
	call_engine(host, &third);
	assert_string_equal(third.said, "");
	assert_int_equal(third.status, 0);
}

static void operations_without_work(void **state)
{
	static const char *const operations[][2] = {
		{"started", "begin"}, {"stopped", "end"},
		{"migrate", "begin"}, {"restore", "begin"},
		{"attach", "begin"},  {"future", "begin"},
		{"prepare", "end"},   {"", ""},
	};
	auto_testhost struct testhost *host = testhost_new(machine);

	(void)state;
	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
		auto_call struct call call = {.guest = "g1",
					      .operation = operations[i][0],
					      .suboperation = operations[i][1],
					      .xml = "not XML"};

		call_engine(host, &call);
		assert_int_equal(call.status, 0);
		assert_string_equal(call.said, "");
	}
	assert_int_equal(testhost_operations(host), 0);
}

/* Where in the journal the step that binds the device to vfio-pci has this mark. */
static const char *mark_of(const char *journal, const char *addr, const char *mark)
{
	auto_free char *step = xasprintf("step driver %s none,override=vfio-pci -> vfio-pci", addr);
	const char *end = strstr(journal, step);
	auto_free char *line = NULL;
	const char *found;
	int index = 1;

	assert_non_null(end);
	for (const char *at = strstr(journal, "\nstep ") + 1; at < end; at = strchr(at, '\n') + 1)
		index++;
	line = xasprintf("\n%s %d\n", mark, index);
	found = strstr(journal, line);
	assert_non_null(found);
	return found;
}

/* The kernel does not stand two of them being bound at once; those of two groups it does. */
static void devices_of_one_group_are_bound_in_turn(void **state)
{
	auto_free char *text =
		xasprintf("%sdevice 0000:04:00.0 8086:10d3 class=020000 group=17 driver=e1000e\n"
			  "device 0000:04:00.1 8086:10d3 class=020000 group=17 driver=e1000e\n",
			  machine);
	auto_testhost struct testhost *host = testhost_new(text);
	auto_call struct call prepare =
		PREPARE("g1", DOMAIN("g1", UUID_1,
				     HOSTDEV("0x01", "0x0") HOSTDEV("0x04", "0x0")
					     HOSTDEV("0x01", "0x1") HOSTDEV("0x04", "0x1")));
	auto_free char *raw = NULL, *journal = NULL;

	(void)state;
	call_engine(host, &prepare);
	assert_string_equal(prepare.said, "");
	raw = tree_read(host->root_fd, "run/hostdev-hook/" UUID_1 ".journal");
	journal = xasprintf("%s\n", raw);
	assert_true(mark_of(journal, "0000:04:00.0", "begun") <
		    mark_of(journal, "0000:01:00.0", "done"));
	assert_true(mark_of(journal, "0000:01:00.1", "begun") >
		    mark_of(journal, "0000:01:00.0", "done"));
	assert_true(mark_of(journal, "0000:04:00.1", "begun") >
		    mark_of(journal, "0000:04:00.0", "done"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lend_and_return),
		cmocka_unit_test(return_without_its_xml),
		cmocka_unit_test(return_of_nothing),
		cmocka_unit_test(refused_prepare_then_release),
		cmocka_unit_test(every_reason_is_logged),
		cmocka_unit_test(claims_of_others),
		cmocka_unit_test(failure_is_undone),
		cmocka_unit_test(device_vanishes),
		cmocka_unit_test(killed_run_is_settled_at_next_prepare),
		cmocka_unit_test(home_that_fails_is_carried_on),
		cmocka_unit_test(stuck_worker_is_not_forgotten),
		cmocka_unit_test(guest_without_devices),
		cmocka_unit_test(start_after_prepare_has_nothing_to_do),
		cmocka_unit_test(start_claims_pool_interface),
		cmocka_unit_test(start_claims_beside_a_rest),
		cmocka_unit_test(operations_without_work),
		cmocka_unit_test(devices_of_one_group_are_bound_in_turn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
