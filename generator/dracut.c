// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * dracut: a module of our own, whose hook runs before udev does. Its hooks are sourced, so that the
 * binder runs as a program of its own. Tests: unit/test-static.c, unit/test-menu.c.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "generator/image.h"
#include "generator/shell.h"

#define MODULE "/usr/lib/dracut/modules.d/01hostdev-hook"
#define CONF "/etc/dracut.conf.d/90-hostdev-hook.conf"
/* Where the image of each kernel is, with STEP_EACH_KERNEL for its release; heap, or NULL. */
static char *image_template(const struct boot_kernel *kernel)
{
	size_t length = strlen(kernel->release);
	auto_text struct text path = TEXT_INIT;
	bool found = false;

	if (text_ends(kernel->initrd, ".efi") || strstr(kernel->initrd, STEP_EACH_KERNEL) ||
	    strchr(kernel->initrd, ','))
		return NULL;
	for (const char *at = kernel->initrd; *at; at++) {
		bool here = strncmp(at, kernel->release, length) == 0;

		text_printf(&path, "%.*s", here ? 0 : 1, at);
		if (!here)
			continue;
		text_printf(&path, STEP_EACH_KERNEL);
		at += length - 1;
		found = true;
	}
	return found ? steal(&path.data) : NULL;
}

/*
 * Without the image's path dracut chooses it: where there is a folder of the machine's id beside
 * entries of a loader, that is an image in there, which on such a Debian no entry starts.
 * "--regenerate-all" would build an image for each folder of /lib/modules, also for those that a
 * kernel leaves behind when it goes, and these images would stay when all is taken back. Heap.
 */
static char *build_options(const struct boot *boot)
{
	auto_free char *all = NULL;

	for (size_t i = 0; i < boot->kernel_count; i++) {
		auto_free char *path = NULL;

		if (!boot->kernels[i].initrd)
			continue;
		path = image_template(&boot->kernels[i]);
		if (!path || (all && strcmp(all, path) != 0))
			return xstrdup("--force,--kver," STEP_EACH_KERNEL);
		free(all);
		all = steal(&path);
	}
	return all ? xasprintf("--force,%s," STEP_EACH_KERNEL, all)
		   : xstrdup("--force,--kver," STEP_EACH_KERNEL);
}

static void plan(const struct image_request *request, struct draft *draft)
{
	auto_free char *check = image_check_target(request, INITRAMFS_DRACUT);
	auto_free char *options = build_options(request->facts->boot);
	auto_free char *build = NULL;

	if (request->facts->boot->usr_read_only) {
		draft_refuse(draft,
			     "dracut takes its modules from /usr/lib/dracut/modules.d, and /usr of "
			     "this host is read-only: nothing can be put into its image from here. "
			     "The hook can still take "
			     "devices when their guest starts (\"hostdevctl generate dynamic\")");
		return;
	}
	build = image_build_target(request->facts->boot, INITRAMFS_DRACUT, options, draft);
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
