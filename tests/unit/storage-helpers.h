/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * A made-up machine with disks: class devices of its sysfs with nodes of their numbers; and what
 * storage_read makes of them. Programs that include this are linked with --wrap=workers_run: where
 * a test says so, the kernel's answers to an exclusive open are the test's own, as it cannot bring
 * them about on every machine.
 */
#include "tests/host/check.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/worker.h"
#include "parsers/storage/storage.h"
#include "tests/host/lending.h"
#include "tests/host/sysfs.h"
#include "tests/host/tree.h"

#define NVME "0000:01:00.0"
#define OTHER "0000:02:00.0"
#define USB "0000:03:00.0"
#define NIC "0000:04:00.0"
#define VMD "0000:00:0e.0"
#define BEHIND_VMD "10000:e1:00.0"

static const char host_text[] =
	"device " NVME " 144d:a80a class=010802 group=1 driver=nvme\n"
	"device " OTHER " 144d:a80a class=010802 group=2 driver=nvme\n"
	"device " USB " 1b36:000d class=0c0330 group=3 driver=xhci_hcd\n"
	"device " NIC " 8086:10d3 class=020000 group=4 driver=e1000e\n"
	"device " VMD " 8086:9a0b class=010400 group=5 driver=vmd\n"
	"device " BEHIND_VMD " 144d:a80a class=010802 group=5 driver=nvme\n";

/* --- the exclusive open --- */

static bool answering;    /* else the disks are really opened */
static int answer;        /* a positive errno, for every disk */
static struct text asked; /* disks, in this test */

void __real_workers_run(struct worker *workers, size_t count);
void __wrap_workers_run(struct worker *workers, size_t count);

void __wrap_workers_run(struct worker *workers, size_t count)
{
	text_printf(&asked, "%zu ", count);
	if (!answering) {
		__real_workers_run(workers, count);
		return;
	}
	for (size_t i = 0; i < count; i++)
		workers[i].result = answer ? error_errno(&workers[i].error, answer, "open") : 0;
}

/* --- a machine with disks --- */

struct world {
	struct testhost *host;
	struct guest guest;
	struct text mounts;
};

static inline int fresh(void **state)
{
	struct world *world = xcalloc(1, sizeof(*world));

	world->host = testhost_new(host_text);
	world->guest = guest_make("hostdev " NVME "\n");
	text_printf(&world->mounts, "1 0 254:0 / / rw - ext4 /dev/vda rw\n"
				    "2 1 0:5 / /dev rw - devtmpfs devtmpfs rw\n");
	text_done(&asked);
	text_append(&asked, "", 0);
	answering = true;
	answer = 0;
	*state = world;
	return 0;
}

static inline int done(void **state)
{
	struct world *world = *state;

	testhost_free(&world->host);
	guest_done(&world->guest);
	text_done(&world->mounts);
	text_done(&asked);
	free(world);
	return 0;
}

/* A block device at path below /sys, by its last component. */
static inline void add_block(struct world *world, const char *path, unsigned int major,
			     unsigned int minor)
{
	int root = world->host->root_fd;
	const char *name = strrchr(path, '/') + 1;
	auto_free char *dir = xasprintf("sys/%s", path);
	auto_free char *class = xasprintf("sys/class/block/%s", name);
	auto_free char *number = xasprintf("%s/dev", dir);
	auto_free char *uevent = xasprintf("%s/uevent", dir);
	auto_free char *subsystem = xasprintf("%s/subsystem", dir);
	auto_free char *holders = xasprintf("%s/holders", dir);
	auto_free char *devname = xstrdup(name);
	auto_free char *node = NULL;

	for (char *mark = devname; (mark = strchr(mark, '!'));)
		*mark = '/';
	node = xasprintf("dev/%s", devname);
	tree_file(root, number, "%u:%u\n", major, minor);
	tree_file(root, uevent, "MAJOR=%u\nMINOR=%u\nDEVNAME=%s\n", major, minor, devname);
	tree_dir(root, "sys/class/block");
	tree_link(root, subsystem, "sys/class/block");
	tree_link(root, class, dir);
	tree_dir(root, holders);
	tree_file(root, node, "%s", "");
	assert_int_equal(unlinkat(root, node, 0), 0);
	assert_int_equal(mknodat(root, node, S_IFBLK | 0600, makedev(major, minor)), 0);
}

/* Of a PCI function, "sys/..."; heap. */
static inline char *function_dir(struct world *world, const char *address)
{
	const struct machine *machine = &world->host->machine;
	struct pci_addr addr;

	assert_true(pci_addr_parse(address, &addr));
	return sysfs_device_dir(machine, machine_device(machine, &addr));
}

/* One below a PCI function: "nvme/nvme0/nvme0n1". */
static inline void add_disk(struct world *world, const char *address, const char *path,
			    unsigned int major, unsigned int minor)
{
	auto_free char *dir = function_dir(world, address);
	auto_free char *full = xasprintf("%s/%s", dir + strlen("sys/"), path);

	add_block(world, full, major, minor);
	if (strstr(path, "n1p")) {
		auto_free char *partition = xasprintf("sys/%s/partition", full);

		tree_file(world->host->root_fd, partition, "1\n");
	}
}

static inline void add_nvme(struct world *world)
{
	add_disk(world, NVME, "nvme/nvme0/nvme0n1", 259, 0);
	add_disk(world, NVME, "nvme/nvme0/nvme0n1/nvme0n1p1", 259, 1);
	add_disk(world, NVME, "nvme/nvme0/nvme0n1/nvme0n1p2", 259, 2);
}

static inline void set(struct world *world, const char *name, const char *attribute,
		       const char *value)
{
	auto_free char *path = xasprintf("sys/class/block/%s/%s", name, attribute);

	tree_file(world->host->root_fd, path, "%s\n", value);
}

/* A virtual block device on others (separated by a space). */
static inline void add_stacked(struct world *world, const char *name, unsigned int major,
			       unsigned int minor, const char *below)
{
	auto_free char *path = xasprintf("devices/virtual/block/%s", name);
	auto_free char *list = xstrdup(below);
	char *rest = list, *lower;

	add_block(world, path, major, minor);
	while ((lower = strsep(&rest, " "))) {
		auto_free char *link = xasprintf("sys/class/block/%s/holders/%s", lower, name);
		auto_free char *target = xasprintf("sys/%s", path);

		tree_link(world->host->root_fd, link, target);
	}
}

static inline void add_mapper(struct world *world, const char *name, unsigned int minor,
			      const char *below, const char *label, const char *uuid)
{
	add_stacked(world, name, 253, minor, below);
	set(world, name, "dm/name", label);
	set(world, name, "dm/uuid", uuid);
}

/* A line of mountinfo. */
static inline void mount_at(struct world *world, const char *number, const char *target,
			    const char *type, const char *source)
{
	text_printf(&world->mounts, "9 1 %s / %s rw,relatime shared:1 - %s %s rw\n", number, target,
		    type, source);
}

static inline void add_image(struct world *world, const char *path)
{
	struct guest *guest = &world->guest;

	array_push(guest->images, guest->image_count, xstrdup(path));
}

static const char *const kinds[USE_KINDS] = {
	[USE_MOUNT] = "mount",           [USE_SWAP] = "swap",       [USE_STACKED] = "stacked",
	[USE_MEMBER] = "member",         [USE_CLAIMED] = "claimed", [USE_IMAGE] = "image",
	[USE_UNREADABLE] = "unreadable",
};

static inline void add_device(struct snapshot *snapshot, const char *address)
{
	struct device device = {0};

	assert_true(pci_addr_parse(address, &device.addr));
	array_push(snapshot->devices, snapshot->device_count, device);
}

/* "KIND ADDRESS WHAT: HOW", one a line; heap. */
static inline char *uses_text(const struct snapshot *snapshot)
{
	struct text text = TEXT_INIT;

	text_append(&text, "", 0);
	for (size_t i = 0; i < snapshot->use_count; i++) {
		const struct use *use = &snapshot->uses[i];

		text_printf(&text, "%s %s %s: %s\n", kinds[use->kind], ADDR(&use->addr), use->what,
			    use->how);
	}
	return text.data;
}

/* What is found of devices whose addresses are separated by spaces. */
static inline char *found(struct world *world, const char *addresses)
{
	auto_snapshot struct snapshot snapshot = {0};
	auto_free char *list = xstrdup(addresses);
	struct error err = ERROR_INIT;
	char *rest = list, *address;

	while ((address = strsep(&rest, " ")))
		add_device(&snapshot, address);
	if (world->mounts.data)
		tree_file(world->host->root_fd, "proc/self/mountinfo", "%s", world->mounts.data);
	assert_ok(storage_read(&world->host->host, &world->guest, &snapshot, &err), &err);
	return uses_text(&snapshot);
}

#define assert_uses(world, addresses, expected)                                                    \
	do {                                                                                       \
		auto_free char *found_ = found(world, addresses);                                  \
		assert_text(found_, expected);                                                     \
	} while (0)

#define with_disks(test) cmocka_unit_test_setup_teardown(test, fresh, done)
