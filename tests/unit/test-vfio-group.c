// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Waiting for a guest's process to let go of a device: with real processes and a terminal for the
 * device's own node of VFIO.
 */
#include "tests/unit/gate-helpers.h"

#include <stdarg.h>

#include "actions/vfio-group.h"
#include "base/host.h"

/* What the kernel says of the node of group 14, if anything. */
static int group_error;

int __real_openat(int dir, const char *path, int flags, ...);
int __wrap_openat(int dir, const char *path, int flags, ...);

int __wrap_openat(int dir, const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list arguments;

	if (flags & O_CREAT) {
		va_start(arguments, flags);
		mode = va_arg(arguments, mode_t);
		va_end(arguments);
	}
	if (!group_error || strcmp(path, "vfio/14") != 0)
		return __real_openat(dir, path, flags, mode);
	errno = group_error;
	return -1;
}

static const struct host_ops ops = {.write_attr = cells_write_attr};

/* The terminal as /dev/vfio/devices/vfio0, of a device in no group. */
static int fresh(void **state)
{
	struct gate *gate = gate_new(&ops);
	struct stat node;

	assert_int_equal(stat(gate->path, &node), 0);
	tree_remove(gate->cells->root_fd, GPU_DIR "/drm");
	gate_node(gate, GPU_DIR "/vfio-dev/vfio0", gate->name, &node);
	tree_remove(gate->cells->root_fd, GPU_DIR "/vfio-dev/vfio0/subsystem");
	tree_link(gate->cells->root_fd, GPU_DIR "/vfio-dev/vfio0/subsystem", "sys/class/vfio-dev");
	group_error = 0;
	*state = gate;
	return 0;
}

static int done(void **state)
{
	gate_free(*state);
	return 0;
}

static void who_holds_the_devices_own_node_is_waited_for(void **state)
{
	struct gate *gate = *state;
	uint64_t started_ms = host_now_ms();
	struct error err = ERROR_INIT;

	gate_hold(gate, 300, -1);
	assert_ok(vfio_group_wait(&gate->cells->host, GPU, 10000, &err), &err);
	assert_uint_in_range(host_now_ms() - started_ms, 200, 5000);
}

static void who_does_not_let_go_is_named(void **state)
{
	struct gate *gate = *state;
	pid_t pid = gate_hold(gate, -1, -1);
	auto_free char *text =
		xasprintf(GPU " is still in use: process %d (test-vfio-group) holds %s", (int)pid,
			  gate->path);
	uint64_t started_ms = host_now_ms();
	struct error err = ERROR_INIT;

	assert_int_equal(vfio_group_wait(&gate->cells->host, GPU, 200, &err), -EBUSY);
	assert_string_equal(err.text, text);
	assert_uint_in_range(host_now_ms() - started_ms, 200, 5000);
}

static void nobody_is_not_waited_for(void **state)
{
	struct gate *gate = *state;
	uint64_t started_ms = host_now_ms();
	struct error err = ERROR_INIT;

	assert_ok(vfio_group_wait(&gate->cells->host, GPU, 10000, &err), &err);
	tree_remove(gate->cells->root_fd, GPU_DIR "/vfio-dev");
	assert_ok(vfio_group_wait(&gate->cells->host, GPU, 10000, &err), &err);
	assert_uint_in_range(host_now_ms() - started_ms, 0, 5000);
}

/* The device is in group 14, whose node cannot be opened for this reason. Its terminal is that
 * node. */
static void join_group(struct gate *gate, int code)
{
	struct stat node;

	assert_int_equal(stat(gate->path, &node), 0);
	tree_remove(gate->cells->root_fd, GPU_DIR "/vfio-dev");
	tree_dir(gate->cells->root_fd, "sys/kernel/iommu_groups/14");
	tree_link(gate->cells->root_fd, GPU_DIR "/iommu_group", "sys/kernel/iommu_groups/14");
	gate_node(gate, "sys/class/vfio/14", gate->name, &node);
	group_error = code;
}

/* A group's node that may not be opened tells nothing: who holds it is looked for. */
static void a_group_that_may_not_be_opened(void **state)
{
	struct gate *gate = *state;
	uint64_t started_ms = host_now_ms();
	struct error err = ERROR_INIT;

	join_group(gate, EPERM);
	assert_ok(vfio_group_wait(&gate->cells->host, GPU, 10000, &err), &err);
	assert_uint_in_range(host_now_ms() - started_ms, 0, 5000);
	gate_hold(gate, -1, -1);
	assert_int_equal(vfio_group_wait(&gate->cells->host, GPU, 200, &err), -EBUSY);
}

/* The kernel knows, even of a process that cannot be seen from here. */
static void a_group_that_is_busy(void **state)
{
	struct gate *gate = *state;
	struct error err = ERROR_INIT;

	join_group(gate, EBUSY);
	assert_int_equal(vfio_group_wait(&gate->cells->host, GPU, 200, &err), -EBUSY);
	assert_contains(err.text, "/dev/vfio/14 is still open in some process");
	group_error = ENOENT;
	assert_ok(vfio_group_wait(&gate->cells->host, GPU, 200, &err), &err);
}

/* Where nobody can look, the kernel would perhaps wait for somebody for ever. */
static void who_cannot_be_looked_for_is_there(void **state)
{
	struct gate *gate = *state;
	struct error err = ERROR_INIT;

	close(gate->cells->host.fd[HOST_PROC]);
	gate->cells->host.fd[HOST_PROC] = -1;
	assert_int_equal(vfio_group_wait(&gate->cells->host, GPU, 200, &err), -EBUSY);
	assert_contains(err.text, "whether " GPU " is still in use cannot be found out");
}

/* It is before anything is asked of the kernel that a device leaves VFIO, and at no other time. */
static void only_leaving_vfio_is_waited_for(void **state)
{
	struct limits limits = LIMITS_INIT;
	struct gate *gate = *state;
	const struct host *host = &gate->cells->host;
	struct error err = ERROR_INIT;

	limits.release_ms = 100;
	gate_hold(gate, -1, -1);
	assert_ok(driver_ops.ready(host, GPU, "none", &limits, &err), &err);
	tree_dir(gate->cells->root_fd, "sys/bus/pci/drivers/vfio-pci");
	tree_link(gate->cells->root_fd, GPU_DIR "/driver", "sys/bus/pci/drivers/vfio-pci");
	assert_ok(driver_ops.ready(host, GPU, "vfio-pci,override=vfio-pci", &limits, &err), &err);
	assert_int_equal(driver_ops.ready(host, GPU, "none", &limits, &err), -EBUSY);
	assert_int_equal(driver_ops.ready(host, GPU, "nvidia", &limits, &err), -EBUSY);
	assert_text(gate->cells->log.data, "");
}

#define test(name) cmocka_unit_test_setup_teardown(name, fresh, done)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(who_holds_the_devices_own_node_is_waited_for),
		test(who_does_not_let_go_is_named),
		test(nobody_is_not_waited_for),
		test(a_group_that_may_not_be_opened),
		test(a_group_that_is_busy),
		test(who_cannot_be_looked_for_is_there),
		test(only_leaving_vfio_is_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
