// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * In which order the evidence of how a host boots is gathered, and what of it /proc and /sys tell.
 */
#include "parsers/boot/boot.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "parsers/boot/boot-firmware.h"
#include "parsers/boot/boot-grub.h"
#include "parsers/boot/boot-initramfs.h"
#include "parsers/boot/boot-kernel-install.h"
#include "parsers/boot/boot-kernels.h"
#include "parsers/boot/boot-loaders.h"
#include "parsers/boot/boot-measured.h"
#include "parsers/boot/boot-modprobe.h"
#include "parsers/boot/boot-rivals.h"
#include "parsers/boot/boot-source.h"
#include "parsers/storage/mounts.h"

/* File systems that hold an image, which updates replace as a whole. */
static bool is_image(const char *type)
{
	static const char *const types[] = {"erofs", "squashfs", "composefs", "iso9660", "cramfs"};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(type, types[i]) == 0)
			return true;
	return false;
}

/* Where mounts cannot be read (of a host that does not run, say), they are not known. */
static void read_mounts(struct boot_source *source, struct boot *boot)
{
	auto_mounts struct mounts mounts = {0};
	size_t root, usr;

	boot->usr_read_only = boot_source_has(source, "/run/ostree-booted");
	if (mounts_read(source->host, &mounts, NULL) < 0)
		return;
	root = mounts_find(&mounts, "/", MOUNT_NONE);
	usr = mounts_find(&mounts, "/usr", MOUNT_NONE);
	if (root != MOUNT_NONE) {
		boot->root = xstrdup(mounts.mounts[root].source);
		boot->root_fs = xstrdup(mounts.mounts[root].type);
	}
	if (usr != MOUNT_NONE &&
	    (mounts.mounts[usr].read_only || is_image(mounts.mounts[usr].type)))
		boot->usr_read_only = true;
}

/* The first processor is the first thing in the file. */
static void read_processor(struct boot_source *source, struct boot *boot)
{
	static const char key[] = "\nvendor_id";
	auto_free char *text = boot_source_read(source, "/proc/cpuinfo");
	const char *vendor = text ? strstr(text, key) : NULL;

	if (!vendor)
		return;
	vendor += strlen(key);
	vendor += strspn(vendor, " \t:");
	boot->is_intel = text_starts(vendor, "GenuineIntel");
	boot->is_amd = text_starts(vendor, "AuthenticAMD") || text_starts(vendor, "HygonGenuine");
}

static void read_running(struct boot_source *source, struct boot *boot)
{
	char *cmdline = boot_source_read(source, "/proc/cmdline");

	boot->cmdline = cmdline ? cmdline : xstrdup("");
	boot->cmdline[strcspn(boot->cmdline, "\n")] = '\0';
	boot->iommu_on = host_has_entries(source->host, HOST_SYS, "class/iommu");
	read_processor(source, boot);
	read_mounts(source, boot);
}

int boot_read(const struct host *host, struct boot *ret, struct error *err)
{
	struct boot_source source = {.host = host};
	auto_boot struct boot boot = {0};

	boot_firmware_read(&source, &boot);
	read_running(&source, &boot);
	boot_grub_read(&source, &boot);
	boot_kernel_install_read(&source, &boot);
	boot_kernels_read(&source, &boot);
	boot_kernel_install_read_options(&source, &boot);
	boot_loaders_read(&source, &boot);
	boot_initramfs_read(&source, &boot);
	boot_modprobe_read(&source, &boot);
	boot_rivals_read(&source, &boot);
	boot_measured_read(&source, &boot);
	if (source.failure.code) {
		if (err)
			*err = source.failure;
		return -source.failure.code;
	}
	*ret = boot;
	memset(&boot, 0, sizeof(boot));
	return 0;
}
