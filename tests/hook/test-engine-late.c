// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The hook where the kernel does not answer in time: what is said, what is put back at once, who
 * else can go on, and that the rest comes home without anybody's call when the kernel answers.
 */
#include "tests/hook/late-world.h"

/* --- lending --- */

static void a_start_is_undone_but_for_what_is_stuck(void **state)
{
	struct world *world = *state;
	auto_call struct call prepare = PREPARE("g1", both);

	strike(world, FAULT_HANG, "drivers/e1000e/unbind", NIC);
	call_engine(world->host, &prepare);
	assert_int_equal(prepare.status, 1);
	assert_contains(prepare.said, "g1 is not started: " NIC);
	assert_contains(prepare.said, "the kernel has not answered for 3 s");
	assert_contains(prepare.said, "waiting in test_remove");
	assert_contains(prepare.said, "All else is back as it was");
	/* Two lines, behind libvirt's own words. */
	assert_true(prepare.said[0] == '\n');
	assert_ptr_equal(strchr(strchr(prepare.said + 1, '\n') + 1, '\n'),
			 prepare.said + strlen(prepare.said) - 1);
	assert_bound(world, GPU, "nouveau");
	assert_bound(world, AUDIO, "snd_hda_intel");
	assert_true(has_journal(world->host, UUID_1));
	testhost_release(world->host);
	assert_home(world);
	/* It was let go of once, and bound once. */
	assert_int_equal(count_operations(world, "drivers/e1000e/unbind"), 1);
	assert_int_equal(count_operations(world, "drivers/e1000e/bind"), 1);
}

static void a_stuck_device_is_nobodys(void **state)
{
	struct world *world = *state;
	auto_call struct call prepare = PREPARE("g1", nic), release = RELEASE("g1", nic),
			      second = PREPARE("g2", other_nic);

	strike(world, FAULT_HANG, "drivers/e1000e/unbind", NIC);
	call_engine(world->host, &prepare);
	/* As libvirt does after a prepare that failed; and as an impatient user does then. */
	call_engine(world->host, &release);
	assert_int_equal(release.status, 1);
	assert_contains(release.said, NIC " (in flight in process ");
	call_engine(world->host, &prepare);
	assert_int_equal(prepare.status, 1);
	assert_contains(prepare.said, NIC " (in flight in process ");
	call_engine(world->host, &second);
	assert_int_equal(second.status, 1);
	assert_contains(second.said, "is not returned yet from the last run of guest g1");
	assert_int_equal(count_operations(world, "unbind"), 1);
	testhost_release(world->host);
	assert_home(world);
}

static void another_guest_starts_and_ends_meanwhile(void **state)
{
	struct world *world = *state;
	auto_call struct call prepare = PREPARE("g1", nic), second = PREPARE("g2", other),
			      release = RELEASE("g2", other);

	strike(world, FAULT_HANG, "drivers/e1000e/unbind", NIC);
	call_engine(world->host, &prepare);
	assert_int_equal(prepare.status, 1);
	hanging = false;
	call_engine(world->host, &second);
	assert_string_equal(second.said, "");
	assert_bound(world, GPU, "vfio-pci");
	testhost_release(world->host);
	assert_bound(world, NIC, "e1000e");
	assert_bound(world, GPU, "vfio-pci");
	call_engine(world->host, &release);
	assert_string_equal(release.said, "");
	assert_home(world);
}

/* What was claimed and never begun is another's then, whatever else is stuck. */
static void a_start_that_failed_is_over(void **state)
{
	struct world *world = *state;
	auto_call struct call prepare = PREPARE("g1", nic);
	auto_free char *journal = NULL;

	strike(world, FAULT_HANG, "drivers/e1000e/unbind", NIC);
	call_engine(world->host, &prepare);
	assert_int_equal(prepare.status, 1);
	journal = read_journal(world);
	assert_contains(journal, "\nreturning\n");
	assert_null(strstr(journal, "\nlent\n"));
	testhost_release(world->host);
	assert_home(world);
}

/* The first to take the lock settles it, the others find nothing. */
static void several_late_ones_of_one_run(void **state)
{
	struct world *world = *state;
	auto_call struct call prepare = PREPARE("g1", both);

	strike(world, FAULT_HANG, "/unbind", NULL);
	call_engine(world->host, &prepare);
	assert_int_equal(prepare.status, 1);
	assert_bound(world, GPU, "nouveau");
	assert_bound(world, NIC, "e1000e");
	testhost_release(world->host);
	assert_home(world);
	for (size_t i = 0; i < 3; i++) {
		static const char *const drivers[] = {"nouveau", "snd_hda_intel", "e1000e"};
		auto_free char *path = xasprintf("drivers/%s/bind ", drivers[i]);

		assert_int_equal(count_operations(world, path), 1);
	}
}

static void a_bind_that_is_done_and_does_not_return(void **state)
{
	struct world *world = *state;
	auto_call struct call prepare = PREPARE("g1", nic);

	strike(world, FAULT_HANG_AFTER, "drivers/vfio-pci/bind", NIC);
	call_engine(world->host, &prepare);
	assert_int_equal(prepare.status, 1);
	assert_bound(world, NIC, "vfio-pci");
	testhost_release(world->host);
	assert_home(world);
}

/* Its worker finishes what it is at, and nobody calls again. */
static void a_hook_that_was_killed(void **state)
{
	static const char *const paths[] = {"drivers/nouveau/unbind", "drivers/vfio-pci/bind",
					    "power/control"};
	struct world *world = *state;

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		auto_call struct call prepare = PREPARE("g1", both);

		strike(world, FAULT_ORPHAN, paths[i], NULL);
		hanging = false;
		call_engine(world->host, &prepare);
		assert_int_equal(prepare.status, 1000 + SIGKILL);
		assert_home(world);
	}
}

/* It only waits for whoever has the guest's lock, who need not wait for it. */
static void who_is_back_from_the_kernel_is_not_stuck(void **state)
{
	struct world *world = *state;
	auto_call struct call prepare = PREPARE("g1", nic);
	struct lock lock = LOCK_INIT;
	bool stuck;

	strike(world, FAULT_HANG, "drivers/e1000e/unbind", NIC);
	call_engine(world->host, &prepare);
	assert_int_equal(prepare.status, 1);
	hanging = false;
	lock_guest(world, &lock);
	assert_true(is_stuck(world->host));
	stuck = !comes_back(world->host);
	lock_release(&lock);
	testhost_release(world->host);
	assert_false(stuck);
	assert_home(world);
}

/* --- adopting --- */

/* The daemon may have ended the guest meanwhile, whose devices would be claimed for ever. */
static void an_adoption_that_nobody_waits_for(void **state)
{
	struct world *world = *state;
	auto_call struct call call = {.guest = "g1",
				      .operation = "reconnect",
				      .suboperation = "begin",
				      .xml = nic,
				      .guarded = true};
	struct lock lock = LOCK_INIT;

	tree_dir(world->host->root_fd, "run/hostdev-hook");
	assert_int_equal(fchmodat(world->host->root_fd, "run/hostdev-hook", 0700, 0), 0);
	lock_guest(world, &lock);
	hanging = true;
	call_engine(world->host, &call);
	assert_int_equal(call.status, 0);
	lock_release(&lock);
	testhost_release(world->host);
	assert_false(has_journal(world->host, UUID_1));
}

/* --- the whole call's time --- */

static void limit(const struct world *world, const char *lines)
{
	tree_file(world->host->root_fd, "etc/hostdev-hook/hostdev-hook.conf", "%s", lines);
}

/* The last third is for the way back. */
static void what_could_last_too_long_is_not_begun(void **state)
{
	static const int totals[] = {60, 100};
	struct world *world = *state;

	for (size_t i = 0; i < sizeof(totals) / sizeof(totals[0]); i++) {
		auto_call struct call prepare = PREPARE("g1", both);
		auto_free char *line = xasprintf("total-time = %d\n", totals[i]);
		auto_free char *told = xasprintf("total-time = %d s", totals[i]);

		limit(world, line);
		call_engine(world->host, &prepare);
		assert_int_equal(prepare.status, 1);
		assert_contains(prepare.said,
				"could not be kept awake, as the start has taken too long");
		assert_contains(prepare.said, "this step may take 75 s");
		assert_contains(prepare.said, told);
		assert_int_equal(count_operations(world, "write "), 0);
	}
}

/* The way back has the last third, and what does not fit goes on behind the answer. */
static void a_way_back_that_takes_too_long(void **state)
{
	struct world *world = *state;
	auto_call struct call prepare = PREPARE("g1", both);
	struct fault slow = {.kind = FAULT_SLOW,
			     .at = FAULT_ANY,
			     .path = "driver_override",
			     .value = "vfio-pci",
			     .code = 1800},
		     fail = {.kind = FAULT_FAIL,
			     .at = FAULT_ANY,
			     .path = "drivers/vfio-pci/bind",
			     .value = NIC,
			     .code = EIO};
	uint64_t started_ms = host_now_ms();

	limit(world, "unbind-time = 3\nbind-time = 3\nreset-time = 3\nrelease-time = 1\n"
		     "total-time = 21\n");
	testhost_script(world->host, &fail);
	testhost_script_add(world->host, &slow);
	slow.path = "drivers/vfio-pci/unbind";
	slow.value = NULL;
	slow.code = 20000;
	testhost_script_add(world->host, &slow);
	call_engine(world->host, &prepare);
	assert_int_equal(prepare.status, 1);
	assert_uint_in_range(host_now_ms() - started_ms, 3000, 25000);
	assert_true(has_journal(world->host, UUID_1));
	testhost_release(world->host);
	assert_home(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_start_is_undone_but_for_what_is_stuck),
		test(a_stuck_device_is_nobodys),
		test(another_guest_starts_and_ends_meanwhile),
		test(a_start_that_failed_is_over),
		test(several_late_ones_of_one_run),
		test(a_bind_that_is_done_and_does_not_return),
		test(a_hook_that_was_killed),
		test(who_is_back_from_the_kernel_is_not_stuck),
		test(an_adoption_that_nobody_waits_for),
		test(what_could_last_too_long_is_not_begun),
		test(a_way_back_that_takes_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
