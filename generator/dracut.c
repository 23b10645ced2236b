// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * dracut: a module of our own, whose hook runs before udev does. Its hooks are sourced, so that the
 * binder runs as a program of its own.
 */
#include "base/cleanup.h"
#include "generator/adapter.h"
#include "generator/shell.h"

#define MODULE "/usr/lib/dracut/modules.d/01hostdev-hook"
#define CONF "/etc/dracut.conf.d/90-hostdev-hook.conf"
/*
 * "--regenerate-all" would build an image for each folder of /lib/modules, also for those that a
 * kernel leaves behind when it goes, and these images would stay when all is taken back.
 */
#define OPTIONS "--force,--kver," STEP_EACH_KERNEL

static void plan(const struct image_request *request, struct draft *draft)
{
	auto_free char *check = image_check_target(request, INITRAMFS_DRACUT);
	auto_free char *build = NULL;

	if (request->facts->boot->usr_read_only) {
		draft_refuse(draft,
			     "dracut takes its modules from /usr/lib/dracut/modules.d, and /usr of "
			     "this host is read-only: nothing can be put into its image from here. "
			     "The hook can still take "
			     "devices when their guest starts (\"hostdevctl generate dynamic\")");
		return;
	}
	build = image_build_target(request->facts->boot, INITRAMFS_DRACUT, OPTIONS, draft);
	if (!build)
		return;
	draft_add_build(draft, DRAFT_IMAGE, build, "stale",
			"when it is taken back, the images are built without it");
	image_add_files(request, draft);
	draft_add_directory(draft, DRAFT_IMAGE, MODULE, "a module of dracut's");
	draft_add_file(draft, DRAFT_IMAGE, MODULE "/module-setup.sh", 0755,
		       shell_dracut_module_setup, "puts the binder and vfio-pci into the image");
	draft_add_file(draft, DRAFT_IMAGE, MODULE "/hostdev-hook.sh", 0755, shell_dracut_pre_udev,
		       "starts the binder before udev");
	draft_add_file(draft, DRAFT_IMAGE, MODULE "/binder", 0755, shell_binder,
		       "reserves the devices before udev looks for drivers");
	draft_add_file(draft, DRAFT_IMAGE, CONF, 0644, shell_dracut_conf,
		       "asks dracut for the module");
	draft_add_check(draft, DRAFT_IMAGE, "shell:" MODULE "/binder", "its shell can be read");
	draft_add_build(draft, DRAFT_IMAGE, build, "built", "the images of all kernels");
	draft_add_check(draft, DRAFT_IMAGE, check,
			"the images have the binder, its hook before udev, and vfio-pci");
}

const struct image_adapter adapter_dracut = {.kind = INITRAMFS_DRACUT, .plan = plan};
