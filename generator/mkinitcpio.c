// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mkinitcpio: an install file of our own, with a hook for busybox's init and a unit for systemd's.
 * Tests: unit/test-static.c, unit/test-menu.c.
 */
#include "base/cleanup.h"
#include "generator/image.h"
#include "generator/shell.h"

#define BINDER "/etc/hostdev-hook/binder"
#define OPTIONS "-P"

static void plan(const struct image_request *request, struct draft *draft)
{
	auto_free char *check = image_check_target(request, INITRAMFS_MKINITCPIO);
	auto_free char *build = NULL;

	build = image_build_target(request->facts->boot, INITRAMFS_MKINITCPIO, OPTIONS, draft);
	if (!build)
		return;
	draft_add_build(draft, DRAFT_IMAGE, build, "stale",
			"when it is taken back, the images are built without it");
	draft_add_directory(draft, DRAFT_IMAGE, "/etc/hostdev-hook",
			    "for what the image is to know");
	image_add_files(request, draft);
	draft_add_file(draft, DRAFT_IMAGE, BINDER, 0755, shell_binder,
		       "reserves the devices before udev looks for drivers");
	draft_add_file(draft, DRAFT_IMAGE, "/etc/initcpio/install/hostdev-hook", 0755,
		       shell_mkinitcpio_install, "puts the binder and vfio-pci into the image");
	draft_add_file(draft, DRAFT_IMAGE, "/etc/initcpio/hooks/hostdev-hook", 0755,
		       shell_mkinitcpio_hook,
		       "starts the binder where busybox is the image's init");
	draft_add_file(draft, DRAFT_IMAGE, "/etc/initcpio/hostdev-hook.service", 0644,
		       shell_mkinitcpio_unit,
		       "starts the binder where systemd is the image's init");
	draft_add_directory(draft, DRAFT_IMAGE, "/etc/mkinitcpio.conf.d", "for the next file");
	draft_add_file(draft, DRAFT_IMAGE, "/etc/mkinitcpio.conf.d/hostdev-hook.conf", 0644,
		       shell_mkinitcpio_conf, "asks mkinitcpio for it");
	draft_add_check(draft, DRAFT_IMAGE, "shell:" BINDER, "its shell can be read");
	draft_add_build(draft, DRAFT_IMAGE, build, "built", "the images of all presets");
	draft_add_check(draft, DRAFT_IMAGE, check, "the images have the binder and vfio-pci");
}

const struct image_adapter adapter_mkinitcpio = {.kind = INITRAMFS_MKINITCPIO, .plan = plan};
