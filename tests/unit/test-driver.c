// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a device loses its driver, and comes to another.
 */
#include "tests/unit/gate-helpers.h"

#include "tests/host/testhost.h"

#define DRIVER "sys/bus/pci/drivers/snd_hda_intel"
#define WAITING "none,override=vfio-pci"

static int react(struct cells *cells, const char *what, const char *value)
{
	if (strstr(what, "driver_override"))
		tree_file(cells->root_fd, GPU_DIR "/driver_override", "%s\n",
			  strcmp(value, "\n") == 0 ? "(null)" : value);
	if (strstr(what, "/unbind"))
		tree_remove(cells->root_fd, GPU_DIR "/driver");
	return 0;
}

static const struct host_ops ops = {.write_attr = cells_write_attr};

static int fresh(void **state)
{
	struct gate *gate = gate_new(&ops);

	tree_dir(gate->cells->root_fd, DRIVER);
	tree_link(gate->cells->root_fd, GPU_DIR "/driver", DRIVER);
	tree_file(gate->cells->root_fd, GPU_DIR "/driver_override", "(null)\n");
	gate->cells->react = react;
	*state = gate;
	return 0;
}

static int done(void **state)
{
	gate_free(*state);
	return 0;
}

static void who_is_free_is_unbound(void **state)
{
	struct gate *gate = *state;

	assert_sets(gate->cells, &driver_ops, GPU, WAITING);
	assert_reads(gate->cells, &driver_ops, GPU, WAITING);
}

/* Another's, and nothing that is waited for. */
static void a_name_that_cannot_be_is_read_all_the_same(void **state)
{
	static char target[] = GPU, before[] = "snd_hda_intel", after[] = WAITING, why[] = "x";
	const struct step steps[] = {{STEP_DRIVER, target, before, after, why}};
	struct gate *gate = *state;
	char now[CELL_VALUE_SIZE];
	struct error err = ERROR_INIT;

	tree_remove(gate->cells->root_fd, GPU_DIR "/driver");
	tree_link(gate->cells->root_fd, GPU_DIR "/driver", "sys/bus/pci/drivers/a\001b");
	assert_ok(driver_ops.read(&gate->cells->host, GPU, now, &err), &err);
	assert_string_equal(now, "a driver whose name cannot be written");
	assert_int_equal(step_state(steps, 0, now), STEP_FOREIGN);
	assert_false(step_may_begin(steps, 0, now));
}

/* Of one group, only one at a time comes to VFIO; all else is done at once. */
static void two_of_a_group_do_not_come_to_vfio_at_once(void **state)
{
	auto_testhost struct testhost *host =
		testhost_new("device 0000:01:00.0 10de:2204 class=030000 group=14 driver=nvidia\n"
			     "device 0000:01:00.1 10de:1aef class=040300 group=14\n"
			     "device 0000:02:00.0 8086:10d3 group=15 driver=e1000e\n");
	static const char vfio[] = "vfio-pci,override=vfio-pci";

	(void)state;
	assert_true(driver_ops.excludes(&host->host, GPU, vfio, "0000:01:00.1"));
	assert_false(driver_ops.excludes(&host->host, GPU, vfio, "0000:02:00.0"));
	assert_false(driver_ops.excludes(&host->host, GPU, WAITING, "0000:01:00.1"));
	assert_false(driver_ops.excludes(&host->host, GPU, "nvidia", "0000:01:00.1"));
}

/* A VFIO driver by what the kernel says of its device, whatever it is called. */
static void whoever_has_the_device_by_vfio_is_waited_for(void **state)
{
	static const char node[] = "sys/bus/pci/devices/0000:6a:01.0/vfio-dev/vfio0";
	auto_testhost struct testhost *host =
		testhost_new("device 0000:6a:01.0 8086:0b25 class=088000 group=16 driver=qat_vf\n"
			     "process 900 comm=qemu-system-x86\n");
	auto_free char *dev = xasprintf("%s/dev", node), *uevent = xasprintf("%s/uevent", node),
		       *subsystem = xasprintf("%s/subsystem", node);
	struct limits limits = LIMITS_INIT;
	struct error err = ERROR_INIT;

	(void)state;
	limits.release_ms = 300;
	tree_file(host->root_fd, dev, "1:7\n");
	tree_file(host->root_fd, uevent, "DEVNAME=full\n");
	tree_link(host->root_fd, subsystem, "sys/class/vfio-dev");
	tree_raw_link(host->root_fd, "proc/900/fd/9", "/dev/full");
	assert_int_equal(driver_ops.ready(&host->host, "0000:6a:01.0", WAITING, &limits, &err),
			 -EBUSY);
	assert_contains(err.text, "process 900 (qemu-system-x86)");
}

/* Vfio-pci has a list of those that it turns away: only the kernel's log tells. */
static void a_device_that_vfio_does_not_take(void **state)
{
	auto_testhost struct testhost *host =
		testhost_new("device 0000:6a:01.0 8086:0b25 class=088000 group=16\n"
			     "driver vfio-pci module=vfio-pci\n"
			     "probe vfio-pci 0000:6a:01.0 fails=EINVAL\n");
	struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(
		driver_ops.set(&host->host, "0000:6a:01.0", "vfio-pci,override=vfio-pci", &err),
		-EINVAL);
	assert_contains(err.text, "the kernel's log (dmesg) says why");
}

#define test(name) cmocka_unit_test_setup_teardown(name, fresh, done)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(who_is_free_is_unbound),
		test(a_name_that_cannot_be_is_read_all_the_same),
		test(two_of_a_group_do_not_come_to_vfio_at_once),
		cmocka_unit_test(whoever_has_the_device_by_vfio_is_waited_for),
		cmocka_unit_test(a_device_that_vfio_does_not_take),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
