// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A device's nodes: what lies below it in a made-up sysfs, what lies elsewhere, and what is left
 * unread (every open of a file is watched, as "not read" cannot be seen in a result).
 */
#include "tests/host/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "scan/nodes.h"
#include "tests/host/tree.h"

#define PORT "sys/devices/pci0000:00/0000:00:01.0"
#define DEVICE PORT "/0000:01:00.0"

static char scratch[] = "/tmp/test-nodes-XXXXXX";
static int root;
static struct host host;

/* --- a made-up machine --- */

/* The function, as the bus knows it. */
static void add_function(const char *addr, const char *target)
{
	auto_free char *path = xasprintf("sys/bus/pci/devices/%s", addr);

	tree_dir(root, target);
	tree_link(root, path, target);
}

/* A class device; name NULL: without a "uevent". */
static void add_class(const char *path, const char *subsystem, const char *number, const char *name)
{
	auto_free char *dev = xasprintf("%s/dev", path), *link = xasprintf("%s/subsystem", path),
		       *uevent = xasprintf("%s/uevent", path),
		       *class = xasprintf("sys/class/%s", subsystem);

	tree_dir(root, class);
	tree_file(root, dev, "%s\n", number);
	tree_link(root, link, class);
	if (name)
		tree_file(root, uevent, "MAJOR=1\nDEVNAME=%s\nDEVTYPE=x\n", name);
}

static int fresh(void **state)
{
	struct error err = ERROR_INIT;

	(void)state;
	strcpy(scratch + strlen(scratch) - 6, "XXXXXX");
	if (!mkdtemp(scratch))
		return -1;
	root = open(scratch, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	tree_dir(root, "dev");
	tree_dir(root, "proc");
	add_function("0000:01:00.0", DEVICE);
	return host_open(&host, scratch, NULL, NULL, &err);
}

static int done(void **state)
{
	static const char *const folders[] = {"sys", "proc", "dev"};

	(void)state;
	host_close(&host);
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		tree_remove(root, folders[i]);
	close(root);
	return rmdir(scratch);
}

/* --- what is found --- */

static int compare_lines(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* "ID SUBSYSTEM NAME[ shared]", sorted. */
static char *list(const struct node *nodes, size_t count)
{
	auto_free char **lines = xcalloc(count + 1, sizeof(*lines));
	struct text text = TEXT_INIT;

	for (size_t i = 0; i < count; i++)
		lines[i] = xasprintf("%s %s %s%s\n", NODE_ID(&nodes[i]), nodes[i].subsystem,
				     nodes[i].name, nodes[i].shared ? " shared" : "");
	qsort(lines, count, sizeof(*lines), compare_lines);
	text_append(&text, "", 0);
	for (size_t i = 0; i < count; i++) {
		text_printf(&text, "%s", lines[i]);
		free(lines[i]);
	}
	return text.data ? text.data : xstrdup("");
}

static void expect_nodes(const char *addr_text, const char *expected)
{
	auto_free char *found = NULL;
	struct error err = ERROR_INIT;
	struct node *nodes = NULL;
	struct pci_addr addr;
	size_t count = 0;

	assert_true(pci_addr_parse(addr_text, &addr));
	assert_ok(nodes_read(&host, &addr, &nodes, &count, &err), &err);
	for (size_t i = 0; i < count; i++)
		assert_true(pci_addr_equal(&nodes[i].addr, &addr));
	found = list(nodes, count);
	assert_text(found, expected);
	nodes_free(&nodes, &count);
	assert_null(nodes);
	assert_int_equal(count, 0);
}

static void nothing_is_no_error(void **state)
{
	(void)state;
	expect_nodes("0000:01:00.0", "");
	expect_nodes("0000:09:00.0", "");
}

static void whatever_lies_below(void **state)
{
	(void)state;
	add_class(DEVICE "/drm/card0", "drm", "226:0", "dri/card0");
	add_class(DEVICE "/drm/renderD128", "drm", "226:128", "dri/renderD128");
	tree_dir(root, DEVICE "/drm/card0/card0-DP-1");
	add_class(DEVICE "/drm/card0/card0-DP-1/i2c-4/i2c-dev/i2c-4", "i2c-dev", "89:4", "i2c-4");
	add_class(DEVICE "/graphics/fb0", "graphics", "29:0", NULL);
	add_class(DEVICE "/sound/card1/controlC1", "sound", "116:7", "snd/controlC1");
	add_class(DEVICE "/nvme/nvme0", "nvme", "240:0", "nvme0");
	add_class(DEVICE "/nvme/nvme0/nvme0n1", "block", "259:0", "nvme0n1");
	add_class(DEVICE "/nvme/nvme0/nvme0n1/nvme0n1p1", "block", "259:1", "nvme0n1p1");
	add_class(DEVICE "/vfio-dev/vfio3", "vfio-dev", "511:3", "vfio/devices/vfio3");
	/* No nodes: a number without a class, and a class without a number. */
	tree_file(root, DEVICE "/odd/dev", "1:2\n");
	add_class(DEVICE "/net/eth0", "net", "", NULL);
	expect_nodes("0000:01:00.0", "b259:0 block nvme0n1\n"
				     "b259:1 block nvme0n1p1\n"
				     "c116:7 sound snd/controlC1\n"
				     "c226:0 drm dri/card0\n"
				     "c226:128 drm dri/renderD128\n"
				     "c240:0 nvme nvme0\n"
				     "c29:0 graphics fb0\n"
				     "c511:3 vfio-dev vfio/devices/vfio3\n"
				     "c89:4 i2c-dev i2c-4\n");
}

static void usb_with_all_behind_it(void **state)
{
	(void)state;
	add_class(DEVICE "/usb1", "usb", "189:0", NULL);
	tree_file(root, DEVICE "/usb1/busnum", "1\n");
	tree_file(root, DEVICE "/usb1/devnum", "1\n");
	add_class(DEVICE "/usb1/1-2", "usb", "189:4", "not/asked/for");
	tree_file(root, DEVICE "/usb1/1-2/busnum", "1\n");
	tree_file(root, DEVICE "/usb1/1-2/devnum", "5\n");
	add_class(DEVICE "/usb1/1-2/1-2:1.0/0003:1/hidraw/hidraw0", "hidraw", "243:0", "hidraw0");
	add_class(DEVICE "/usb1/1-2/1-2:1.0/0003:1/input/input3/event3", "input", "13:67",
		  "input/event3");
	add_class(DEVICE "/usb1/1-2/1-2:1.1/host6/target6:0:0/6:0:0:0/block/sdb", "block", "8:16",
		  "sdb");
	expect_nodes("0000:01:00.0", "b8:16 block sdb\n"
				     "c13:67 input input/event3\n"
				     "c189:0 usb bus/usb/001/001\n"
				     "c189:4 usb bus/usb/001/005\n"
				     "c243:0 hidraw hidraw0\n");
}

static void neither_links_nor_other_functions(void **state)
{
	(void)state;
	add_function("0000:00:01.0", PORT);
	add_class(DEVICE "/drm/card0", "drm", "226:0", "dri/card0");
	add_class("sys/devices/virtual/misc/thing", "misc", "10:99", "thing");
	tree_link(root, PORT "/thing", "sys/devices/virtual/misc/thing");
	tree_link(root, PORT "/up", "sys/devices");
	add_class(PORT "/0000:00:01.0:pcie001/own", "misc", "10:98", "own");
	expect_nodes("0000:00:01.0", "c10:98 misc own\n");
}

/* A volume management device takes all with it that is in its domain, behind ports too. */
static void functions_of_a_domain_of_its_own(void **state)
{
	(void)state;
	add_class(DEVICE "/pci10000:e0/10000:e0:06.0/10000:e1:00.0/nvme/nvme0/nvme0n1", "block",
		  "259:0", "nvme0n1");
	add_class(DEVICE "/0000:02:00.0/misc/thing", "misc", "10:99", "thing");
	expect_nodes("0000:01:00.0", "b259:0 block nvme0n1\n");
}

static void disks_of_a_multipath_subsystem(void **state)
{
	static const char subsystem[] = "sys/devices/virtual/nvme-subsystem/nvme-subsys0";
	auto_free char *disk = xasprintf("%s/nvme0n2", subsystem),
		       *part = xasprintf("%s/nvme0n2/nvme0n2p1", subsystem),
		       *generic = xasprintf("%s/ng0n2", subsystem),
		       *other = xasprintf("%s/nvme0n3", subsystem);

	(void)state;
	add_class(DEVICE "/nvme/nvme5", "nvme", "240:5", "nvme5");
	tree_dir(root, DEVICE "/nvme/nvme5/nvme0c5n2");
	add_class(disk, "block", "259:2", "nvme0n2");
	add_class(part, "block", "259:3", "nvme0n2p1");
	add_class(other, "block", "259:4", "nvme0n3");
	add_class(generic, "nvme-generic", "241:2", "ng0n2");
	tree_link(root, "sys/class/block/nvme0n2", disk);
	tree_link(root, "sys/class/block/nvme0n3", other);
	tree_link(root, "sys/class/nvme-generic/ng0n2", generic);
	expect_nodes("0000:01:00.0", "b259:2 block nvme0n2\n"
				     "b259:3 block nvme0n2p1\n"
				     "c240:5 nvme nvme5\n"
				     "c241:2 nvme-generic ng0n2\n");
}

static void the_node_of_the_group(void **state)
{
	(void)state;
	tree_dir(root, "sys/kernel/iommu_groups/14");
	tree_link(root, DEVICE "/iommu_group", "sys/kernel/iommu_groups/14");
	expect_nodes("0000:01:00.0", "");
	tree_file(root, "sys/class/vfio/noiommu-14/dev", "242:1\n");
	expect_nodes("0000:01:00.0", "c242:1 vfio vfio/noiommu-14\n");
	tree_file(root, "sys/class/vfio/14/dev", "242:0\n");
	expect_nodes("0000:01:00.0", "c242:0 vfio vfio/14\n");
}

static void nvidia(void **state)
{
	(void)state;
	tree_file(root, "proc/devices",
		  "Character devices:\n  1 mem\n195 nvidia\n234 nvidia-caps\n"
		  "235 nvidia-caps-imex-channels\n510 nvidia-uvm\n\n"
		  "Block devices:\n  7 nvidia-uvm\n");
	tree_file(root, "dev/nvidia-caps/nvidia-cap1", " ");
	tree_file(root, "dev/nvidia-caps/other", " ");
	expect_nodes("0000:01:00.0", "");
	tree_dir(root, "sys/bus/pci/drivers/nvidia");
	tree_link(root, DEVICE "/driver", "sys/bus/pci/drivers/nvidia");
	expect_nodes("0000:01:00.0", "c195:254 nvidia nvidia-modeset shared\n"
				     "c195:255 nvidia nvidiactl shared\n"
				     "c234:1 nvidia nvidia-caps/nvidia-cap1 shared\n"
				     "c510:0 nvidia nvidia-uvm shared\n"
				     "c510:1 nvidia nvidia-uvm-tools shared\n");
	/* The driver of a device that is on its way out of it has the minor still. */
	tree_remove(root, DEVICE "/driver");
	tree_remove(root, "proc/devices");
	tree_file(root, "proc/driver/nvidia/gpus/0000:01:00.0/information",
		  "Model: \t\t NVIDIA X\nIRQ:   \t\t 155\nDevice Minor: \t 2\n");
	expect_nodes("0000:01:00.0", "c195:2 nvidia nvidia2\n"
				     "c195:254 nvidia nvidia-modeset shared\n"
				     "c195:255 nvidia nvidiactl shared\n");
}

/* --- what is left alone --- */

static void the_function_itself_is_not_asked(void **state)
{
	auto_close int watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	auto_free char *device = xasprintf("%s/" DEVICE, scratch),
		       *usb = xasprintf("%s/" DEVICE "/usb1", scratch);
	static const char *const never[] = {"uevent", "config", "enable", "power"};
	_Alignas(struct inotify_event) char events[4096];
	ssize_t length;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		auto_free char *path = xasprintf(DEVICE "/%s", never[i]);

		tree_file(root, path, "x\n");
	}
	tree_dir(root, DEVICE "/power");
	add_class(DEVICE "/usb1", "usb", "189:0", "x");
	tree_file(root, DEVICE "/usb1/busnum", "1\n");
	tree_file(root, DEVICE "/usb1/devnum", "1\n");
	assert_true(inotify_add_watch(watch, device, IN_OPEN) >= 0);
	assert_true(inotify_add_watch(watch, usb, IN_OPEN) >= 0);
	expect_nodes("0000:01:00.0", "c189:0 usb bus/usb/001/001\n");
	length = read(watch, events, sizeof(events));
	assert_true(length > 0);
	for (ssize_t at = 0; at < length;) {
		const struct inotify_event *event = (const void *)(events + at);

		for (size_t i = 0; event->len > 0 && i < sizeof(never) / sizeof(never[0]); i++)
			assert_string_not_equal(event->name, never[i]);
		at += (ssize_t)(sizeof(*event) + event->len);
	}
}

static void what_was_there_stays(void **state)
{
	struct pci_addr addr = {.bus = 1};
	struct error err = ERROR_INIT;
	struct node *nodes = array_grow(NULL, 0, sizeof(*nodes));
	size_t count = 1;

	(void)state;
	add_class(DEVICE "/drm/card0", "drm", "226:0", "dri/card0");
	nodes[0] = (struct node){.major = 7, .name = xstrdup("first")};
	assert_ok(nodes_read(&host, &addr, &nodes, &count, &err), &err);
	assert_int_equal(count, 2);
	assert_string_equal(nodes[0].name, "first");
	assert_string_equal(nodes[1].name, "dri/card0");
	/* Nor does a failure take it away: a driver's link that is none. */
	tree_file(root, DEVICE "/driver", "x\n");
	assert_int_equal(nodes_read(&host, &addr, &nodes, &count, &err), -EINVAL);
	assert_int_equal(count, 2);
	nodes_free(&nodes, &count);
}

/* "NAME ..." sorted, and the nodes that come with them. */
static void expect_mediated(const char *expected, const char *expected_nodes)
{
	struct pci_addr addr = {.bus = 1};
	auto_free char *found = NULL, **names = NULL;
	auto_text struct text text = TEXT_INIT;
	struct mediated *mediated = NULL;
	struct error err = ERROR_INIT;
	struct node *nodes = NULL;
	size_t count = 0, mediated_count = 0;

	assert_ok(
		nodes_read_mediated(&host, &addr, &nodes, &count, &mediated, &mediated_count, &err),
		&err);
	names = xcalloc(mediated_count + 1, sizeof(*names));
	for (size_t i = 0; i < mediated_count; i++) {
		assert_true(pci_addr_equal(&mediated[i].addr, &addr));
		names[i] = mediated[i].name;
	}
	qsort(names, mediated_count, sizeof(*names), compare_lines);
	text_append(&text, "", 0);
	for (size_t i = 0; i < mediated_count; i++)
		text_printf(&text, "%s%s", i ? " " : "", names[i]);
	assert_text(text.data, expected);
	found = list(nodes, count);
	assert_text(found, expected_nodes);
	nodes_free(&nodes, &count);
	mediated_free(&mediated, &mediated_count);
	assert_null(mediated);
}

static void what_is_mediated(void **state)
{
	(void)state;
	tree_dir(root, DEVICE "/mdev_supported_types/share/devices");
	tree_link(root, DEVICE "/iommu_group", "sys/kernel/iommu_groups/14");
	expect_mediated("", "");
	/* By its group, whose node is the function's, too; by its type; and both, deeper. */
	tree_dir(root, DEVICE "/grouped");
	tree_link(root, DEVICE "/grouped/iommu_group", "sys/kernel/iommu_groups/20");
	add_class("sys/devices/virtual/vfio/20", "vfio", "243:1", NULL);
	tree_link(root, "sys/class/vfio/20", "sys/devices/virtual/vfio/20");
	tree_dir(root, DEVICE "/typed");
	tree_link(root, DEVICE "/typed/mdev_type", DEVICE "/mdev_supported_types/share");
	tree_dir(root, DEVICE "/part/parent/both");
	tree_link(root, DEVICE "/part/parent/both/iommu_group", "sys/kernel/iommu_groups/21");
	tree_link(root, DEVICE "/part/parent/both/mdev_type", DEVICE "/mdev_supported_types/share");
	add_class(DEVICE "/part/parent/both/vfio-dev/vfio3", "vfio-dev", "511:3",
		  "vfio/devices/vfio3");
	tree_dir(root, DEVICE "/queue/vfio-dev/vfio4");
	/* What is in the function's group is a part of it; another function is a world of its own.
	 */
	tree_dir(root, DEVICE "/child");
	tree_link(root, DEVICE "/child/iommu_group", "sys/kernel/iommu_groups/14");
	tree_dir(root, DEVICE "/0000:02:00.0");
	tree_link(root, DEVICE "/0000:02:00.0/iommu_group", "sys/kernel/iommu_groups/30");
	expect_mediated("both grouped queue typed",
			"c243:1 vfio vfio/20\nc511:3 vfio-dev vfio/devices/vfio3\n");
}

/* --- what goes while it is looked at --- */

static const char *vanishing; /* below the root, when a folder of its name is to be opened */

int __real_openat(int dir, const char *path, int flags, ...);

int __wrap_openat(int dir, const char *path, int flags, ...);
int __wrap_openat(int dir, const char *path, int flags, ...)
{
	const char *gone = vanishing;
	mode_t mode = 0;
	va_list arguments;

	if (flags & O_CREAT) {
		va_start(arguments, flags);
		mode = va_arg(arguments, mode_t);
		va_end(arguments);
	}
	if (gone && strcmp(path, strrchr(gone, '/') + 1) == 0) {
		vanishing = NULL;
		tree_remove(root, gone);
	}
	return __real_openat(dir, path, flags, mode);
}

/* Somebody removes one between the look at the list and the look at it. */
static void what_vanishes_was_never_there(void **state)
{
	(void)state;
	tree_dir(root, DEVICE "/first");
	tree_link(root, DEVICE "/first/mdev_type", DEVICE "/mdev_supported_types/share");
	tree_dir(root, DEVICE "/second");
	tree_link(root, DEVICE "/second/mdev_type", DEVICE "/mdev_supported_types/share");
	add_class(DEVICE "/drm/card0", "drm", "226:0", "dri/card0");
	vanishing = DEVICE "/second";
	expect_mediated("first", "c226:0 drm dri/card0\n");
	assert_null(vanishing);
	vanishing = DEVICE "/first";
	expect_mediated("", "c226:0 drm dri/card0\n");
	assert_null(vanishing);
	/* And a node's folder, and all that is above it. */
	vanishing = DEVICE "/drm/card0";
	expect_mediated("", "");
	assert_null(vanishing);
	add_class(DEVICE "/drm/card0", "drm", "226:0", "dri/card0");
	vanishing = DEVICE "/drm";
	expect_mediated("", "");
	assert_null(vanishing);
}

/* Functions behind a volume management device have groups, and are no mediated devices. */
static void a_domain_is_not_mediated(void **state)
{
	(void)state;
	tree_dir(root, DEVICE "/pci10000:e0/10000:e0:01.0");
	tree_link(root, DEVICE "/pci10000:e0/10000:e0:01.0/iommu_group",
		  "sys/kernel/iommu_groups/31");
	expect_mediated("", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_is_no_error, fresh, done),
		cmocka_unit_test_setup_teardown(whatever_lies_below, fresh, done),
		cmocka_unit_test_setup_teardown(usb_with_all_behind_it, fresh, done),
		cmocka_unit_test_setup_teardown(neither_links_nor_other_functions, fresh, done),
		cmocka_unit_test_setup_teardown(functions_of_a_domain_of_its_own, fresh, done),
		cmocka_unit_test_setup_teardown(disks_of_a_multipath_subsystem, fresh, done),
		cmocka_unit_test_setup_teardown(the_node_of_the_group, fresh, done),
		cmocka_unit_test_setup_teardown(nvidia, fresh, done),
		cmocka_unit_test_setup_teardown(the_function_itself_is_not_asked, fresh, done),
		cmocka_unit_test_setup_teardown(what_was_there_stays, fresh, done),
		cmocka_unit_test_setup_teardown(what_is_mediated, fresh, done),
		cmocka_unit_test_setup_teardown(what_vanishes_was_never_there, fresh, done),
		cmocka_unit_test_setup_teardown(a_domain_is_not_mediated, fresh, done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
