// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The last look before a device loses its driver: with real processes, as the kernel's answer to an
 * unbind while a node is open may be none at all.
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

static void who_is_held_is_not(void **state)
{
	struct gate *gate = *state;
	pid_t pid = gate_hold(gate, -1, -1);
	auto_free char *text = xasprintf(GPU " is in use: process %d (test-driver) holds %s",
					 (int)pid, gate->path);

	assert_set_fails(gate->cells, &driver_ops, GPU, WAITING, EBUSY, text);
	assert_reads(gate->cells, &driver_ops, GPU, "snd_hda_intel");
	assert_text(gate->cells->log.data, "bus/pci/devices/" GPU "/driver_override vfio-pci\n"
					   "bus/pci/devices/" GPU "/driver_override \n\n");
}

/* As udev does, which looks at each disk that has just appeared. */
static void who_closes_in_a_moment_is_waited_for(void **state)
{
	struct gate *gate = *state;

	gate_hold(gate, 300, -1);
	assert_sets(gate->cells, &driver_ops, GPU, WAITING);
	assert_reads(gate->cells, &driver_ops, GPU, WAITING);
}

/* An override that was there before comes back as it was. */
static void an_override_of_before_comes_back(void **state)
{
	struct gate *gate = *state;

	tree_file(gate->cells->root_fd, GPU_DIR "/driver_override", "snd_hda_intel\n");
	gate_hold(gate, -1, -1);
	assert_set_fails(gate->cells, &driver_ops, GPU, WAITING, EBUSY, "is in use");
	assert_reads(gate->cells, &driver_ops, GPU, "snd_hda_intel,override=snd_hda_intel");
}

static void who_cannot_be_looked_into_is_not_free(void **state)
{
	struct gate *gate = *state;

	close(gate->cells->host.fd[HOST_PROC]);
	gate->cells->host.fd[HOST_PROC] = -1;
	assert_set_fails(gate->cells, &driver_ops, GPU, WAITING, EBUSY, "cannot be found out");
	assert_reads(gate->cells, &driver_ops, GPU, "snd_hda_intel");
}

/* Without nodes nobody can hold it, and nothing is looked through. */
static void a_device_without_nodes_is_not_looked_for(void **state)
{
	struct gate *gate = *state;

	close(gate->cells->host.fd[HOST_PROC]);
	gate->cells->host.fd[HOST_PROC] = -1;
	tree_remove(gate->cells->root_fd, GPU_DIR "/drm");
	assert_sets(gate->cells, &driver_ops, GPU, WAITING);
	assert_reads(gate->cells, &driver_ops, GPU, WAITING);
}

/* A USB controller's end is what pulling plugs is: nobody's descriptor stands in its way. */
static void a_usb_controller_goes_whoever_holds_it(void **state)
{
	struct gate *gate = *state;

	tree_file(gate->cells->root_fd, GPU_DIR "/class", "0x0c0330\n");
	gate_hold(gate, -1, -1);
	assert_sets(gate->cells, &driver_ops, GPU, WAITING);
}

/* The kernel tells who has a card's clock open that it is gone. */
static void a_clock_stands_in_nobodys_way(void **state)
{
	struct gate *gate = *state;

	tree_remove(gate->cells->root_fd, GPU_DIR "/drm/card1/subsystem");
	tree_link(gate->cells->root_fd, GPU_DIR "/drm/card1/subsystem", "sys/class/ptp");
	gate_hold(gate, -1, -1);
	assert_sets(gate->cells, &driver_ops, GPU, WAITING);
	assert_reads(gate->cells, &driver_ops, GPU, WAITING);
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
	assert_set_fails(gate->cells, &driver_ops, GPU, WAITING, EBUSY,
			 "the nvidia module counts 1 user that no process accounts for");
	assert_reads(gate->cells, &driver_ops, GPU, "nvidia");
	move_to_nvidia(gate, "1");
	assert_sets(gate->cells, &driver_ops, GPU, WAITING);
	assert_reads(gate->cells, &driver_ops, GPU, WAITING);
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
	assert_set_fails(gate->cells, &driver_ops, GPU, WAITING, EBUSY,
			 "which of its nodes is this card's cannot be read");
	tree_file(gate->cells->root_fd, "proc/driver/nvidia/gpus/" GPU "/information",
		  "Device Minor: \t 7\n");
	assert_sets(gate->cells, &driver_ops, GPU, WAITING);
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
	assert_true(driver_ops.apart(&host->host, GPU, vfio, "0000:01:00.1"));
	assert_false(driver_ops.apart(&host->host, GPU, vfio, "0000:02:00.0"));
	assert_false(driver_ops.apart(&host->host, GPU, WAITING, "0000:01:00.1"));
	assert_false(driver_ops.apart(&host->host, GPU, "nvidia", "0000:01:00.1"));
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
	assert_contains(err.text, "the kernel's log (dmesg) says why: bind 0000:6a:01.0 to ");
}

#define test(name) cmocka_unit_test_setup_teardown(name, fresh, done)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(who_is_free_is_unbound),
		test(who_is_held_is_not),
		test(who_closes_in_a_moment_is_waited_for),
		test(an_override_of_before_comes_back),
		test(who_cannot_be_looked_into_is_not_free),
		test(a_device_without_nodes_is_not_looked_for),
		test(a_usb_controller_goes_whoever_holds_it),
		test(a_clock_stands_in_nobodys_way),
		test(nvidias_module_must_count_no_user),
		test(two_of_a_group_do_not_come_to_vfio_at_once),
		test(nvidias_own_node_must_be_known),
		cmocka_unit_test(a_device_that_vfio_does_not_take),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
