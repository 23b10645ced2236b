// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The gates "process" and "holders", with real processes that hold a real node.
 */
#include "tests/unit/gate-helpers.h"

#define FREE_SOON "free,wait=60000"
#define SOON_MS 20000

static bool ends_nobody;

static int fake_end(struct host *host, int pid, uint64_t start_time, unsigned int grace_ms,
		    struct error *err)
{
	auto_free char *what = xasprintf("end %s", start_time ? "one" : "nobody");
	auto_free char *grace = xasprintf("%u", grace_ms);

	(void)err;
	cells_react(host, what, grace);
	if (!ends_nobody)
		kill(pid, SIGKILL);
	return 0;
}

static int fake_ask(struct host *host, int pid, uint64_t start_time, unsigned int grace_ms,
		    struct error *err)
{
	auto_free char *grace = xasprintf("%u", grace_ms);

	(void)start_time;
	cells_react(host, "ask one", grace);
	if (ends_nobody)
		return error_set(err, EBUSY, "process %d has not ended", pid);
	kill(pid, SIGKILL);
	return 0;
}

static const struct host_ops ops = {
	.write_attr = cells_write_attr, .process_end = fake_end, .process_ask = fake_ask};

static int fresh(void **state)
{
	*state = gate_new(&ops);
	ends_nobody = false;
	return 0;
}

static int done(void **state)
{
	gate_free(*state);
	return 0;
}

static void assert_log(struct gate *gate, const char *expected)
{
	assert_text(gate->cells->log.data, expected);
}

/* --- process --- */

static void a_process_holds_until_it_closes(void **state)
{
	struct gate *gate = *state;
	pid_t pid = gate_hold(gate, 500, -1);
	auto_free char *target = gate_target(pid);
	uint64_t started_ms = host_now_ms();

	assert_reads(gate->cells, &process_ops, target, "held");
	assert_sets(gate->cells, &process_ops, target, FREE_SOON ",grace=5000");
	assert_true(host_now_ms() - started_ms < SOON_MS);
	assert_reads(gate->cells, &process_ops, target, "free");
	/* It let go by itself, and nobody had to end it. */
	assert_true(gate_is_alive(pid));
	assert_log(gate, "");
}

static void a_process_that_ends_lets_go(void **state)
{
	struct gate *gate = *state;
	auto_free char *target = gate_target(gate_hold(gate, -1, 30));

	assert_sets(gate->cells, &process_ops, target, FREE_SOON);
	assert_reads(gate->cells, &process_ops, target, "free");
}

static void another_with_its_pid_is_not_meant(void **state)
{
	struct gate *gate = *state;
	pid_t pid = gate_hold(gate, -1, -1);
	auto_free char *other = xasprintf("%d:%llu@" GPU, (int)pid, gate_start_time(pid) + 1);
	auto_free char *nobody = xasprintf("%d:1@" GPU, 0x3ffffffe);

	assert_reads(gate->cells, &process_ops, other, "free");
	assert_reads(gate->cells, &process_ops, nobody, "free");
	assert_sets(gate->cells, &process_ops, other, "free,grace=0");
	assert_log(gate, "");
}

static void without_grace_nobody_is_ended(void **state)
{
	struct gate *gate = *state;
	pid_t pid = gate_hold(gate, -1, -1);
	auto_free char *target = gate_target(pid);
	auto_free char *text =
		xasprintf("process %d (test-gates) still holds %s", (int)pid, gate->path);

	assert_set_fails(gate->cells, &process_ops, target, "free,wait=30", EBUSY, text);
	assert_set_fails(gate->cells, &process_ops, target, "free", EBUSY, text);
	assert_true(gate_is_alive(pid));
	assert_log(gate, "");
}

static void with_grace_it_is_ended_after_the_wait(void **state)
{
	struct gate *gate = *state;
	auto_free char *target = gate_target(gate_hold(gate, -1, -1));

	assert_sets(gate->cells, &process_ops, target, "free,wait=20,grace=700");
	assert_reads(gate->cells, &process_ops, target, "free");
	assert_log(gate, "end one 700\n");
}

static void one_that_survives_is_told(void **state)
{
	struct gate *gate = *state;
	auto_free char *target = gate_target(gate_hold(gate, -1, -1));

	ends_nobody = true;
	assert_set_fails(gate->cells, &process_ops, target, "free,grace=0", EBUSY, "still holds");
	assert_log(gate, "end one 0\n");
}

static void one_that_is_spared_is_asked_and_never_killed(void **state)
{
	struct gate *gate = *state;
	pid_t pid = gate_hold(gate, -1, -1);
	auto_free char *target = gate_target(pid);

	ends_nobody = true;
	assert_set_fails(gate->cells, &process_ops, target, "free,term=300", EBUSY,
			 "has not ended");
	assert_true(gate_is_alive(pid));
	ends_nobody = false;
	assert_sets(gate->cells, &process_ops, target, "free,term=400");
	assert_reads(gate->cells, &process_ops, target, "free");
	assert_log(gate, "ask one 300\nask one 400\n");
}

/*
 * Whose device it is that a shared node is held for, nobody can tell. The terminal plays one of
 * nvidia's.
 */
static void shared_nodes_are_no_hold(void **state)
{
	struct gate *gate = *state;
	auto_free char *target = gate_target(gate_hold(gate, -1, -1));
	auto_free char *dev = xasprintf("%s/dev", gate->cells->root), *name = NULL;
	struct host *host = &gate->cells->host;
	struct stat node;

	assert_int_equal(stat(gate->path, &node), 0);
	name = xasprintf("dev/nvidia-caps/nvidia-cap%u", minor(node.st_rdev));
	tree_file(gate->cells->root_fd, name, "x");
	tree_file(gate->cells->root_fd, "proc/devices", "Character devices:\n%3u nvidia-caps\n",
		  major(node.st_rdev));
	tree_link(gate->cells->root_fd, GPU_DIR "/driver", "sys/bus/pci/drivers/nvidia");
	close(host->fd[HOST_DEV]);
	host->fd[HOST_DEV] = open(dev, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_reads(gate->cells, &process_ops, target, "held");
	tree_remove(gate->cells->root_fd, GPU_DIR "/drm");
	assert_reads(gate->cells, &process_ops, target, "free");
	assert_reads(gate->cells, &holders_ops, GPU, "free");
}

static void other_targets_and_values_are_refused(void **state)
{
	struct gate *gate = *state;

	assert_unreadable(gate->cells, &process_ops, GPU, EINVAL, GPU);
	assert_unreadable(gate->cells, &holders_ops, "1:1@" GPU, EINVAL, GPU);
	assert_set_fails(gate->cells, &process_ops, "1:1@" GPU, "held", EINVAL, "held");
	assert_set_fails(gate->cells, &holders_ops, GPU, "held", EINVAL, "held");
	assert_set_fails(gate->cells, &holders_ops, "x", "free", EINVAL, "x");
}

/* --- holders --- */

static void the_gate_is_shut_while_anybody_holds(void **state)
{
	struct gate *gate = *state;
	uint64_t started_ms = host_now_ms();

	assert_reads(gate->cells, &holders_ops, GPU, "free");
	gate_hold(gate, 30, -1);
	gate_hold(gate, -1, 60);
	assert_reads(gate->cells, &holders_ops, GPU, "held");
	assert_sets(gate->cells, &holders_ops, GPU, FREE_SOON);
	assert_true(host_now_ms() - started_ms < SOON_MS);
	assert_reads(gate->cells, &holders_ops, GPU, "free");
}

static void a_shut_gate_names_who_holds(void **state)
{
	struct gate *gate = *state;
	pid_t pid = gate_hold(gate, -1, -1);
	auto_free char *one = xasprintf(GPU ": somebody holds it still or again: process %d "
					    "(test-gates) holds %s",
					(int)pid, gate->path);

	assert_set_fails(gate->cells, &holders_ops, GPU, "free,wait=20", EBUSY, one);
	for (int i = 0; i < 4; i++)
		gate_hold(gate, -1, -1);
	assert_set_fails(gate->cells, &holders_ops, GPU, "free", EBUSY, "and 2 more");
}

/* One that a test of its own could not keep from looking: its table is none. */
static void what_cannot_be_looked_into_is_not_free(void **state)
{
	struct gate *gate = *state;

	tree_file(gate->cells->root_fd, "proc/77/comm", "odd\n");
	tree_file(gate->cells->root_fd, "proc/77/stat",
		  "77 (odd) S 1 77 77 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 4711 0 0\n");
	tree_file(gate->cells->root_fd, "proc/77/fd", "not a directory\n");
	assert_reads(gate->cells, &holders_ops, GPU, "held");
	assert_set_fails(gate->cells, &holders_ops, GPU, "free", EBUSY,
			 "process 77 (odd) cannot be looked into (Not a directory)");
	assert_unreadable(gate->cells, &process_ops, "77:4711@" GPU, ENOTDIR, "77");
	assert_set_fails(gate->cells, &process_ops, "77:4711@" GPU, "free", ENOTDIR, "77");
}

static void without_processes_nothing_is_known(void **state)
{
	struct gate *gate = *state;

	close(gate->cells->host.fd[HOST_PROC]);
	gate->cells->host.fd[HOST_PROC] = -1;
	assert_unreadable(gate->cells, &holders_ops, GPU, EBADF, "processes");
	assert_set_fails(gate->cells, &holders_ops, GPU, "free", EBUSY, "cannot be found out");
}

/* While one is waited for, another node appears, and somebody opens it. */
static void a_node_that_appears_meanwhile_is_looked_at(void **state)
{
	struct gate *gate = *state;
	auto_close int other = open("/dev/full", O_RDWR | O_CLOEXEC);
	struct stat node;
	pid_t pid;

	assert_int_equal(fstat(other, &node), 0);
	gate_hold(gate, 600, -1);
	pid = fork();
	if (pid == 0) {
		pause();
		_exit(0);
	}
	gate->pids[gate->pid_count++] = pid;
	gate_show(gate, pid);
	pid = fork();
	if (pid == 0) {
		usleep(200000);
		gate_node(gate, GPU_DIR "/drm/card2", "full", &node);
		_exit(0);
	}
	assert_set_fails(gate->cells, &holders_ops, GPU, "free,wait=1500", EBUSY,
			 "holds /dev/full");
	waitpid(pid, NULL, 0);
}

/* Without nodes nobody can hold it, and nothing is looked through. */
static void a_device_without_nodes_is_not_looked_for(void **state)
{
	struct gate *gate = *state;

	close(gate->cells->host.fd[HOST_PROC]);
	gate->cells->host.fd[HOST_PROC] = -1;
	tree_remove(gate->cells->root_fd, GPU_DIR "/drm");
	assert_sets(gate->cells, &holders_ops, GPU, "free");
}

/* The kernel tells who has a card's clock open that it is gone. */
static void a_clock_stands_in_nobodys_way(void **state)
{
	struct gate *gate = *state;

	tree_remove(gate->cells->root_fd, GPU_DIR "/drm/card1/subsystem");
	tree_link(gate->cells->root_fd, GPU_DIR "/drm/card1/subsystem", "sys/class/ptp");
	gate_hold(gate, -1, -1);
	assert_sets(gate->cells, &holders_ops, GPU, "free");
}

static void move_to_nvidia(const struct gate *gate, const char *users)
{
	tree_dir(gate->cells->root_fd, "sys/bus/pci/drivers/nvidia");
	tree_remove(gate->cells->root_fd, GPU_DIR "/driver");
	tree_link(gate->cells->root_fd, GPU_DIR "/driver", "sys/bus/pci/drivers/nvidia");
	tree_dir(gate->cells->root_fd, "sys/module/nvidia/holders/nvidia_modeset");
	tree_file(gate->cells->root_fd, "sys/module/nvidia/refcnt", "%s\n", users);
}

static void nvidias_module_must_count_no_user(void **state)
{
	struct gate *gate = *state;

	move_to_nvidia(gate, "2");
	assert_set_fails(gate->cells, &holders_ops, GPU, "free", EBUSY,
			 "the nvidia module counts 1 user that no process accounts for");
	move_to_nvidia(gate, "1");
	assert_sets(gate->cells, &holders_ops, GPU, "free");
}

/* Who holds a node that all cards share may mean another, if this one's own is known to be free. */
static void nvidias_own_node_must_be_known(void **state)
{
	struct gate *gate = *state;
	auto_free char *dev = xasprintf("%s/dev", gate->cells->root), *name = NULL;
	struct host *host = &gate->cells->host;
	struct stat node;

	assert_int_equal(stat(gate->path, &node), 0);
	name = xasprintf("dev/nvidia-caps/nvidia-cap%u", minor(node.st_rdev));
	tree_file(gate->cells->root_fd, name, "x");
	tree_file(gate->cells->root_fd, "proc/devices", "Character devices:\n%3u nvidia-caps\n",
		  major(node.st_rdev));
	close(host->fd[HOST_DEV]);
	host->fd[HOST_DEV] = open(dev, O_PATH | O_DIRECTORY | O_CLOEXEC);
	tree_remove(gate->cells->root_fd, GPU_DIR "/drm");
	gate_hold(gate, -1, -1);
	move_to_nvidia(gate, "2");
	assert_set_fails(gate->cells, &holders_ops, GPU, "free", EBUSY,
			 "which of its nodes is this card's cannot be read");
	tree_file(gate->cells->root_fd, "proc/driver/nvidia/gpus/" GPU "/information",
		  "Device Minor: \t 7\n");
	assert_sets(gate->cells, &holders_ops, GPU, "free");
	/* Each of several cards. */
	tree_dir(gate->cells->root_fd, "sys/bus/pci/devices/0000:02:00.0");
	tree_link(gate->cells->root_fd, "sys/bus/pci/devices/0000:02:00.0/driver",
		  "sys/bus/pci/drivers/nvidia");
	assert_set_fails(gate->cells, &holders_ops, GPU ",0000:02:00.0", "free", EBUSY,
			 "0000:02:00.0: processes use the nvidia driver, and which of its nodes");
}

/* --- both --- */

static void deadlines_follow_what_is_waited_for(void **state)
{
	const struct limits limits = LIMITS_INIT;

	(void)state;
	assert_true(step_timeout_ms(STEP_PROCESS, "held", "free,wait=100000,grace=50000", &limits) >
		    155000);
	assert_true(step_timeout_ms(STEP_PROCESS, "held", "free", &limits) < 30000);
	assert_true(step_timeout_ms(STEP_HOLDERS, "held", "free,wait=100000", &limits) > 115000);
	assert_true(step_timeout_ms(STEP_HOLDERS, "held", "free", &limits) < 60000);
	assert_non_null(process_ops.keep);
	assert_non_null(holders_ops.keep);
}

#define test(name) cmocka_unit_test_setup_teardown(name, fresh, done)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_process_holds_until_it_closes),
		test(a_process_that_ends_lets_go),
		test(another_with_its_pid_is_not_meant),
		test(without_grace_nobody_is_ended),
		test(with_grace_it_is_ended_after_the_wait),
		test(one_that_survives_is_told),
		test(one_that_is_spared_is_asked_and_never_killed),
		test(shared_nodes_are_no_hold),
		test(other_targets_and_values_are_refused),
		test(the_gate_is_shut_while_anybody_holds),
		test(a_shut_gate_names_who_holds),
		test(what_cannot_be_looked_into_is_not_free),
		test(without_processes_nothing_is_known),
		test(a_node_that_appears_meanwhile_is_looked_at),
		test(a_device_without_nodes_is_not_looked_for),
		test(a_clock_stands_in_nobodys_way),
		test(nvidias_module_must_count_no_user),
		test(nvidias_own_node_must_be_known),
		test(deadlines_follow_what_is_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
