// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A set-up is taken back on a host that does not run and whose root is encrypted: Debian's hook
 * puts the disk into the image only where it is open by the name that the host gives to it.
 */
#include "tests/host/check.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "hostdevctl/command.h"
#include "tests/host/tree.h"
#include "tests/model/setup-world.h"

#define UUID "0c3e8a52-1111-4222-8333-944455566677"
#define DIGITS "0c3e8a52111142228333944455566677"
#define NAME "nvme0n1p3_crypt"
#define HOOK "usr/share/initramfs-tools/hooks/cryptroot"
#define LINE NAME " UUID=" UUID " none luks,discard\n"

static void block(int here, const char *name, const char *number)
{
	auto_free char *device = xasprintf("sys/class/block/%s", name);
	auto_free char *dev = xasprintf("%s/dev", device);
	auto_free char *link = xasprintf("sys/dev/block/%s", number);

	tree_file(here, dev, "%s\n", number);
	tree_link(here, link, device);
}

static void mapper(int here, const char *name, const char *is, const char *uuid, const char *slave)
{
	auto_free char *names = xasprintf("sys/class/block/%s/dm/name", name);
	auto_free char *uuids = xasprintf("sys/class/block/%s/dm/uuid", name);
	auto_free char *slaves = xasprintf("sys/class/block/%s/slaves/%s", name, slave);

	tree_file(here, names, "%s\n", is);
	tree_file(here, uuids, "%s\n", uuid);
	tree_dir(here, slaves);
}

/* A volume of LVM on the third partition, which is open as "name". */
static struct testhost *rescue(const struct world *world, const char *name)
{
	struct testhost *here = testhost_new("");
	auto_free char *uuid = xasprintf("CRYPT-LUKS2-" DIGITS "-%s", name);

	block(here->root_fd, "nvme0n1p3", "259:3");
	block(here->root_fd, "nvme0n1p4", "259:4");
	block(here->root_fd, "dm-0", "253:0");
	block(here->root_fd, "dm-1", "253:1");
	mapper(here->root_fd, "dm-0", name, uuid, "nvme0n1p3");
	mapper(here->root_fd, "dm-1", "vg-root", "LVM-abc", "dm-0");
	tree_file(here->root_fd, "proc/self/mountinfo",
		  "1 0 259:4 / / rw - ext4 /dev/nvme0n1p4 rw\n"
		  "2 1 253:1 / %s rw - ext4 /dev/mapper/vg-root rw\n",
		  world->machine->root);
	return here;
}

static struct world *encrypted(enum world_wish wish, const char *crypttab)
{
	struct world *world = world_new(WORLD_GRUB);
	int root = world->machine->root_fd;

	assert_int_equal(world_generate(world, wish, NULL), COMMAND_DONE);
	tree_file(root, HOOK, "#!/bin/sh\n");
	tree_file(root, "usr/sbin/mkinitramfs", "#!/bin/sh\n");
	assert_int_equal(fchmodat(root, "usr/sbin/mkinitramfs", 0755, 0), 0);
	tree_file(root, "etc/crypttab", "%s", crypttab);
	return world;
}

static void must_end(struct world *world, const struct testhost *here, const char *refusal)
{
	auto_free char *before = world_files(world), *after = NULL, *said = NULL;

	world->here = &here->host;
	if (!refusal) {
		assert_int_equal(world_undo_below(world), COMMAND_DONE);
		return;
	}
	assert_int_equal(world_undo_below(world), COMMAND_FAILED);
	said = world_said(world);
	assert_contains(said, refusal);
	assert_contains(said, "nothing was changed");
	after = world_files(world);
	assert_text(after, before);
	/* Nothing was begun either: it is whole. */
	world->here = NULL;
	tree_remove(world->machine->root_fd, "etc/crypttab");
	assert_int_equal(world_undo_below(world), COMMAND_DONE);
}

static void what_is_open_by_another_name_is_refused(void **state)
{
	auto_world struct world *world = encrypted(WISH_STATIC, "# here\n" LINE);
	auto_testhost struct testhost *here = rescue(world, "luks-" UUID);

	(void)state;
	must_end(world, here,
		 " lies, is open as \"luks-" UUID "\", and its /etc/crypttab calls it \"" NAME
		 "\": the images built there would not open it, and no kernel would start; nothing "
		 "was changed. Unmount it (LVM on it: vgchange -an), \"cryptsetup close luks-" UUID
		 "\", \"cryptsetup open /dev/nvme0n1p3 " NAME "\", and mount it again");
}

static void what_is_open_by_its_own_name_is_not(void **state)
{
	static const char *const names[] = {NAME, "my\\x20disk"};
	static const char *const tables[] = {LINE, "my\\040disk UUID=" UUID " none luks\n"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		auto_world struct world *world = encrypted(WISH_STATIC, tables[i]);
		auto_testhost struct testhost *here = rescue(world, names[i]);

		must_end(world, here, NULL);
	}
}

/* Whichever way the line names the disk. */
static void the_line_of_the_disk_is_found(void **state)
{
	static const struct {
		const char *crypttab, *refusal;
	} cases[] = {
		{"swap /dev/nvme0n1p4 /dev/urandom swap\n" NAME
		 " UUID=\"0C3E8A52-1111-4222-8333-944455566677\" none luks\n",
		 "calls it \"" NAME "\""},
		{NAME " /dev/disk/by-uuid/" UUID " none luks\n", "calls it \"" NAME "\""},
		{NAME " /dev/nvme0n1p3 none luks\n", "calls it \"" NAME "\""},
		{NAME " PARTUUID=12 none luks\n", "has no line of that name"},
		{NAME " /dev/sda3 none luks\n", "has no line of that name"},
		{NAME " /dev/nvme0n1p4 none luks\n", "\"cryptsetup open /dev/nvme0n1p3 NAME\""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		auto_world struct world *world = encrypted(WISH_CONF, cases[i].crypttab);
		auto_testhost struct testhost *here = rescue(world, "root");

		must_end(world, here, cases[i].refusal);
	}
}

/* No image of that host has ever opened it so, or each does. */
static void without_a_loss_nothing_is_refused(void **state)
{
	static const char *const tables[] = {
		"",
		"# " LINE,
		NAME " UUID=" UUID "\n",
		NAME " UUID=" UUID " none luks,initramfs,discard\n",
		"home UUID=ffff8a52-1111-4222-8333-944455566677 none luks\n",
		"file /var/disk.img none luks\n",
		"swap /dev/sda5 /dev/urandom luks\nx /dev/sda6 /key plain,swap\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		auto_world struct world *world = encrypted(WISH_STATIC, tables[i]);
		auto_testhost struct testhost *here = rescue(world, "root");

		must_end(world, here, NULL);
	}
}

static void without_that_hook_nothing_is_refused(void **state)
{
	static const char *const gone[] = {HOOK, "usr/sbin/mkinitramfs", "etc/crypttab"};

	(void)state;
	for (size_t i = 0; i < sizeof(gone) / sizeof(*gone); i++) {
		auto_world struct world *world = encrypted(WISH_STATIC, LINE);
		auto_testhost struct testhost *here = rescue(world, "root");

		tree_remove(world->machine->root_fd, gone[i]);
		must_end(world, here, NULL);
	}
}

/* Neither do records that are lost keep an undo from building. */
static void what_no_record_tells_of_is_refused_as_well(void **state)
{
	auto_world struct world *world = encrypted(WISH_CONF, LINE);
	auto_testhost struct testhost *here = rescue(world, "root");

	(void)state;
	tree_remove(world->machine->root_fd, "var/lib/hostdev-hook");
	must_end(world, here, "calls it \"" NAME "\"");
}

static void without_an_image_nothing_is_refused(void **state)
{
	auto_world struct world *world = encrypted(WISH_IOMMU, LINE);
	auto_testhost struct testhost *here = rescue(world, "root");

	(void)state;
	must_end(world, here, NULL);
}

/* There, too, it is looked at: this is not refused for what another disk is called. */
static void what_is_not_encrypted_is_not_refused(void **state)
{
	auto_world struct world *world = encrypted(WISH_STATIC, LINE);
	auto_testhost struct testhost *here = rescue(world, "root");

	(void)state;
	tree_file(here->root_fd, "proc/self/mountinfo", "2 1 259:4 / %s rw - ext4 /dev/x rw\n",
		  world->machine->root);
	must_end(world, here, NULL);
}

/* The tests' own directory, as this machine has it. */
static void memory_is_not_refused(void **state)
{
	auto_world struct world *world = encrypted(WISH_STATIC, LINE);

	(void)state;
	assert_int_equal(world_undo_below(world), COMMAND_DONE);
}

static void each_disk_of_btrfs_counts(void **state)
{
	auto_world struct world *world =
		encrypted(WISH_STATIC, LINE "other UUID=1 none luks,x=initramfs\n");
	auto_testhost struct testhost *here = rescue(world, NAME);

	(void)state;
	block(here->root_fd, "dm-2", "253:2");
	mapper(here->root_fd, "dm-2", "luks-2", "CRYPT-LUKS1-1-luks-2", "nvme0n1p4");
	tree_dir(here->root_fd, "sys/fs/btrfs/features");
	tree_dir(here->root_fd, "sys/fs/btrfs/abc/devices/dm-0");
	tree_dir(here->root_fd, "sys/fs/btrfs/abc/devices/dm-2");
	tree_file(here->root_fd, "proc/self/mountinfo",
		  "2 1 0:50 /@ %s rw - btrfs /dev/dm-0 rw,subvol=/@\n", world->machine->root);
	must_end(world, here, "/dev/nvme0n1p4, on which the host below /");
}

static void what_usr_lies_on_counts(void **state)
{
	auto_world struct world *world = encrypted(WISH_STATIC, LINE);
	auto_testhost struct testhost *here = rescue(world, "root");

	(void)state;
	tree_file(here->root_fd, "proc/self/mountinfo",
		  "2 1 259:4 / %s rw - ext4 /dev/nvme0n1p4 rw\n"
		  "3 2 253:1 / %s/usr rw - ext4 /dev/mapper/vg-root rw\n",
		  world->machine->root, world->machine->root);
	must_end(world, here, "calls it \"" NAME "\"");
}

/* What checks the data below the cipher is open by a name of its own. */
static void integrity_below_it_has_no_line(void **state)
{
	auto_world struct world *world = encrypted(WISH_STATIC, NAME " /dev/nvme0n1p3 none luks\n");
	auto_testhost struct testhost *here = rescue(world, NAME);

	(void)state;
	tree_remove(here->root_fd, "sys/class/block/dm-0/slaves/nvme0n1p3");
	block(here->root_fd, "dm-2", "253:2");
	mapper(here->root_fd, "dm-2", NAME "_dif", "CRYPT-SUBDEV-1-x", "nvme0n1p3");
	tree_dir(here->root_fd, "sys/class/block/dm-0/slaves/dm-2");
	must_end(world, here, NULL);
}

/* The hook finds no root there, whatever the disk is called. */
static void a_directory_of_what_is_mounted_is_refused(void **state)
{
	auto_world struct world *world = encrypted(WISH_STATIC, LINE);
	auto_testhost struct testhost *here = rescue(world, NAME);

	(void)state;
	tree_file(here->root_fd, "proc/self/mountinfo",
		  "2 1 253:1 / / rw - btrfs /dev/mapper/vg-root rw\n");
	must_end(world, here, "is not mounted itself, but a directory of what is: the images");
}

/* As after chroot(8); the machine's own system is started by what has opened it. */
static void in_another_root_it_is_the_same(void **state)
{
	auto_world struct world *world = encrypted(WISH_STATIC, LINE);
	auto_testhost struct testhost *here = rescue(world, "root");
	auto_free char *said = NULL;

	(void)state;
	tree_file(here->root_fd, "proc/self/mountinfo",
		  "2 1 253:1 / / rw - ext4 /dev/mapper/vg-root rw\n");
	tree_raw_link(world->machine->root_fd, "proc/1/root", here->root);
	world->here = &here->host;
	assert_int_equal(world_undo(world, NULL), COMMAND_FAILED);
	said = world_said(world);
	assert_contains(said, "is open as \"root\", and its /etc/crypttab calls it \"" NAME "\"");
	tree_remove(world->machine->root_fd, "proc/1/root");
	tree_raw_link(world->machine->root_fd, "proc/1/root", world->machine->root);
	assert_int_equal(world_undo(world, NULL), COMMAND_DONE);
}

/* Where that cannot be told, it may be so. */
static void mounts_that_are_not_understood_are_refused(void **state)
{
	auto_world struct world *world = encrypted(WISH_STATIC, LINE);
	auto_testhost struct testhost *here = rescue(world, NAME);

	(void)state;
	tree_file(here->root_fd, "proc/self/mountinfo", "rubbish\n");
	world->here = &here->host;
	assert_int_equal(world_undo_below(world), COMMAND_FAILED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_open_by_another_name_is_refused),
		cmocka_unit_test(what_is_open_by_its_own_name_is_not),
		cmocka_unit_test(the_line_of_the_disk_is_found),
		cmocka_unit_test(without_a_loss_nothing_is_refused),
		cmocka_unit_test(without_that_hook_nothing_is_refused),
		cmocka_unit_test(what_no_record_tells_of_is_refused_as_well),
		cmocka_unit_test(without_an_image_nothing_is_refused),
		cmocka_unit_test(what_is_not_encrypted_is_not_refused),
		cmocka_unit_test(memory_is_not_refused),
		cmocka_unit_test(each_disk_of_btrfs_counts),
		cmocka_unit_test(what_usr_lies_on_counts),
		cmocka_unit_test(integrity_below_it_has_no_line),
		cmocka_unit_test(a_directory_of_what_is_mounted_is_refused),
		cmocka_unit_test(in_another_root_it_is_the_same),
		cmocka_unit_test(mounts_that_are_not_understood_are_refused),
	};

	return cmocka_run_group_tests_name("apply-encrypted", tests, NULL, NULL);
}
