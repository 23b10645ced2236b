// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Several guests at once: what they share is put back by the last of them, in whatever order and
 * however interleaved their hooks run.
 */
#include "tests/hook/engine-at-once.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>

#include "model/journal.h"
#include "state/journals.h"
#include "state/lock.h"
#include "tests/host/kernel.h"

#define CARDS 4
#define UNIT "lactd.service"

/* Cards of one driver, each in a group of its own, and one service that holds all of them. */
static const char cards[] = "boot " BOOT "\n"
			    "device 0000:01:00.0 1002:744c class=030000 group=11 driver=amdgpu "
			    "power=auto\n"
			    "device 0000:02:00.0 1002:744c class=030000 group=12 driver=amdgpu\n"
			    "device 0000:03:00.0 1002:744c class=030000 group=13 driver=amdgpu\n"
			    "device 0000:04:00.0 1002:744c class=030000 group=14 driver=amdgpu\n"
			    "driver amdgpu module=amdgpu hangs-if-held\n"
			    "driver vfio-pci module=vfio-pci\n"
			    "node 0000:01:00.0 drm/card1 226:1 subsystem=drm name=dri/card1\n"
			    "node 0000:02:00.0 drm/card2 226:2 subsystem=drm name=dri/card2\n"
			    "node 0000:03:00.0 drm/card3 226:3 subsystem=drm name=dri/card3\n"
			    "node 0000:04:00.0 drm/card4 226:4 subsystem=drm name=dri/card4\n"
			    "unit " UNIT " active pids=900\n"
			    "process 900 comm=lactd cgroup=/system.slice/" UNIT
			    " holds=dri/card1,dri/card2,dri/card3,dri/card4\n";

#define FIRST_JOURNAL "run/hostdev-hook/" UUID_1 ".journal"
#define XML_1 DOMAIN("g1", UUID_1, HOSTDEV("0x01", "0x0"))
#define XML_2 DOMAIN("g2", UUID_2, HOSTDEV("0x02", "0x0"))

struct world {
	struct testhost *host;
	char *before;
	struct call prepare[2], release[2];
};

static void world_open(struct world *world)
{
	*world = (struct world){
		.host = testhost_new(cards),
		.prepare = {PREPARE("g1", XML_1), PREPARE("g2", XML_2)},
		.release = {RELEASE("g1", XML_1), RELEASE("g2", XML_2)},
	};
	world->before = testhost_tree(world->host);
}

static void world_done(struct world *world)
{
	for (size_t i = 0; i < 2; i++) {
		call_done(&world->prepare[i]);
		call_done(&world->release[i]);
	}
	free(world->before);
	testhost_free(&world->host);
}
#define auto_world cleanup(world_done)

static void assert_done(const struct call *call)
{
	assert_string_equal(call->said, "");
	assert_int_equal(call->status, 0);
}

static void run(struct world *world, struct call *call)
{
	call_engine(world->host, call);
	assert_done(call);
}

static void assert_unit(const struct world *world, const char *state)
{
	auto_free char *now = tree_read(world->host->root_fd, "units/" UNIT);

	assert_string_equal(now, state);
}

static void assert_home(const struct world *world)
{
	auto_free char *now = testhost_tree(world->host);

	assert_text(now, world->before);
	assert_false(has_journal(world->host, UUID_1));
	assert_false(has_journal(world->host, UUID_2));
}

/* Does the guest's journal say that it needs the unit stopped? */
static bool needs_unit(const struct world *world, const char *uuid)
{
	auto_journal struct journal journal = JOURNAL_INIT;
	struct error err = ERROR_INIT;

	assert_ok(journal_read(&world->host->host, uuid, &journal, &err), &err);
	for (size_t i = 0; i < journal.step_count; i++)
		if (journal.steps[i].kind == STEP_UNIT)
			return journal_mark_is_unsettled(journal.marks[i]);
	return false;
}

/* --- one after the other --- */

static void in_order(size_t first, size_t second)
{
	auto_world struct world world;

	world_open(&world);
	run(&world, &world.prepare[0]);
	run(&world, &world.prepare[1]);
	assert_true(needs_unit(&world, UUID_1));
	assert_true(needs_unit(&world, UUID_2));
	run(&world, &world.release[first]);
	assert_unit(&world, "inactive");
	run(&world, &world.release[second]);
	assert_unit(&world, "active");
	assert_home(&world);
}

static void the_last_return_starts_the_unit(void **state)
{
	(void)state;
	in_order(0, 1);
	in_order(1, 0);
}

/* Its hook knows of no other guest, and yet its end must not take the unit from the other. */
static void a_failed_start_leaves_the_unit_to_others(void **state)
{
	struct fault fault = {.kind = FAULT_FAIL,
			      .at = FAULT_ANY,
			      .path = "drivers/vfio-pci/bind",
			      .value = "0000:02:00.0",
			      .code = EIO};
	auto_world struct world world;

	(void)state;
	world_open(&world);
	run(&world, &world.prepare[0]);
	testhost_script(world.host, &fault);
	call_engine(world.host, &world.prepare[1]);
	assert_int_equal(world.prepare[1].status, 1);
	assert_contains(world.prepare[1].said, UNIT " stays stopped for guest g1");
	assert_unit(&world, "inactive");
	testhost_script(world.host, NULL);
	run(&world, &world.release[0]);
	assert_home(&world);
}

static int count_operations(bool prepared, size_t prepares)
{
	auto_world struct world world;

	world_open(&world);
	for (size_t i = 0; prepared && i < 2; i++)
		run(&world, &world.prepare[i]);
	testhost_script(world.host, NULL);
	if (prepares)
		run(&world, &world.prepare[0]);
	else
		run(&world, &world.release[0]);
	return testhost_operations(world.host);
}

/* Killed while another has the unit stopped: it counts until it is settled, and no longer. */
static void killed_at(int at, bool settle_first, bool *ret_killed)
{
	struct fault fault = {.kind = FAULT_DIE_AFTER, .at = at};
	auto_world struct world world;

	world_open(&world);
	run(&world, &world.prepare[0]);
	testhost_script(world.host, &fault);
	call_engine(world.host, &world.prepare[1]);
	*ret_killed = world.prepare[1].status >= 1000;
	testhost_script(world.host, NULL);
	run(&world, &world.release[settle_first]);
	/* Whoever ends returns what the other has left behind. */
	assert_unit(&world, *ret_killed && !settle_first ? "active" : "inactive");
	run(&world, &world.release[!settle_first]);
	assert_home(&world);
}

static void a_killed_hook_counts_until_it_is_settled(void **state)
{
	bool killed = true;

	(void)state;
	for (int at = 0; killed; at++) {
		killed_at(at, true, &killed);
		killed_at(at, false, &killed);
	}
}

/* --- at once --- */

/*
 * The first is stopped right before its operation number "at"; the other runs through, or as far as
 * it comes without the first; then the first goes on.
 */
static void interleave(struct world *world, struct call *first, struct call *other, int at)
{
	const struct fault hang = {.kind = FAULT_HANG, .at = at};
	int status = 0, other_status = 0;
	bool first_ended = false;
	pid_t pid, other_pid;

	testhost_script(world->host, NULL);
	pid = begin(world->host, first, &hang);
	while (testhost_operations(world->host) <= at && !first_ended) {
		first_ended = has_ended(pid, &status);
		nap();
	}
	other_pid = begin(world->host, other, NULL);
	while (!has_ended(other_pid, &other_status)) {
		if (waits_for_lock(other_pid)) {
			__atomic_store_n(&world->host->shared->released, true, __ATOMIC_RELEASE);
			assert_int_equal(waitpid(other_pid, &other_status, 0), other_pid);
			break;
		}
		nap();
	}
	__atomic_store_n(&world->host->shared->released, true, __ATOMIC_RELEASE);
	if (!first_ended)
		assert_int_equal(waitpid(pid, &status, 0), pid);
	finish(first, status);
	finish(other, other_status);
	assert_done(first);
	assert_done(other);
}

/* All cells are locked by us, while the call is made: it waits, and has judged nothing yet. */
static void while_locked(struct world *world, struct call *call)
{
	auto_close int dir = openat(world->host->root_fd, "run/hostdev-hook", O_RDONLY);
	struct lock lock = LOCK_INIT;
	struct error err = ERROR_INIT;
	int status = 0;
	pid_t pid;

	assert_ok(lock_take(&lock, dir, "cells.lock", 0, &err), &err);
	pid = begin(world->host, call, NULL);
	while (!waits_for_lock(pid)) {
		assert_false(has_ended(pid, &status));
		nap();
	}
	assert_unit(world, "inactive");
	assert_true(needs_unit(world, UUID_1));
	assert_true(needs_unit(world, UUID_2) == (call == &world->release[0]));
	lock_release(&lock);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	finish(call, status);
	assert_done(call);
}

static void a_cell_is_judged_under_its_lock(void **state)
{
	auto_world struct world world;

	(void)state;
	world_open(&world);
	run(&world, &world.prepare[0]);
	while_locked(&world, &world.prepare[1]);
	while_locked(&world, &world.release[0]);
	run(&world, &world.release[1]);
	assert_home(&world);
}

/* Whoever has the cell may be stuck, and libvirt waits for this call no longer than it may take. */
static void a_cell_is_waited_for_within_the_time_of_the_call(void **state)
{
	auto_world struct world world;
	auto_free char *journal = NULL;
	struct lock lock = LOCK_INIT;
	uint64_t started_ms;
	const char *total;
	int dir;

	(void)state;
	world_open(&world);
	run(&world, &world.prepare[0]);
	journal = tree_read(world.host->root_fd, FIRST_JOURNAL);
	total = strstr(journal, "total-time=240");
	assert_non_null(total);
	tree_file(world.host->root_fd, FIRST_JOURNAL, "%.*stotal-time=5%s\n",
		  (int)(total - journal), journal, total + strlen("total-time=240"));
	dir = openat(world.host->root_fd, "run/hostdev-hook", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(lock_take(&lock, dir, "cells.lock", 0, NULL), 0);
	started_ms = host_now_ms();
	call_engine(world.host, &world.release[0]);
	assert_int_equal(world.release[0].status, 1);
	assert_uint_in_range(host_now_ms() - started_ms, 0, 15000);
	lock_release(&lock);
	close(dir);
	testhost_release(world.host);
	call_done(&world.release[0]);
	world.release[0] = (struct call)RELEASE("g1", XML_1);
	run(&world, &world.release[0]);
	assert_home(&world);
}

static void starts_at_once_share_the_unit(void **state)
{
	int count = count_operations(false, 1);

	(void)state;
	assert_true(count > 3);
	for (int at = 0; at < count; at++) {
		auto_world struct world world;

		world_open(&world);
		interleave(&world, &world.prepare[0], &world.prepare[1], at);
		assert_true(needs_unit(&world, UUID_1));
		assert_true(needs_unit(&world, UUID_2));
		run(&world, &world.release[at % 2]);
		assert_unit(&world, "inactive");
		run(&world, &world.release[!(at % 2)]);
		assert_home(&world);
	}
}

static void returns_at_once_start_the_unit(void **state)
{
	int count = count_operations(true, 0);

	(void)state;
	assert_true(count > 2);
	for (int at = 0; at <= count; at++) {
		auto_world struct world world;

		world_open(&world);
		run(&world, &world.prepare[0]);
		run(&world, &world.prepare[1]);
		interleave(&world, &world.release[0], &world.release[1], at);
		assert_unit(&world, "active");
		assert_home(&world);
	}
}

static void a_start_during_a_return_keeps_its_unit_down(void **state)
{
	(void)state;
	for (int at = 0; at < 8; at++) {
		auto_world struct world world;

		world_open(&world);
		run(&world, &world.prepare[0]);
		interleave(&world, &world.release[0], &world.prepare[1], at);
		assert_unit(&world, "inactive");
		assert_true(needs_unit(&world, UUID_2));
		run(&world, &world.release[1]);
		assert_home(&world);
	}
}

static void a_return_during_a_start_leaves_its_unit_down(void **state)
{
	(void)state;
	for (int at = 0; at < 8; at++) {
		auto_world struct world world;

		world_open(&world);
		run(&world, &world.prepare[0]);
		interleave(&world, &world.prepare[1], &world.release[0], at);
		assert_unit(&world, "inactive");
		assert_true(needs_unit(&world, UUID_2));
		run(&world, &world.release[1]);
		assert_home(&world);
	}
}

#define CARD "0000:01:00.0"
#define OTHERS "run/hostdev-hook/" UUID_2 ".journal"

/* Keeps the claims until the card's last setting is back and the journal gone. */
static void finish_return(struct testhost *host, int ready)
{
	auto_close int dir = openat(host->root_fd, "run/hostdev-hook", O_RDONLY | O_DIRECTORY);
	const struct timespec time = {.tv_nsec = 800000000};
	struct lock lock = LOCK_INIT;

	if (lock_take(&lock, dir, "claims.lock", 1000, NULL) < 0 || write(ready, "", 1) != 1)
		_exit(3);
	nanosleep(&time, NULL);
	testhost_set(host, CARD, "power/control", "auto");
	tree_remove(host->root_fd, OTHERS);
	_exit(0);
}

/* It was seen with its driver at home and its power setting not yet: that is not how it was. */
static void a_device_on_its_way_home_is_looked_at_again(void **state)
{
	auto_world struct world world;
	struct testhost *host;
	auto_free char *journal = NULL;
	int ready[2], status;
	char byte;
	pid_t pid;

	(void)state;
	world_open(&world);
	host = world.host;
	testhost_set(host, CARD, "power/control", "on");
	tree_file(host->root_fd, OTHERS, "%s",
		  "hostdev-hook journal 1\nboot " BOOT "\nguest g2\nuuid " UUID_2 "\nclaim " CARD
		  "\nstep power " CARD " auto,d3cold=1 -> on,d3cold=1 # awake\n"
		  "step driver " CARD " amdgpu -> vfio-pci,override=vfio-pci # device\n"
		  "done 1\ndone 2\nlent\nreturning\nundone 2\n");
	assert_int_equal(fchmodat(host->root_fd, "run/hostdev-hook", 0700, 0), 0);
	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0)
		finish_return(host, ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	run(&world, &world.prepare[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	journal = tree_read(host->root_fd, "run/hostdev-hook/" UUID_1 ".journal");
	assert_contains(journal, "\nstep power " CARD " auto,d3cold=1 -> on");
	run(&world, &world.release[0]);
	close(ready[0]);
	close(ready[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_return_starts_the_unit),
		cmocka_unit_test(a_failed_start_leaves_the_unit_to_others),
		cmocka_unit_test(a_killed_hook_counts_until_it_is_settled),
		cmocka_unit_test(a_cell_is_judged_under_its_lock),
		cmocka_unit_test(a_cell_is_waited_for_within_the_time_of_the_call),
		cmocka_unit_test(starts_at_once_share_the_unit),
		cmocka_unit_test(returns_at_once_start_the_unit),
		cmocka_unit_test(a_start_during_a_return_keeps_its_unit_down),
		cmocka_unit_test(a_return_during_a_start_leaves_its_unit_down),
		cmocka_unit_test(a_device_on_its_way_home_is_looked_at_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
