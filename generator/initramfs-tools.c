// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * initramfs-tools: its scripts of init-top run in the order of their names, and udev's is one of
 * them. Only what comes before it comes before the host's drivers. Tests: unit/test-static.c.
 */
#include "base/cleanup.h"
#include "generator/image.h"
#include "generator/shell.h"

#define HOOK "/etc/initramfs-tools/hooks/hostdev-hook"
#define SCRIPT "/etc/initramfs-tools/scripts/init-top/00-hostdev-hook"
/* "-u" alone would build the newest kernel's image only. */
#define OPTIONS "-u,-k,all"

static void plan(const struct image_request *request, struct draft *draft)
{
	auto_free char *check = image_check_target(request, INITRAMFS_TOOLS);
	auto_free char *build = NULL;

	build = image_build_target(request->facts->boot, INITRAMFS_TOOLS, OPTIONS, draft);
	if (!build)
		return;
	if (boot_initramfs_find(request->facts->boot, INITRAMFS_TOOLS)->switched_off)
		draft_refuse(draft, "/etc/initramfs-tools/update-initramfs.conf has "
				    "update_initramfs=no, with which no image is built anew: have "
				    "\"yes\" there, also for the way back");
	draft_add_build(draft, DRAFT_IMAGE, build, "stale",
			"when it is taken back, the images are built without it");
	image_add_files(request, draft);
	draft_add_file(draft, DRAFT_IMAGE, HOOK, 0755, shell_initramfs_tools_hook,
		       "puts vfio-pci into the image");
	draft_add_file(draft, DRAFT_IMAGE, SCRIPT, 0755, shell_binder,
		       "reserves the devices before udev looks for drivers");
	draft_add_check(draft, DRAFT_IMAGE, "shell:" HOOK, "its shell can be read");
	draft_add_check(draft, DRAFT_IMAGE, "shell:" SCRIPT, "its shell can be read");
	draft_add_build(draft, DRAFT_IMAGE, build, "built", "the images of all kernels");
	draft_add_check(draft, DRAFT_IMAGE, check,
			"the images run the binder before udev, and have vfio-pci");
}

const struct image_adapter adapter_initramfs_tools = {.kind = INITRAMFS_TOOLS, .plan = plan};
