// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The hook where the kernel does not answer in time: what is said, what is put back at once, who
 * else can go on, and that the rest comes home without anybody's call when the kernel answers.
 */
#include "tests/hook/engine-call.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>

#include "base/lock.h"
#include "base/worker.h"
#include "parsers/journals.h"
#include "session/session.h"
#include "tests/host/kernel.h"

#define GPU "0000:01:00.0"
#define AUDIO "0000:01:00.1"
#define NIC "0000:03:00.0"
#define TIMEOUT_MS 3000

/* Deadlines of a minute have no place in a test. */
static bool hanging;

void __real_workers_run(struct worker *workers, size_t count);
void __wrap_workers_run(struct worker *workers, size_t count);

void __wrap_workers_run(struct worker *workers, size_t count)
{
	for (size_t i = 0; hanging && i < count; i++)
		if (workers[i].timeout_ms > TIMEOUT_MS)
			workers[i].timeout_ms = TIMEOUT_MS;
	__real_workers_run(workers, count);
}

static const char both[] =
	DOMAIN("g1", UUID_1, HOSTDEV("0x01", "0x0") HOSTDEV("0x01", "0x1") HOSTDEV("0x03", "0x0"));
static const char nic[] = DOMAIN("g1", UUID_1, HOSTDEV("0x03", "0x0"));
static const char other[] = DOMAIN("g2", UUID_2, HOSTDEV("0x01", "0x0") HOSTDEV("0x01", "0x1"));
static const char other_nic[] = DOMAIN("g2", UUID_2, HOSTDEV("0x03", "0x0"));

struct world {
	struct testhost *host;
	char *before;
};

static int fresh(void **state)
{
	struct world *world = xcalloc(1, sizeof(*world));

	world->host = testhost_new(machine);
	world->before = testhost_tree(world->host);
	hanging = false;
	*state = world;
	return 0;
}

static int done(void **state)
{
	struct world *world = *state;

	testhost_release(world->host);
	testhost_free(&world->host);
	free(world->before);
	free(world);
	return 0;
}

static void strike(const struct world *world, enum fault_kind kind, const char *path,
		   const char *value)
{
	struct fault fault = {.kind = kind, .at = FAULT_ANY, .path = path, .value = value};

	testhost_script(world->host, &fault);
	hanging = true;
}

static void assert_bound(const struct world *world, const char *addr, const char *driver)
{
	char name[64] = "";

	host_read_link_name(&world->host->host, HOST_SYS, name, sizeof(name), NULL,
			    "bus/pci/devices/%s/driver", addr);
	assert_string_equal(name, driver);
}

static void assert_home(const struct world *world)
{
	auto_free char *now = testhost_tree(world->host);

	assert_false(has_journal(world->host, UUID_1));
	assert_text(now, world->before);
}

/* How often the log of operations has it. */
static size_t count_operations(const struct world *world, const char *operation)
{
	auto_free char *log = testhost_log(world->host);
	size_t count = 0;

	for (const char *at = log; (at = strstr(at, operation)); at++)
		count++;
	return count;
}

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

static char *read_journal(const struct world *world)
{
	char *journal = NULL;
	size_t length;

	assert_int_equal(host_read_file(&world->host->host, HOST_RUN, 65536, &journal, &length,
					NULL, "hostdev-hook/" UUID_1 ".journal"),
			 0);
	return journal;
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

static void lock_guest(const struct world *world, struct lock *lock)
{
	auto_close int dir = openat(world->host->root_fd, "run/hostdev-hook",
				    O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_int_equal(lock_take_range(lock, dir, GUESTS_LOCK, lock_range_of(UUID_1), 1000, NULL),
			 0);
}

/* As the next hook would see it. Its worker lives, as it waits. */
static bool is_stuck(struct testhost *host)
{
	__attribute__((__cleanup__(execution_done))) struct execution execution = {0};
	auto_journal struct journal journal = JOURNAL_INIT;
	struct error err = ERROR_INIT;

	assert_ok(journal_read(&host->host, UUID_1, &journal, &err), &err);
	for (size_t i = 0; i < journal.step_count; i++) {
		const struct journal_process *worker = &journal.workers[i];
		auto_free char *path = xasprintf("proc/%d/stat", worker->pid);

		if (worker->pid)
			tree_file(host->root_fd, path,
				  "%d (hook) S 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 %llu 0\n",
				  worker->pid, (unsigned long long)worker->start_time);
	}
	assert_ok(execution_resume(&execution, &host->host, &journal, &err), &err);
	return execution_is_stuck(&execution);
}

/* It only waits for whoever has the guest's lock, who need not wait for it. */
static void who_is_back_from_the_kernel_is_not_stuck(void **state)
{
	struct world *world = *state;
	auto_call struct call prepare = PREPARE("g1", nic);
	struct lock lock = LOCK_INIT;
	bool stuck = true;

	strike(world, FAULT_HANG, "drivers/e1000e/unbind", NIC);
	call_engine(world->host, &prepare);
	assert_int_equal(prepare.status, 1);
	hanging = false;
	lock_guest(world, &lock);
	assert_true(is_stuck(world->host));
	__atomic_store_n(&world->host->shared->released, true, __ATOMIC_RELEASE);
	for (int i = 0; i < 500 && stuck; i++) {
		poll(NULL, 0, 10);
		stuck = is_stuck(world->host);
	}
	lock_release(&lock);
	testhost_release(world->host);
	assert_false(stuck);
	assert_home(world);
}

/* --- returning --- */

static void lend(const struct world *world, struct call *prepare)
{
	call_engine(world->host, prepare);
	assert_string_equal(prepare->said, "");
	assert_int_equal(prepare->status, 0);
}

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
		assert_contains(prepare.said, "power " GPU " -> on");
		assert_contains(prepare.said, "which may take 75 s");
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

#define test(name) cmocka_unit_test_setup_teardown(name, fresh, done)

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
		test(a_return_that_is_stuck),
		test(a_service_comes_back_before_a_card_that_hangs),
		test(a_late_one_that_is_late_again),
		test(an_adoption_that_nobody_waits_for),
		test(what_could_last_too_long_is_not_begun),
		test(a_way_back_that_takes_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
