// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A return that the kernel keeps: what is put back without it, and that whoever comes back late
 * brings home what its run has left, and nothing else.
 */
#include "tests/hook/late-world.h"

static void a_return_that_is_stuck(void **state)
{
	struct world *world = *state;
	auto_call struct call prepare = PREPARE("g1", both), release = RELEASE("g1", both);

	lend(world, &prepare);
	strike(world, FAULT_HANG, "drivers/vfio-pci/unbind", NIC);
	call_engine(world->host, &release);
	assert_int_equal(release.status, 1);
	assert_contains(release.said, NIC);
	assert_contains(release.said, "comes home by itself");
	assert_bound(world, GPU, "nouveau");
	assert_bound(world, AUDIO, "snd_hda_intel");
	testhost_release(world->host);
	assert_home(world);
}

/* It cannot open a card that has no driver, and is not told to wait for it. */
static void a_service_comes_back_before_a_card_that_hangs(void **state)
{
	static const char xml[] =
		"<domain type='kvm'><name>g1</name><uuid>" UUID_1 "</uuid><metadata><h:policy "
		"xmlns:h='urn:hostdev-hook:1' services='stop-unit'/></metadata><devices>" HOSTDEV(
			"0x01", "0x0") "</devices></domain>";
	auto_free char *text = xasprintf(
		"%snode 0000:01:00.0 drm/renderD128 226:128 name=dri/renderD128\n"
		"unit mixer.service active pids=900\nprocess 1 comm=systemd\n"
		"process 900 comm=mixer cgroup=/system.slice/mixer.service holds=dri/renderD128\n",
		machine);
	struct world world = {.host = testhost_new(text)};
	auto_call struct call prepare = PREPARE("g1", xml), release = RELEASE("g1", xml);
	auto_free char *unit = NULL;

	(void)state;
	lend(&world, &prepare);
	strike(&world, FAULT_HANG, "drivers/nouveau/bind", GPU);
	call_engine(world.host, &release);
	unit = tree_read(world.host->root_fd, "units/mixer.service");
	testhost_release(world.host);
	assert_int_equal(release.status, 1);
	assert_contains(release.said, "comes home by itself");
	assert_string_equal(unit, "active");
	testhost_free(&world.host);
}

/* What comes back late gets stuck again, and comes home all the same. */
static void a_late_one_that_is_late_again(void **state)
{
	struct world *world = *state;
	auto_call struct call prepare = PREPARE("g1", nic), release = RELEASE("g1", nic);
	struct fault slow = {.kind = FAULT_SLOW,
			     .at = FAULT_ANY,
			     .path = "drivers/e1000e/bind",
			     .code = TIMEOUT_MS + 1500};

	lend(world, &prepare);
	strike(world, FAULT_HANG, "drivers/vfio-pci/unbind", NIC);
	testhost_script_add(world->host, &slow);
	call_engine(world->host, &release);
	assert_int_equal(release.status, 1);
	testhost_release(world->host);
	assert_home(world);
}

/* While it was kept, a hook had returned all else, and the guest was started anew. */
static void a_late_one_whose_guest_runs_again(void **state)
{
	struct world *world = *state;
	auto_call struct call prepare = PREPARE("g1", both), release = RELEASE("g1", both);
	auto_free char *lent = NULL, *found = NULL;
	struct lock lock = LOCK_INIT;

	lend(world, &prepare);
	lent = read_journal(world);
	strike(world, FAULT_HANG, "drivers/vfio-pci/unbind", NIC);
	call_engine(world->host, &release);
	assert_int_equal(release.status, 1);
	hanging = false;
	lock_guest(world, &lock);
	assert_true(comes_back(world->host));
	tree_remove(world->host->root_fd, "run/hostdev-hook/" UUID_1 ".journal");
	tree_file(world->host->root_fd, "run/hostdev-hook/" UUID_1 ".journal", "%s", lent);
	assert_int_equal(
		fchmodat(world->host->root_fd, "run/hostdev-hook/" UUID_1 ".journal", 0600, 0), 0);
	lock_release(&lock);
	testhost_release(world->host);
	found = read_journal(world);
	assert_text(found, lent);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_return_that_is_stuck),
		test(a_service_comes_back_before_a_card_that_hangs),
		test(a_late_one_that_is_late_again),
		test(a_late_one_whose_guest_runs_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
