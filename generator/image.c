// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which initramfs generator builds this host's images, whether their kernels can reserve anything,
 * and what several adapters write. Tests: unit/test-menu.c.
 */
#include "generator/image.h"

#include "base/cleanup.h"

static const struct image_adapter *const adapters[] = {&adapter_initramfs_tools, &adapter_dracut,
						       &adapter_mkinitcpio};

#define ADAPTER_COUNT (sizeof(adapters) / sizeof(adapters[0]))

const struct image_adapter *image_adapter_find(enum boot_initramfs kind)
{
	for (size_t i = 0; i < ADAPTER_COUNT; i++)
		if (adapters[i]->kind == kind)
			return adapters[i];
	return NULL;
}

/*
 * Has a kernel of the host an image that is found? What is put into an image that is not found
 * could not be checked, and is not put there.
 */
static bool image_exists(const struct boot *boot)
{
	for (size_t i = 0; i < boot->kernel_count; i++)
		if (boot->kernels[i].initrd)
			return true;
	return false;
}

bool image_can_hold_binder(const struct boot *boot)
{
	if (!image_exists(boot))
		return false;
	for (size_t i = 0; i < boot->initramfs_count; i++) {
		enum boot_initramfs kind = boot->initramfs[i].kind;

		if (image_adapter_find(kind) && !(kind == INITRAMFS_DRACUT && boot->usr_read_only))
			return true;
	}
	return false;
}

void image_add_files(const struct image_request *request, struct draft *draft)
{
	auto_text struct text reserve = TEXT_INIT, options = TEXT_INIT;

	if (request->reserve) {
		wishes_add_header(request->wishes, &reserve);
		text_printf(&reserve, "%s", request->reserve);
		draft_add_directory(draft, DRAFT_IMAGE, "/etc/hostdev-hook",
				    "for what the image is to know");
		draft_add_file(draft, DRAFT_IMAGE, RESERVE_FILE, 0644, reserve.data,
			       "the devices that every boot reserves");
	}
	if (request->options) {
		wishes_add_header(request->wishes, &options);
		text_printf(&options, "%s", request->options);
		draft_add_file(draft, DRAFT_IMAGE, OPTIONS_FILE, 0644, options.data,
			       "the ids that vfio-pci takes");
		draft_add_check(draft, DRAFT_IMAGE, "options:" OPTIONS_FILE,
				"modprobe reads these ids");
	}
}

char *image_build_target(const struct boot *boot, enum boot_initramfs kind, const char *options,
			 struct draft *draft)
{
	const struct boot_initramfs_found *found = boot_initramfs_find(boot, kind);

	if (found && found->program)
		return xasprintf("image:%s,%s", found->program, options);
	draft_refuse(draft, "what builds the images of %s is not there: install it whole",
		     boot_initramfs_name(kind));
	return NULL;
}

char *image_check_target(const struct image_request *request, enum boot_initramfs kind)
{
	const struct boot *boot = request->facts->boot;
	static const char *const marks[] = {[BOOT_DRIVER_NONE] = "=without",
					    [BOOT_DRIVER_MODULE] = "",
					    [BOOT_DRIVER_BUILTIN] = "=builtin"};
	auto_text struct text target = TEXT_INIT;

	text_printf(&target, "image:%s", boot_initramfs_name(kind));
	if (request->reserve)
		text_printf(&target, ",holds=%s", &RESERVE_FILE[1]);
	if (request->options)
		text_printf(&target, ",holds=%s", &OPTIONS_FILE[1]);
	for (size_t i = 0; i < boot->kernel_count; i++)
		if (boot->kernels[i].initrd)
			text_printf(&target, ",%s%s", boot->kernels[i].initrd,
				    marks[boot->kernels[i].vfio_pci]);
	return steal(&target.data);
}

/* --- which generator --- */

static bool find_named_initramfs(const struct boot *boot, const char *name,
				 enum boot_initramfs *ret, struct draft *draft)
{
	if (!boot_initramfs_parse(name, ret)) {
		draft_refuse(draft, "\"%s\" is no initramfs generator that is known here", name);
		return false;
	}
	if (!boot_initramfs_find(boot, *ret))
		draft_refuse(draft, "%s is not installed on this host", name);
	return boot_initramfs_find(boot, *ret) != NULL;
}

/* How much speaks for it: that it has built the image that runs, then that it builds the next. */
static int weight(const struct boot_initramfs_found *found)
{
	return (found->built ? 2 : 0) + (found->builds ? 1 : 0);
}

static bool find_initramfs(const struct boot *boot, enum boot_initramfs *ret, struct draft *draft)
{
	const struct boot_initramfs_found *best = NULL;
	bool tie = false;

	for (size_t i = 0; i < boot->initramfs_count; i++) {
		const struct boot_initramfs_found *found = &boot->initramfs[i];

		tie = best &&
		      (weight(found) == weight(best) || (tie && weight(found) < weight(best)));
		if (!best || weight(found) > weight(best))
			best = found;
	}
	if (!best) {
		draft_refuse(draft,
			     "no initramfs generator is recognised on this host (initramfs-tools, "
			     "dracut, mkinitcpio): it is its image that reserves devices, before "
			     "the host's drivers come. The hook can still take them when their "
			     "guest starts (\"hostdevctl generate dynamic\")");
		return false;
	}
	if (tie) {
		draft_refuse(draft, "several initramfs generators are installed, and nothing says "
				    "which of them builds the image: say which with --initramfs "
				    "NAME");
		return false;
	}
	*ret = best->kind;
	return true;
}

static void name_others(const struct boot *boot, enum boot_initramfs chosen, struct draft *draft)
{
	for (size_t i = 0; i < boot->initramfs_count; i++)
		if (boot->initramfs[i].kind != chosen)
			draft_note(draft,
				   "%s is installed as well, and gets nothing: %s builds this "
				   "host's image",
				   boot_initramfs_name(boot->initramfs[i].kind),
				   boot_initramfs_name(chosen));
}

/* Its entries would promise what nothing in them does. */
static void tell_without_image(const struct boot *boot, struct draft *draft)
{
	for (size_t i = 0; i < boot->kernel_count; i++)
		if (!boot->kernels[i].initrd)
			draft_note(draft,
				   "kernel %s has no image: started with it, the host reserves "
				   "nothing",
				   boot->kernels[i].release);
}

static bool can_reserve(const struct boot_kernel *kernel)
{
	return kernel->initrd && kernel->vfio_pci != BOOT_DRIVER_NONE;
}

/* Kernels for clouds, for one, are built without it. */
static void tell_without_vfio(const struct boot *boot, struct draft *draft)
{
	size_t able = 0;

	for (size_t i = 0; i < boot->kernel_count; i++)
		able += can_reserve(&boot->kernels[i]);
	if (able == 0) {
		draft_refuse(draft, "no kernel of this host has vfio-pci, as a module or built in: "
				    "guests can have none of its devices");
		return;
	}
	for (size_t i = 0; i < boot->kernel_count; i++)
		if (boot->kernels[i].initrd && !can_reserve(&boot->kernels[i]))
			draft_note(draft,
				   "kernel %s has no vfio-pci: started with it, the host reserves "
				   "nothing",
				   boot->kernels[i].release);
}

void image_plan(const struct generate_facts *facts, const struct generate_wishes *wishes,
		const char *reserve, const char *options, struct draft *draft)
{
	const struct image_request request = {
		.facts = facts, .wishes = wishes, .reserve = reserve, .options = options};
	const struct image_adapter *adapter;
	enum boot_initramfs kind;

	/* There the configuration makes the image, as it makes everything. */
	if (boot_loader_find(facts->boot, LOADER_NIXOS))
		return;
	if (wishes->initramfs ? !find_named_initramfs(facts->boot, wishes->initramfs, &kind, draft)
			      : !find_initramfs(facts->boot, &kind, draft))
		return;
	name_others(facts->boot, kind, draft);
	if (image_exists(facts->boot)) {
		tell_without_image(facts->boot, draft);
		tell_without_vfio(facts->boot, draft);
	} else {
		draft_refuse(draft,
			     "no kernel of this host has an image that is found here, so that what "
			     "is put into it could not be checked%s",
			     wishes->in_conf
				     ? "; what can be done by hand, \"static\" says without "
				       "--method conf"
				     : "");
	}
	adapter = image_adapter_find(kind);
	if (adapter)
		adapter->plan(&request, draft);
	else
		draft_refuse(draft,
			     "this host's image is built by %s, which runs no scripts of others, "
			     "and it is the image that reserves devices. The hook can still take "
			     "them when their guest starts (\"hostdevctl generate dynamic\")",
			     boot_initramfs_name(kind));
}
