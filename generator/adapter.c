// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which adapter serves which loader and which initramfs generator; and what several of them write.
 */
#include "generator/adapter.h"

#include <string.h>

#include "base/cleanup.h"

static const struct loader_adapter *const loaders[] = {
	&adapter_grub,       &adapter_systemd_boot, &adapter_grub_bls, &adapter_uki,
	&adapter_uki_direct, &adapter_kernelstub,   &adapter_proxmox,  &adapter_sdbootutil,
	&adapter_rpm_ostree, &adapter_bootc,        &adapter_nixos,    &adapter_limine,
	&adapter_refind};

static const struct image_adapter *const images[] = {&adapter_initramfs_tools, &adapter_dracut,
						     &adapter_mkinitcpio};

#define LOADER_COUNT (sizeof(loaders) / sizeof(loaders[0]))
#define IMAGE_COUNT (sizeof(images) / sizeof(images[0]))

const struct loader_adapter *loader_adapter_find(enum boot_loader loader)
{
	for (size_t i = 0; i < LOADER_COUNT; i++)
		if (loaders[i]->loader == loader)
			return loaders[i];
	return NULL;
}

const struct image_adapter *image_adapter_find(enum boot_initramfs kind)
{
	for (size_t i = 0; i < IMAGE_COUNT; i++)
		if (images[i]->kind == kind)
			return images[i];
	return NULL;
}

bool boot_has_image(const struct boot *boot)
{
	for (size_t i = 0; i < boot->kernel_count; i++)
		if (boot->kernels[i].initrd)
			return true;
	return false;
}

bool image_can_hold_binder(const struct boot *boot)
{
	if (!boot_has_image(boot))
		return false;
	for (size_t i = 0; i < boot->initramfs_count; i++) {
		enum boot_initramfs kind = boot->initramfs[i].kind;

		if (image_adapter_find(kind) && !(kind == INITRAMFS_DRACUT && boot->usr_read_only))
			return true;
	}
	return false;
}

void adapter_header(struct text *out, const struct generate_wishes *wishes)
{
	auto_free char *arguments = text_escape(wishes->arguments);

	text_printf(
		out,
		"# Written by hostdev-hook: hostdevctl generate %s\n"
		"# Run that again to change it, and \"hostdevctl generate undo --apply\" to take "
		"it back.\n",
		arguments);
}

void image_add_files(const struct image_request *request, struct draft *draft)
{
	auto_text struct text reserve = TEXT_INIT, options = TEXT_INIT;

	if (request->reserve) {
		adapter_header(&reserve, request->wishes);
		text_printf(&reserve, "%s", request->reserve);
		draft_add_directory(draft, DRAFT_IMAGE, "/etc/hostdev-hook",
				    "for what the image is to know");
		draft_add_file(draft, DRAFT_IMAGE, RESERVE_FILE, 0644, reserve.data,
			       "the devices that every boot reserves");
	}
	if (request->options) {
		adapter_header(&options, request->wishes);
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

void menu_add_choices(const struct menu_request *request, struct draft *draft)
{
	auto_text struct text text = TEXT_INIT;

	text_printf(&text, "hostdev-hook boot-choices 1\n");
	adapter_header(&text, request->wishes);
	text_printf(&text, "kernels %s\n", request->wishes->kernels);
	for (size_t i = 0; i < request->choice_count; i++)
		text_printf(&text, "choice %s\ntitle %s\nwords %s\n", request->choices[i].id,
			    request->choices[i].title, request->choices[i].words);
	draft_add_directory(draft, DRAFT_MENU, "/etc/hostdev-hook", "for the next file");
	draft_add_file(draft, DRAFT_MENU, CHOICES_FILE, 0644, text.data,
		       "what each entry of the menu reserves");
}
