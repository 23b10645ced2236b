// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The snapshot: what is read of each function, and that nothing else is. Every open of a file below
 * the made-up /sys is watched (inotify), as "not read" cannot be seen in a result.
 */
#include "tests/host/check.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/wait.h>
#include <unistd.h>

#include "parsers/pci/pci.h"
#include "tests/host/lending.h"
#include "tests/host/tree.h"

static const char host_text[] =
	"bridge 0000:00:01.0 8086:1901 bus=01 group=14\n"
	"device 0000:01:00.0 10de:2204 sub=1458:403b class=030000 group=14 driver=nvidia power=auto"
	" boot_vga status=suspended\n"
	"device 0000:01:00.1 10de:1aef class=040300 group=14 driver=snd_hda_intel d3cold=NONE\n"
	"device 0000:02:00.0 8086:10d3 group=15 driver=e1000e override=e1000e d3cold=0\n"
	"device 0000:03:00.0 8086:10fb group=20 driver=ixgbe sriov=4\n"
	"vf 0000:03:10.0 8086:10ed of=0000:03:00.0 group=21 driver=ixgbevf\n"
	"vf 0000:03:10.2 8086:10ed of=0000:03:00.0 group=22\n"
	"device 0000:04:00.0 1b36:000d class=0c0330 driver=xhci_hcd\n"
	"device 0000:00:1d.0 8086:2934 class=0c0300 group=6 driver=uhci_hcd\n"
	"device 0000:00:1d.7 8086:293a class=0c0320 group=7 driver=ehci-pci\n"
	"device 0000:00:1d.3 8086:9999 class=078000 group=8\n"
	"device 10000:e1:00.0 144d:a80a class=010802 group=24 driver=nvme\n"
	"group 24 name=vfio-noiommu\n"
	"driver xhci_hcd module=xhci_pci\n"
	"driver ehci-pci builtin\n"
	"alias vfio_pci:v000010DEd00002204sv*sd*bc*sc*i* nvgrace_gpu_vfio_pci\n"
	"module vfio-pci unloaded\n";

static struct snapshot take(struct testhost *host, const char *guest_text)
{
	auto_guest struct guest guest = guest_make(guest_text);
	struct snapshot snapshot = {0};
	struct error err = ERROR_INIT;

	assert_ok(pci_snapshot(&host->host, &guest, &snapshot, &err), &err);
	return snapshot;
}

static const struct device *device_of(const struct snapshot *snapshot, const char *text)
{
	const struct device *device = NULL;
	struct pci_addr addr;

	if (pci_addr_parse(text, &addr))
		device = snapshot_device(snapshot, &addr);
	assert_non_null(device);
	return device;
}

static void one_function_is_read_whole(void **state)
{
	auto_testhost struct testhost *host = testhost_new(host_text);
	auto_snapshot struct snapshot snapshot = take(host, "hostdev 0000:01:00.0 managed\n");
	const struct device *gpu = device_of(&snapshot, "0000:01:00.0");

	(void)state;
	assert_int_equal(gpu->vendor, 0x10de);
	assert_int_equal(gpu->product, 0x2204);
	assert_int_equal(gpu->subvendor, 0x1458);
	assert_int_equal(gpu->subproduct, 0x403b);
	assert_int_equal(gpu->class_code, 0x030000);
	assert_int_equal(gpu->group, 14);
	assert_true(gpu->boot_vga);
	assert_false(gpu->is_bridge);
	assert_false(gpu->is_vf);
	assert_false(gpu->has_vfs);
	assert_string_equal(gpu->runtime_status, "suspended");
	assert_string_equal(gpu->bound.driver, "nvidia");
	assert_string_equal(gpu->bound.module, "");
	assert_string_equal(gpu->bound.override, "");
	assert_string_equal(gpu->power.control, "auto");
	assert_string_equal(gpu->power.d3cold, "1");
	assert_string_equal(gpu->vfio_driver, "nvgrace_gpu_vfio_pci");
	assert_null(gpu->name);
}

static void the_group_comes_with_its_members(void **state)
{
	auto_testhost struct testhost *host = testhost_new(host_text);
	auto_snapshot struct snapshot snapshot = take(host, "hostdev 0000:01:00.0\n");
	const struct group *group = snapshot_group(&snapshot, 14);

	(void)state;
	assert_true(snapshot.iommu);
	assert_int_equal(snapshot.device_count, 3);
	assert_int_equal(snapshot.group_count, 1);
	assert_int_equal(group->member_count, 3);
	assert_false(group->noiommu);
	assert_true(device_of(&snapshot, "0000:00:01.0")->is_bridge);
	assert_ptr_equal(snapshot_parent(&snapshot, device_of(&snapshot, "0000:01:00.1")),
			 device_of(&snapshot, "0000:00:01.0"));
	assert_null(snapshot_parent(&snapshot, device_of(&snapshot, "0000:00:01.0")));
	assert_string_equal(device_of(&snapshot, "0000:01:00.1")->power.d3cold, "");
	assert_int_equal(snapshot.claim_count, 0);
}

static void other_sorts_of_functions(void **state)
{
	auto_testhost struct testhost *host = testhost_new(host_text);
	auto_snapshot struct snapshot snapshot =
		take(host, "hostdev 0000:02:00.0\nhostdev 0000:03:00.0\nhostdev 0000:03:10.0\n"
			   "hostdev 0000:03:10.2\nhostdev 0000:04:00.0\nhostdev 10000:e1:00.0\n"
			   "hostdev 0000:99:00.0\n");
	const struct device *vf = device_of(&snapshot, "0000:03:10.0");

	(void)state;
	assert_int_equal(snapshot.device_count, 6);
	assert_string_equal(device_of(&snapshot, "0000:02:00.0")->bound.override, "e1000e");
	assert_true(device_of(&snapshot, "0000:03:00.0")->has_vfs);
	assert_true(vf->is_vf);
	assert_string_equal(ADDR(&vf->physfn), "0000:03:00.0");
	assert_ptr_equal(snapshot_parent(&snapshot, vf), device_of(&snapshot, "0000:03:00.0"));
	assert_string_equal(device_of(&snapshot, "0000:03:10.2")->bound.driver, "");
	assert_int_equal(device_of(&snapshot, "0000:04:00.0")->group, DEVICE_NO_GROUP);
	assert_string_equal(device_of(&snapshot, "0000:04:00.0")->bound.module, "xhci_pci");
	assert_true(snapshot_group(&snapshot, 24)->noiommu);
}

static void usb2_neighbours_are_read_too(void **state)
{
	auto_testhost struct testhost *host = testhost_new(host_text);
	auto_snapshot struct snapshot snapshot = take(host, "hostdev 0000:00:1d.0\n");

	(void)state;
	assert_string_equal(device_of(&snapshot, "0000:00:1d.7")->bound.driver, "ehci-pci");
	assert_string_equal(device_of(&snapshot, "0000:00:1d.7")->bound.module, "");
}

static void vfio_drivers_are_looked_up(void **state)
{
	auto_testhost struct testhost *host = testhost_new(host_text);
	auto_snapshot struct snapshot before =
		take(host, "hostdev 0000:01:00.0 managed\nhostdev 0000:02:00.0 model=vfio_pci\n");
	const struct vfio_driver *driver = snapshot_vfio_driver(&before, "vfio-pci");

	(void)state;
	assert_non_null(driver);
	assert_null(driver->registered);
	assert_non_null(snapshot_vfio_driver(&before, "nvgrace_gpu_vfio_pci"));
	host_module_load(&host->host, "vfio-pci", 0, NULL);
	auto_snapshot struct snapshot after = take(host, "hostdev 0000:02:00.0 model=vfio_pci\n");

	assert_string_equal(snapshot_vfio_driver(&after, "vfio-pci")->registered, "vfio-pci");
	assert_string_equal(snapshot_vfio_driver(&after, "vfio_pci")->registered, "vfio-pci");
}

static void no_groups_is_no_iommu(void **state)
{
	auto_testhost struct testhost *host =
		testhost_new("iommu off\ndevice 0000:02:00.0 8086:10d3 group=15 driver=e1000e\n");
	auto_snapshot struct snapshot snapshot = take(host, "hostdev 0000:02:00.0\n");

	(void)state;
	assert_false(snapshot.iommu);
	assert_int_equal(snapshot.group_count, 0);
	tree_remove(host->root_fd, "sys/kernel");
	auto_snapshot struct snapshot without = take(host, "hostdev 0000:02:00.0\n");

	assert_false(without.iommu);
}

static void damaged_attributes_do_no_harm(void **state)
{
	static const char *const names[] = {"vendor",   "class",         "driver_override",
					    "modalias", "power/control", "sriov_numvfs"};
	static const char *const values[] = {"", "zzz", "0x", "99999999999999999999", "-1"};
	auto_testhost struct testhost *host = testhost_new(host_text);
	auto_free char *longer = xasprintf("%0500d", 1);

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		for (size_t j = 0; j <= sizeof(values) / sizeof(values[0]); j++) {
			bool last = j == sizeof(values) / sizeof(values[0]);
			auto_guest struct guest guest = guest_make("hostdev 0000:03:00.0\n");
			auto_snapshot struct snapshot snapshot = {0};

			testhost_set(host, "0000:03:00.0", names[i], last ? longer : values[j]);
			pci_snapshot(&host->host, &guest, &snapshot, NULL);
		}
	}
}

/* --- what is opened --- */

struct watch {
	int fd;
	char *paths[2048]; /* by watch descriptor */
};

static void watch_tree(struct watch *watch, const char *root, const char *path)
{
	auto_free char *full = xasprintf("%s/%s", root, path);
	auto_closedir DIR *dir = opendir(full);
	struct dirent *entry;
	int id;

	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		auto_free char *child = xasprintf("%s/%s", path, entry->d_name);

		if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
			watch_tree(watch, root, child);
	}
	id = inotify_add_watch(watch->fd, full, IN_OPEN);
	assert_uint_in_range(id, 1, 2047);
	watch->paths[id] = xstrdup(path);
}

static void watch_done(struct watch *watch)
{
	close(watch->fd);
	for (size_t i = 0; i < 2048; i++)
		free(watch->paths[i]);
}

/* "DIRECTORY/FILE" a line, each file that was opened; directories only by their listing. */
static void watch_read(struct watch *watch, struct text *out)
{
	char buffer[65536] __attribute__((aligned(__alignof__(struct inotify_event))));
	ssize_t length;

	text_append(out, "", 0);
	while ((length = read(watch->fd, buffer, sizeof(buffer))) > 0) {
		for (char *at = buffer; at < buffer + length;) {
			const struct inotify_event *event = (const void *)at;

			assert_false(event->mask & IN_Q_OVERFLOW);
			if (event->len > 0)
				text_printf(out, "%s/%s\n", watch->paths[event->wd], event->name);
			at += sizeof(*event) + event->len;
		}
	}
}

/* Every line is one of the files that may be read of the functions that may be looked at. */
static void check_opened(char *opened, const char *const *devices)
{
	static const char *const files[] = {
		"vendor",         "device",         "subsystem_vendor", "subsystem_device",
		"class",          "modalias",       "driver_override",  "control",
		"runtime_status", "d3cold_allowed", "boot_vga",         "sriov_numvfs",
		"serial_number",
	};
	char *line;

	while ((line = strsep(&opened, "\n"))) {
		const char *name = strrchr(line, '/');
		bool file = false, device = false;

		if (!name || !text_starts(line, "sys/devices/"))
			continue;
		for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
			file |= strcmp(name + 1, files[i]) == 0;
		for (size_t i = 0; devices[i]; i++) {
			auto_free char *own = xasprintf("/%s/%s", devices[i], name + 1);
			auto_free char *power = xasprintf("/%s/power%s", devices[i], name);

			device |= strstr(line, own) || strstr(line, power);
		}
		if (!file || !device)
			fail_msg("%s was opened", line);
	}
}

static void check_reads(const char *guest, const char *const *devices)
{
	auto_testhost struct testhost *host = testhost_new(host_text);
	cleanup(watch_done) struct watch watch = {.fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC)};
	auto_snapshot struct snapshot snapshot = {0};
	auto_text struct text opened = TEXT_INIT;

	assert_true(watch.fd >= 0);
	watch_tree(&watch, host->root, "sys");
	snapshot = take(host, guest);
	watch_read(&watch, &opened);
	/* It does see: the device itself was read. */
	assert_contains(opened.data, "/vendor\n");
	check_opened(opened.data, devices);
}

static void assert_serial(struct testhost *host, const char *addr, const char *expected)
{
	auto_free char *guest = xasprintf("hostdev %s\n", addr);
	auto_snapshot struct snapshot snapshot = take(host, guest);

	assert_string_equal(device_of(&snapshot, addr)->serial, expected);
}

static void serials_name_their_source(void **state)
{
	auto_testhost struct testhost *host = testhost_new(host_text);
	const char *disk = "10000:e1:00.0";

	(void)state;
	assert_serial(host, disk, "");
	testhost_set(host, disk, "serial_number", "00-1b-21-ff-ff-aa-bb-cc");
	assert_serial(host, disk, "dsn:00-1b-21-ff-ff-aa-bb-cc");
	/* The disk's own comes first. */
	tree_file(host->root_fd, "sys/bus/pci/devices/10000:e1:00.0/nvme/nvme3/serial", "%s",
		  " S467 NX0M     \n");
	assert_serial(host, disk, "nvme:S467 NX0M");
	tree_file(host->root_fd, "sys/bus/pci/devices/10000:e1:00.0/nvme/nvme3/serial", "%s",
		  "          \n");
	assert_serial(host, disk, "dsn:00-1b-21-ff-ff-aa-bb-cc");
}

/* Its configuration space would answer all ones, or take a while. */
static void a_sleeping_device_tells_no_serial(void **state)
{
	auto_testhost struct testhost *host = testhost_new(host_text);

	(void)state;
	testhost_set(host, "0000:01:00.0", "serial_number", "00-1b-21-ff-ff-aa-bb-cc");
	assert_serial(host, "0000:01:00.0", "");
	testhost_set(host, "0000:01:00.0", "power/runtime_status", "active");
	assert_serial(host, "0000:01:00.0", "dsn:00-1b-21-ff-ff-aa-bb-cc");
}

static void only_named_devices_and_groups_are_read(void **state)
{
	static const char *const card[] = {"0000:00:01.0", "0000:01:00.0", "0000:01:00.1", NULL};
	static const char *const nic[] = {"0000:02:00.0", NULL};
	static const char *const pf[] = {"0000:03:00.0", NULL};
	static const char *const vf[] = {"0000:03:10.0", NULL};
	static const char *const usb[] = {"0000:00:1d.0", "0000:00:1d.3", "0000:00:1d.7", NULL};

	(void)state;
	check_reads("hostdev 0000:01:00.0\n", card);
	check_reads("hostdev 0000:02:00.0 managed\n", nic);
	check_reads("hostdev 0000:03:00.0\n", pf);
	check_reads("interface 0000:03:10.0 managed\n", vf);
	check_reads("hostdev 0000:00:1d.0\n", usb);
}

/* Until Linux 6.12 each reading waits for the device's lock: a child's is the only one. */
static void an_override_is_read_once(void **state)
{
	static const char path[] = "sys/bus/pci/devices/0000:02:00.0/driver_override";
	auto_testhost struct testhost *host = testhost_new(host_text);
	auto_snapshot struct snapshot snapshot = {0};
	int status;
	pid_t teller;

	(void)state;
	tree_remove(host->root_fd, path);
	teller = tree_once(host->root_fd, path, "vfio-pci\n");
	alarm(20);
	snapshot = take(host, "hostdev 0000:02:00.0\n");
	alarm(0);
	assert_string_equal(device_of(&snapshot, "0000:02:00.0")->bound.override, "vfio-pci");
	assert_int_equal(waitpid(teller, &status, 0), teller);
	assert_int_equal(status, 0);
}

static bool override_stands(const struct testhost *host, const struct snapshot *snapshot)
{
	return pci_override_stands(&host->host, device_of(snapshot, "0000:02:00.0"));
}

/* What cannot be read is no sign of somebody at work: a look at all that has moved is no answer. */
static void an_override_stands_until_another_is_seen(void **state)
{
	static const char path[] = "sys/bus/pci/devices/0000:02:00.0/driver_override";
	auto_testhost struct testhost *host = testhost_new(host_text);
	auto_snapshot struct snapshot snapshot = take(host, "hostdev 0000:02:00.0\n");

	(void)state;
	assert_true(override_stands(host, &snapshot));
	testhost_set(host, "0000:02:00.0", "driver_override", "vfio-pci");
	assert_false(override_stands(host, &snapshot));
	tree_remove(host->root_fd, path);
	tree_dir(host->root_fd, path);
	assert_true(override_stands(host, &snapshot));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_function_is_read_whole),
		cmocka_unit_test(the_group_comes_with_its_members),
		cmocka_unit_test(other_sorts_of_functions),
		cmocka_unit_test(usb2_neighbours_are_read_too),
		cmocka_unit_test(vfio_drivers_are_looked_up),
		cmocka_unit_test(no_groups_is_no_iommu),
		cmocka_unit_test(damaged_attributes_do_no_harm),
		cmocka_unit_test(serials_name_their_source),
		cmocka_unit_test(a_sleeping_device_tells_no_serial),
		cmocka_unit_test(only_named_devices_and_groups_are_read),
		cmocka_unit_test(an_override_is_read_once),
		cmocka_unit_test(an_override_stands_until_another_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
