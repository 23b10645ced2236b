// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Disks in use: every way in which one may be, at whatever depth, and that what cannot be found out
 * is told.
 */
#include "tests/unit/storage-helpers.h"

#include "scan/nodes.h"

/* --- no use --- */

static void without_disks_nothing_is_read(void **state)
{
	struct world *world = *state;

	text_done(&world->mounts); /* it could not be read either */
	assert_uses(world, NVME " " USB " " NIC, "");
	assert_string_equal(asked.data, "");
}

static void a_disk_at_rest_is_free(void **state)
{
	struct world *world = *state;

	add_nvme(world);
	add_disk(world, OTHER, "nvme/nvme1/nvme1n1", 259, 8);
	mount_at(world, "259:8", "/home", "ext4", "/dev/nvme1n1");
	add_image(world, "/home/win11.qcow2");
	assert_uses(world, NVME, "");
	assert_string_equal(asked.data, "1 ");
}

/* --- mounts and swap --- */

static void mounts_go_by_number(void **state)
{
	struct world *world = *state;

	add_nvme(world);
	/* Names of sources may be anything. */
	mount_at(world, "259:2", "/home", "ext4", "/dev/root");
	mount_at(world, "259:20", "/mnt", "ext4", "/dev/nvme0n1p1");
	assert_uses(world, NVME, "mount " NVME " nvme0n1p2: mounted on /home\n");
	assert_string_equal(asked.data, "");
}

static void many_mounts_are_one_line(void **state)
{
	struct world *world = *state;

	add_nvme(world);
	mount_at(world, "259:0", "/with\\040space", "ext4", "/dev/nvme0n1");
	mount_at(world, "259:0", "/b\\012c", "ext4", "/dev/nvme0n1");
	mount_at(world, "259:0", "/d", "ext4", "/dev/nvme0n1");
	mount_at(world, "259:0", "/e", "ext4", "/dev/nvme0n1");
	mount_at(world, "259:0", "/f", "ext4", "/dev/nvme0n1");
	assert_uses(world, NVME,
		    "mount " NVME " nvme0n1: mounted on /with space, /b\\x0ac, /d and 2 more\n");
	/* What the host runs from is not among the rest. */
	mount_at(world, "259:0", "/home", "ext4", "/dev/nvme0n1");
	mount_at(world, "259:0", "/", "ext4", "/dev/nvme0n1");
	assert_uses(world, NVME,
		    "mount " NVME " nvme0n1: mounted on /, /home, /with space and 4 more\n");
}

static void swap_counts_deleted_or_not(void **state)
{
	struct world *world = *state;

	add_nvme(world);
	tree_file(world->host->root_fd, "proc/swaps",
		  "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
		  "/swapfile                               file\t\t1048572\t\t0\t\t-2\n"
		  "/dev/nvme0n1p1                          partition\t1048572\t\t0\t\t-3\n"
		  "/dev/nvme0n1p2\\040(deleted)             partition\t1048572\t\t0\t\t-4\n");
	tree_remove(world->host->root_fd, "dev/nvme0n1p2");
	assert_uses(world, NVME,
		    "swap " NVME " nvme0n1p1: swap\n"
		    "swap " NVME " nvme0n1p2: swap\n");
}

/* --- stacks --- */

static void lvm_on_encryption_is_seen_through(void **state)
{
	struct world *world = *state;

	add_nvme(world);
	add_mapper(world, "dm-0", 0, "nvme0n1p2", "luks-7f", "CRYPT-LUKS2-7f");
	add_mapper(world, "dm-1", 1, "dm-0", "vg-root", "LVM-abc");
	add_mapper(world, "dm-2", 2, "dm-0", "vg-swap", "LVM-abd");
	mount_at(world, "253:1", "/", "xfs", "/dev/mapper/vg-root");
	tree_raw_link(world->host->root_fd, "dev/mapper/vg-swap", "../dm-2");
	tree_file(world->host->root_fd, "proc/swaps",
		  "Filename\tType\tSize\tUsed\tPriority\n"
		  "/dev/mapper/vg-swap partition\t1048572\t0\t-2\n");
	assert_uses(world, NVME,
		    "mount " NVME " nvme0n1p2: mounted on /, by way of LVM volume vg-root (dm-1)\n"
		    "swap " NVME " nvme0n1p2: swap, by way of LVM volume vg-swap (dm-2)\n"
		    "stacked " NVME " nvme0n1p2: part of encrypted volume luks-7f (dm-0)\n");
}

static void a_raid_concerns_each_disk(void **state)
{
	struct world *world = *state;

	add_nvme(world);
	add_disk(world, OTHER, "nvme/nvme1/nvme1n1", 259, 8);
	add_stacked(world, "md127", 9, 127, "nvme0n1p1 nvme1n1");
	set(world, "md127", "md/level", "raid1");
	add_block(world, "devices/virtual/block/md127/md127p1", 259, 30);
	set(world, "md127p1", "partition", "1");
	mount_at(world, "259:30", "/srv", "ext4", "/dev/md127p1");
	assert_uses(world, NVME " " OTHER,
		    "mount " NVME " nvme0n1p1: mounted on /srv, by way of block device md127p1\n"
		    "stacked " NVME " nvme0n1p1: part of RAID array md127\n"
		    "mount " OTHER " nvme1n1: mounted on /srv, by way of block device md127p1\n"
		    "stacked " OTHER " nvme1n1: part of RAID array md127\n");
}

/* Mirrors: the same volume by two ways. */
static void what_meets_again_is_told_once(void **state)
{
	struct world *world = *state;

	add_nvme(world);
	add_mapper(world, "dm-0", 0, "nvme0n1p1", "vg-a_rimage_0", "LVM-a");
	add_mapper(world, "dm-1", 1, "nvme0n1p1", "vg-a_rimage_1", "LVM-b");
	add_mapper(world, "dm-2", 2, "dm-0 dm-1", "vg-a", "LVM-c");
	mount_at(world, "253:2", "/srv", "ext4", "/dev/mapper/vg-a");
	assert_uses(world, NVME,
		    "mount " NVME " nvme0n1p1: mounted on /srv, by way of LVM volume vg-a (dm-2)\n"
		    "stacked " NVME " nvme0n1p1: part of LVM volume vg-a_rimage_0 (dm-0)\n"
		    "stacked " NVME " nvme0n1p1: part of LVM volume vg-a_rimage_1 (dm-1)\n");
}

static void other_sorts_of_stacks(void **state)
{
	struct world *world = *state;

	add_nvme(world);
	add_stacked(world, "bcache0", 252, 0, "nvme0n1");
	add_mapper(world, "dm-0", 0, "nvme0n1p1", "odd\x01name", "");
	/* Loop devices have no holders; one on a file does not matter here. */
	add_block(world, "devices/virtual/block/loop3", 7, 3);
	set(world, "loop3", "loop/backing_file", "/dev/nvme0n1p2");
	add_block(world, "devices/virtual/block/loop4", 7, 4);
	set(world, "loop4", "loop/backing_file", "/var/lib/nvme0n1p2");
	mount_at(world, "7:3", "/mnt", "ext4", "/dev/loop3");
	assert_uses(world, NVME,
		    "stacked " NVME " nvme0n1: part of block device bcache0\n"
		    "stacked " NVME " nvme0n1p1: part of mapped device odd\\x01name (dm-0)\n"
		    "mount " NVME " nvme0n1p2: mounted on /mnt, by way of loop device loop3\n"
		    "stacked " NVME " nvme0n1p2: part of loop device loop3\n");
}

/* --- file systems on several devices --- */

static void btrfs_holds_all_of_its_devices(void **state)
{
	struct world *world = *state;
	int root = world->host->root_fd;

	add_nvme(world);
	add_disk(world, OTHER, "nvme/nvme1/nvme1n1", 259, 8);
	tree_file(root, "sys/fs/btrfs/features/raid1c34", "0\n");
	tree_link(root, "sys/fs/btrfs/11-aa/devices/nvme0n1p1", "sys/class/block/nvme0n1p1");
	tree_link(root, "sys/fs/btrfs/11-aa/devices/nvme1n1", "sys/class/block/nvme1n1");
	tree_link(root, "sys/fs/btrfs/22-bb/devices/nvme0n1p2", "sys/class/block/nvme0n1p2");
	mount_at(world, "0:44", "/srv", "btrfs", "/dev/nvme1n1");
	assert_uses(world, NVME " " OTHER,
		    "member " NVME " nvme0n1p1: member of the btrfs mounted on /srv\n"
		    "member " NVME
		    " nvme0n1p2: member of the btrfs 22-bb, which is mounted elsewhere\n"
		    "mount " OTHER " nvme1n1: mounted on /srv\n");
}

static void bcachefs_names_all_of_its_devices(void **state)
{
	struct world *world = *state;

	add_nvme(world);
	mount_at(world, "0:45", "/srv", "bcachefs", "/dev/vdb:/dev/nvme0n1p2");
	assert_uses(world, NVME, "mount " NVME " nvme0n1p2: mounted on /srv\n");
}

/* --- images --- */

static void images_of_the_guest_itself(void **state)
{
	struct world *world = *state;
	int root = world->host->root_fd;

	add_nvme(world);
	add_mapper(world, "dm-0", 0, "nvme0n1p2", "vg-win", "LVM-a");
	tree_raw_link(root, "dev/vg/win", "../dm-0");
	tree_raw_link(root, "dev/disk/by-id/nvme-x-part1", "../../nvme0n1p1");
	add_image(world, "/dev/disk/by-id/nvme-x-part1");
	add_image(world, "/dev/vg/win");
	add_image(world, "/dev/vg/gone");
	add_image(world, "/var/lib/libvirt/images/other.qcow2");
	assert_uses(world, NVME,
		    "image " NVME
		    " nvme0n1p1: carries the image /dev/disk/by-id/nvme-x-part1 of this guest\n"
		    "image " NVME " nvme0n1p2: carries the image /dev/vg/win of this guest, "
		    "by way of LVM volume vg-win (dm-0)\n"
		    "stacked " NVME " nvme0n1p2: part of LVM volume vg-win (dm-0)\n");
}

static void files_go_by_their_mount_point(void **state)
{
	struct world *world = *state;

	add_nvme(world);
	mount_at(world, "259:1", "/data", "ext4", "/dev/nvme0n1p1");
	mount_at(world, "254:0", "/data/covered", "ext4", "/dev/vda");
	mount_at(world, "259:2", "/old", "ext4", "/dev/nvme0n1p2");
	mount_at(world, "254:0", "/old", "ext4", "/dev/vda");
	add_image(world, "/data/win11.qcow2");
	add_image(world, "/data/covered/a");
	add_image(world, "/database/a");
	add_image(world, "/old/a");
	assert_uses(world, NVME,
		    "mount " NVME " nvme0n1p1: mounted on /data\n"
		    "image " NVME " nvme0n1p1: carries the image /data/win11.qcow2 of this guest\n"
		    "mount " NVME " nvme0n1p2: mounted on /old\n");
}

/* --- where disks may hang --- */

static void disks_of_all_sorts_of_functions(void **state)
{
	struct world *world = *state;
	int root = world->host->root_fd;

	add_disk(world, USB, "usb1/1-2/1-2:1.0/host6/target6:0:0/6:0:0:0/block/sdb", 8, 16);
	add_disk(world, OTHER, "cciss0/block/cciss!c0d0", 104, 0);
	mount_at(world, "8:16", "/media/stick", "vfat", "/dev/sdb");
	mount_at(world, "104:0", "/raid", "ext4", "/dev/cciss/c0d0");
	/* A path of a multipath disk: it has no number, the disk hangs below the subsystem. */
	auto_free char *dir = function_dir(world, NVME);
	auto_free char *hidden = xasprintf("%s/nvme/nvme0/nvme0c0n1/hidden", dir);
	tree_file(root, hidden, "1\n");
	add_block(world, "devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1", 259, 0);
	mount_at(world, "259:0", "/multi", "ext4", "/dev/nvme0n1");
	assert_uses(world, NVME " " OTHER " " USB " " NIC,
		    "mount " NVME " nvme0n1: mounted on /multi\n"
		    "mount " OTHER " cciss/c0d0: mounted on /raid\n"
		    "mount " USB " sdb: mounted on /media/stick\n");
}

static void a_source_with_colons_in_its_name(void **state)
{
	struct world *world = *state;

	add_nvme(world);
	tree_dir(world->host->root_fd, "dev/disk/by-path");
	tree_raw_link(world->host->root_fd, "dev/disk/by-path/pci-" NVME "-nvme-1-part2",
		      "../../nvme0n1p2");
	mount_at(world, "0:40", "/data", "btrfs", "/dev/disk/by-path/pci-" NVME "-nvme-1-part2");
	assert_uses(world, NVME, "mount " NVME " nvme0n1p2: mounted on /data\n");
}

/* Its PCI domain ends when it goes. */
static void a_vmd_has_the_disks_of_its_domain(void **state)
{
	struct world *world = *state;

	add_disk(world, BEHIND_VMD, "nvme/nvme2/nvme2n1", 259, 16);
	mount_at(world, "259:16", "/", "ext4", "/dev/nvme2n1");
	assert_uses(world, VMD " " NVME, "mount " VMD " nvme2n1: mounted on /\n");
	/* As nobody should lend both. */
	assert_uses(world, VMD " " BEHIND_VMD,
		    "mount " VMD " nvme2n1: mounted on /\n"
		    "mount " BEHIND_VMD " nvme2n1: mounted on /\n");
}

static void nodes_found_before_are_taken(void **state)
{
	struct world *world = *state;
	auto_snapshot struct snapshot snapshot = {0};
	auto_free char *uses = NULL;
	struct error err = ERROR_INIT;

	add_nvme(world);
	mount_at(world, "259:0", "/a", "ext4", "/dev/nvme0n1");
	tree_file(world->host->root_fd, "proc/self/mountinfo", "%s", world->mounts.data);
	add_device(&snapshot, NVME);
	assert_ok(nodes_read(&world->host->host, &snapshot.devices[0].addr, &snapshot.nodes,
			     &snapshot.node_count, &err),
		  &err);
	assert_int_equal(snapshot.node_count, 3);
	snapshot.device_count = 0;
	assert_ok(storage_read(&world->host->host, &world->guest, &snapshot, &err), &err);
	uses = uses_text(&snapshot);
	assert_text(uses, "mount " NVME " nvme0n1: mounted on /a\n");
}

/* --- what cannot be found out --- */

static void without_mountinfo_nothing_is_free(void **state)
{
	struct world *world = *state;

	add_nvme(world);
	text_done(&world->mounts);
	assert_uses(world, NVME,
		    "unreadable " NVME " nvme0n1: may be in use, which cannot be found out: open "
		    "/proc/self/mountinfo: No such file or directory\n");
	text_printf(&world->mounts, "1 0 254:0 / / rw - ext4 /dev/vda rw\nnonsense\n");
	auto_free char *uses = found(world, NVME);

	assert_contains(uses, "unreadable " NVME " nvme0n1: may be in use, which cannot be found "
			      "out: /proc/self/mountinfo: not understood");
}

static void a_damaged_stack_is_not_free(void **state)
{
	struct world *world = *state;

	add_nvme(world);
	add_mapper(world, "dm-0", 0, "nvme0n1p2", "a", "LVM-a");
	set(world, "dm-0", "dev", "what?");
	assert_uses(world, NVME,
		    "unreadable " NVME " nvme0n1: may be in use, which cannot be found out: "
		    "/sys/class/block/dm-0/dev: no device number\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_disks(without_disks_nothing_is_read),
		with_disks(a_disk_at_rest_is_free),
		with_disks(mounts_go_by_number),
		with_disks(many_mounts_are_one_line),
		with_disks(swap_counts_deleted_or_not),
		with_disks(lvm_on_encryption_is_seen_through),
		with_disks(a_raid_concerns_each_disk),
		with_disks(what_meets_again_is_told_once),
		with_disks(other_sorts_of_stacks),
		with_disks(btrfs_holds_all_of_its_devices),
		with_disks(bcachefs_names_all_of_its_devices),
		with_disks(images_of_the_guest_itself),
		with_disks(files_go_by_their_mount_point),
		with_disks(disks_of_all_sorts_of_functions),
		with_disks(a_source_with_colons_in_its_name),
		with_disks(a_vmd_has_the_disks_of_its_domain),
		with_disks(nodes_found_before_are_taken),
		with_disks(without_mountinfo_nothing_is_free),
		with_disks(a_damaged_stack_is_not_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
