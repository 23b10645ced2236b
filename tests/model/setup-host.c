// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The hosts of setup-world.h: their files at the start, and what the generator is told of them.
 */
#include "tests/model/setup-host.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "parsers/boot/boot-grub.h"
#include "parsers/boot/boot-kernel-install.h"
#include "tests/host/check.h"
#include "tests/host/tree.h"
#include "tests/model/setup-programs.h"

/* --- files --- */

static void set_attribute(int root, const char *path)
{
	auto_close int fd = openat(root, path, O_RDONLY | O_CLOEXEC);

	/* Where the file system has none, there is one property less to be kept. */
	fsetxattr(fd, "user.note", "ours\0too", 8, 0);
	fsetxattr(fd, "user.a", "", 0, 0);
}

static void make_old(int root, const char *path)
{
	const struct timespec times[2] = {{.tv_sec = 1000000000, .tv_nsec = 5},
					  {.tv_sec = 1234567890, .tv_nsec = 123456789}};

	utimensat(root, path, times, 0);
}

/* A file that a set-up edits, with all that must come back. */
static void make_edited(int root, const char *path, const char *text)
{
	tree_file(root, path, "%s", text);
	assert_int_equal(fchmodat(root, path, 0640, 0), 0);
	if (geteuid() == 0)
		assert_int_equal(fchownat(root, path, 3, 7, 0), 0);
	set_attribute(root, path);
	make_old(root, path);
}

static void make_program(int root, const char *path, const char *text)
{
	tree_file(root, path, "%s", text);
	assert_int_equal(fchmodat(root, path, 0755, 0), 0);
}

static void make_grub(int root, bool drop_ins)
{
	/* The last line lacks its newline. */
	make_edited(root, "etc/default/grub",
		    "# how GRUB is set up\nGRUB_DEFAULT=0\nGRUB_CMDLINE_LINUX_DEFAULT=\"quiet\"");
	make_program(root, "etc/grub.d/10_linux", "#!/bin/sh\n");
	make_program(root, "usr/sbin/update-grub", "#!/bin/sh\n");
	make_program(root, "usr/sbin/grub-mkconfig",
		     drop_ins ? "#!/bin/sh\n. /etc/default/grub.d/*.cfg\n" : "#!/bin/sh\n");
	tree_file(root, "proc/cmdline", "BOOT_IMAGE=/vmlinuz root=UUID=1 ro quiet\n");
	setup_host_add_kernel(root, KERNEL);
}

/* The running kernel has words that no entry has: whoever takes that line is found out. */
static void make_entries(int root, bool bare)
{
	tree_file(root, "proc/cmdline", "initrd=\\x root=UUID=1 ro quiet running\n");
	tree_file(root, "etc/machine-id", "0123456789abcdef0123456789abcdef\n");
	if (!bare)
		tree_file(root, "etc/kernel/entry-token", "debian\n");
	tree_file(root, "boot/efi/loader/entries.srel", "type1\n");
	tree_file(root, "boot/efi/EFI/windows.efi", "windows\n");
	tree_file(root, "boot/efi/linux", "of others\n");
	tree_file(root, ENTRIES "/windows.conf", "title Windows\nefi /EFI/windows.efi\n");
	make_program(root, "usr/bin/kernel-install", "#!/bin/sh\n");
	make_program(root, OTHER_PLUGIN, "steady\n");
	setup_host_add_kernel(root, KERNEL);
	setup_host_add_kernel(root, OLDER);
	/* What the real one makes of it lacks the newline; with it the words are the same. */
	make_edited(root, "etc/kernel/cmdline", "root=UUID=1 ro\nquiet");
}

void setup_host_add_kernel(int root, const char *release)
{
	auto_free char *modules = xasprintf("lib/modules/%s", release);
	auto_free char *image = xasprintf("boot/vmlinuz-%s", release);

	tree_dir(root, modules);
	tree_file(root, image, "kernel %s\n", release);
}

/* As kernel-install(8) and whoever edits an entry leave it. */
static void add_entries(const struct world *world, bool bare)
{
	int root = world->machine->root_fd;
	auto_free char *token = programs_token(root);
	auto_free char *path = xasprintf(ENTRIES "/%s-" KERNEL ".conf", token);
	auto_free char *text = NULL;

	programs_add_kernel(world, KERNEL);
	programs_add_kernel(world, OLDER);
	text = tree_read(root, path);
	tree_file(root, path, "# mine\n%s\n", text);
	if (bare)
		tree_remove(root, "etc/kernel/cmdline");
}

void setup_host_make(const struct world *world)
{
	int root = world->machine->root_fd;
	bool bare = world->kind == WORLD_ENTRIES_BARE;

	tree_dir(root, "var/lib");
	tree_dir(root, "etc/initramfs-tools/hooks");
	tree_dir(root, "etc/initramfs-tools/scripts/init-top");
	tree_dir(root, "etc/modprobe.d");
	if (world_has_grub(world))
		make_grub(root, world->kind == WORLD_GRUB);
	else
		make_entries(root, bare);
	programs_build(world);
	if (!world_has_grub(world))
		add_entries(world, bare);
}

/* --- facts --- */

static struct device devices[] = {
	{.addr = {0, 1, 0, 0},
	 .group = 1,
	 .class_code = 0x030000,
	 .vendor = 0x10de,
	 .product = 0x2204,
	 .subvendor = 0x1458,
	 .subproduct = 0x403b},
	{.addr = {0, 1, 0, 1},
	 .group = 1,
	 .class_code = 0x040300,
	 .vendor = 0x10de,
	 .product = 0x1aef,
	 .subvendor = 0x1458,
	 .subproduct = 0x403b},
	{.addr = {0, 2, 0, 0},
	 .group = 2,
	 .class_code = 0x030000,
	 .vendor = 0x10de,
	 .product = 0x2204,
	 .subvendor = 0x1458,
	 .subproduct = 0x403b},
	{.addr = {0, 3, 0, 0},
	 .group = 3,
	 .class_code = 0x0c0330,
	 .vendor = 0x1b21,
	 .product = 0x2142,
	 .subvendor = 0x1b21,
	 .subproduct = 0x2142},
};
/* With the host. */
static const char *const drivers[] = {"nvidia", "snd_hda_intel", "nvidia", "xhci_hcd"};
static struct group groups[] = {
	{.number = 1,
	 .members = (struct pci_addr[]){{0, 1, 0, 0}, {0, 1, 0, 1}},
	 .member_count = 2},
	{.number = 2, .members = (struct pci_addr[]){{0, 2, 0, 0}}, .member_count = 1},
	{.number = 3, .members = (struct pci_addr[]){{0, 3, 0, 0}}, .member_count = 1},
};

/* Newest first. */
static void know_kernels(int root, struct boot *boot)
{
	static const char *const releases[] = {NEWER, KERNEL, OLDER};

	for (size_t i = 0; i < sizeof(releases) / sizeof(*releases); i++) {
		struct boot_kernel kernel = {.release = xstrdup(releases[i]),
					     .image = xasprintf("/boot/vmlinuz-%s", releases[i]),
					     .initrd =
						     xasprintf("/boot/initrd.img-%s", releases[i]),
					     .runs = strcmp(releases[i], KERNEL) == 0,
					     .vfio_pci = BOOT_DRIVER_MODULE};

		if (!tree_exists(root, &kernel.image[1])) {
			free(kernel.release);
			free(kernel.image);
			free(kernel.initrd);
			continue;
		}
		array_push(boot->kernels, boot->kernel_count, kernel);
	}
}

static void know_boot(const struct world *world, const struct host *host, struct boot *boot)
{
	struct boot_source source = {.host = host};

	boot->loaders = xcalloc(1, sizeof(*boot->loaders));
	boot->loaders[boot->loader_count++] = (struct boot_loader_found){
		.kind = world_has_grub(world) ? LOADER_GRUB : LOADER_SYSTEMD_BOOT,
		.evidence = xstrdup("it has a menu")};
	boot->initramfs = xcalloc(1, sizeof(*boot->initramfs));
	boot->initramfs[boot->initramfs_count++] =
		(struct boot_initramfs_found){.kind = INITRAMFS_TOOLS,
					      .evidence = xstrdup("it is there"),
					      .program = xstrdup("/usr/sbin/update-initramfs"),
					      .builds = true};
	boot->cmdline = tree_read(world->machine->root_fd, "proc/cmdline");
	boot->is_intel = true;
	know_kernels(world->machine->root_fd, boot);
	if (world_has_grub(world)) {
		boot_grub_read(&source, boot);
		return;
	}
	boot_kernel_install_read(&source, boot);
	boot_kernel_install_read_options(&source, boot);
}

void setup_host_know(const struct world *world, struct generate_host *host)
{
	for (size_t i = 0; i < sizeof(devices) / sizeof(*devices); i++)
		strcpy(devices[i].bound.driver,
		       world->reserved && devices[i].group == 1 ? "vfio-pci" : drivers[i]);
	host->situation.snapshot = (struct snapshot){.iommu = true,
						     .devices = devices,
						     .device_count = 4,
						     .groups = groups,
						     .group_count = 3};
	know_boot(world, &host->host, &host->boot);
}

void world_edit(struct world *world, const char *path, const char *old, const char *new)
{
	auto_free char *text = tree_read(world->machine->root_fd, path);
	char *at = text ? strstr(text, old) : NULL;

	assert_non_null(at);
	tree_file(world->machine->root_fd, path, "%.*s%s%s\n", (int)(at - text), text, new,
		  at + strlen(old));
}
