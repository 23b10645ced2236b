// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A set-up is taken back on a host that does not run: only where all is mounted that it starts
 * from.
 */
#include "tests/host/check.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "hostdevctl/command.h"
#include "tests/host/tree.h"
#include "tests/model/setup-world.h"

static struct world *applied(const char *fstab)
{
	struct world *world = world_new(WORLD_GRUB);

	assert_int_equal(world_generate(world, WISH_STATIC, NULL), COMMAND_DONE);
	tree_file(world->machine->root_fd, "etc/fstab", "%s", fstab);
	return world;
}

static void must_refuse(const char *fstab, const char *place)
{
	auto_world struct world *world = applied(fstab);
	auto_free char *before = world_files(world), *after = NULL, *said = NULL;
	auto_free char *message = xasprintf("what its fstab mounts on %s, and at %s%s nothing is "
					    "mounted: mount it there first; nothing was written",
					    place, world->machine->root, place);

	assert_int_equal(world_undo_below(world), COMMAND_FAILED);
	said = world_said(world);
	assert_contains(said, message);
	after = world_files(world);
	assert_text(after, before);
}

static void what_is_not_mounted_must_be_first(void **state)
{
	(void)state;
	must_refuse("UUID=2 /usr ext4 defaults 0 1\n", "/usr");
	must_refuse("UUID=2 /var btrfs subvol=@var 0 0\n", "/var");
	must_refuse("UUID=2 /var/lib/ ext4 defaults 0 1\n", "/var/lib");
	must_refuse("UUID=2 /var/lib/hostdev-hook ext4\n", "/var/lib/hostdev-hook");
	must_refuse("UUID=1 / ext4 defaults 0 1\nUUID=2 /boot ext4 defaults 0 2\n", "/boot");
	must_refuse("\t UUID=2\t/boot/efi/ vfat umask=0077 0 1", "/boot/efi");
	must_refuse("LABEL=x /efi vfat\n", "/efi");
}

static void what_has_no_mounts_is_taken_back(void **state)
{
	static const char others[] = "UUID=1 / ext4\n/boot\nUUID=2 none swap\nUUID=4 /usr/local x\n"
				     "UUID=5 /var/log ext4\n"
				     "UUID=3 /boot2 ext4\n/boot /srv none bind\n";
	static const char *const tables[] = {"", "# UUID=2 /boot ext4\n#UUID=2 /boot ext4\n\n",
					     others};

	(void)state;
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		auto_world struct world *world = applied(tables[i]);

		assert_int_equal(world_undo_below(world), COMMAND_DONE);
	}
}

/* What was built holds the binder still, and nobody is there who could say so. */
static void without_any_program_it_is_not_done(void **state)
{
	static const enum world_wish wishes[] = {WISH_STATIC, WISH_MENU, WISH_CONF};

	(void)state;
	for (size_t i = 0; i < sizeof(wishes) / sizeof(*wishes); i++) {
		auto_world struct world *world = world_new(WORLD_GRUB);
		auto_free char *said = NULL, *records = NULL, *left = NULL, *now = NULL;

		assert_int_equal(world_generate(world, wishes[i], NULL), COMMAND_DONE);
		world->programs_gone = true;
		assert_int_equal(world_undo_below(world), GENERATE_INCOMPLETE);
		said = world_said(world);
		assert_contains(said, "is not there: is all of that host mounted?");
		records = world_records(world);
		assert_contains(records, "1.setup");
		world->programs_gone = false;
		assert_int_equal(world_undo_below(world), COMMAND_DONE);
		left = world_records(world);
		assert_text(left, "");
		now = world_files(world);
		assert_text(now, world->first);
	}
}

/* A menu that has nothing of it needs nobody who writes it. */
static void a_menu_that_is_free_may_stay(void **state)
{
	auto_world struct world *world = world_new(WORLD_GRUB);
	auto_free char *menu = tree_read(world->machine->root_fd, "boot/grub/grub.cfg");
	auto_free char *said = NULL;

	(void)state;
	assert_int_equal(world_generate(world, WISH_IOMMU, NULL), COMMAND_DONE);
	world->programs_gone = true;
	assert_int_equal(world_undo_below(world), GENERATE_INCOMPLETE);
	said = world_said(world);
	assert_contains(said, "/boot/grub/grub.cfg still has what was put there");
	tree_file(world->machine->root_fd, "boot/grub/grub.cfg", "%s", menu);
	assert_int_equal(world_undo_below(world), COMMAND_DONE);
}

#define MISSING "no image is there that could be built anew, neither /boot/initrd.img-"

/* As where systemd finds /boot without a line of fstab, and nobody has mounted it. */
static void empty_boot(struct world *world, bool kept)
{
	int root = world->machine->root_fd;

	assert_int_equal(
		renameat(root, kept ? "boot-kept" : "boot", root, kept ? "boot" : "boot-kept"), 0);
}

static void without_any_image_it_is_not_done(void **state)
{
	(void)state;
	for (int below = 0; below < 2; below++) {
		auto_world struct world *world = world_new(WORLD_GRUB);
		auto_free char *said = NULL, *records = NULL, *left = NULL, *now = NULL;

		assert_int_equal(world_generate(world, WISH_CONF, NULL), COMMAND_DONE);
		world->builds_nothing = true;
		empty_boot(world, false);
		assert_int_equal(below ? world_undo_below(world) : world_undo(world, NULL),
				 GENERATE_INCOMPLETE);
		said = world_said(world);
		assert_contains(said, MISSING);
		assert_contains(said, "mount what belongs on /boot");
		records = world_records(world);
		assert_contains(records, "1.setup");
		world->builds_nothing = false;
		empty_boot(world, true);
		assert_int_equal(world_undo_below(world), COMMAND_DONE);
		left = world_records(world);
		assert_text(left, "");
		now = world_files(world);
		assert_text(now, world->first);
	}
}

/* Neither does a builder write one that would pass for it, nor is one that is gone enough. */
static void without_any_image_none_is_built(void **state)
{
	(void)state;
	for (int gone = 0; gone < 2; gone++) {
		auto_world struct world *world = world_new(WORLD_GRUB);
		auto_free char *said = NULL;

		assert_int_equal(world_generate(world, WISH_CONF, NULL), COMMAND_DONE);
		empty_boot(world, false);
		world->programs_gone = gone;
		assert_int_equal(world_undo_below(world), GENERATE_INCOMPLETE);
		said = world_said(world);
		assert_contains(said, MISSING);
		assert_false(tree_exists(world->machine->root_fd, "boot"));
	}
}

/* Kernels come and go, and with them the images of then. */
static void images_of_later_are_as_good(void **state)
{
	static const char *const later[] = {
		"boot/vmlinuz-linux",
		"boot/initramfs-linux.img",
		"boot/booster-linux.img",
		"efi/EFI/Linux/arch-linux.efi",
		"boot/efi/token/9.9-x/linux",
		"boot/kernel-9.9-x",
		"boot/ostree/fedora-1/initramfs-9.img",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(later) / sizeof(*later); i++) {
		auto_world struct world *world = world_new(WORLD_GRUB);
		int root = world->machine->root_fd;

		assert_int_equal(world_generate(world, WISH_CONF, NULL), COMMAND_DONE);
		tree_remove(root, "boot");
		tree_file(root, later[i], "x");
		tree_dir(root, "lib/modules/9.9-x");
		world->builds_nothing = true;
		assert_int_equal(world_undo_below(world), COMMAND_DONE);
	}
}

/* Nor is a menu free that is not there, where nobody writes it. */
static void without_a_menu_it_is_not_done(void **state)
{
	auto_world struct world *world = world_new(WORLD_GRUB);
	auto_free char *said = NULL;

	(void)state;
	assert_int_equal(world_generate(world, WISH_IOMMU, NULL), COMMAND_DONE);
	world->programs_gone = true;
	empty_boot(world, false);
	assert_int_equal(world_undo_below(world), GENERATE_INCOMPLETE);
	said = world_said(world);
	assert_contains(said, "is all of that host mounted? there is no /boot/grub/grub.cfg");
	world->programs_gone = false;
	empty_boot(world, true);
	assert_int_equal(world_undo_below(world), COMMAND_DONE);
}

/* Here it has been taken from this host, which starts without it. */
static void on_this_host_programs_may_be_gone(void **state)
{
	auto_world struct world *world = world_new(WORLD_GRUB);

	(void)state;
	assert_int_equal(world_generate(world, WISH_STATIC, NULL), COMMAND_DONE);
	world->programs_gone = true;
	assert_int_equal(world_undo(world, NULL), COMMAND_DONE);
}

#define CANNOT 77

static int undo_mounted(struct world *world)
{
	struct host *host = &world->machine->host;
	struct host before = *host;
	auto_free char *boot = xasprintf("%s/boot", world->machine->root);

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount(boot, boot, NULL, MS_BIND, NULL) < 0)
		return CANNOT;
	/* What was opened before is of the namespace where nothing is mounted. */
	if (host_open(host, world->machine->root, before.ops, before.ops_data, NULL) < 0)
		return CANNOT;
	host_close(&before);
	return world_undo_below(world);
}

static void what_is_mounted_is_taken_back(void **state)
{
	auto_world struct world *world = applied("UUID=2 /boot ext4 defaults 0 2\n");
	int status = 0;
	pid_t pid = fork();

	(void)state;
	if (pid == 0)
		_exit(undo_mounted(world));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_needs(WEXITSTATUS(status) != CANNOT, "root, and a mount namespace of its own");
	assert_int_equal(WEXITSTATUS(status), COMMAND_DONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_mounted_must_be_first),
		cmocka_unit_test(what_has_no_mounts_is_taken_back),
		cmocka_unit_test(without_any_program_it_is_not_done),
		cmocka_unit_test(a_menu_that_is_free_may_stay),
		cmocka_unit_test(without_any_image_it_is_not_done),
		cmocka_unit_test(without_any_image_none_is_built),
		cmocka_unit_test(images_of_later_are_as_good),
		cmocka_unit_test(without_a_menu_it_is_not_done),
		cmocka_unit_test(on_this_host_programs_may_be_gone),
		cmocka_unit_test(what_is_mounted_is_taken_back),
	};

	return cmocka_run_group_tests_name("apply-below", tests, NULL, NULL);
}
