// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How the loaders and the initramfs generators are called, and what is asked of the facts about
 * them.
 */
#include "model/boot.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "model/cell.h"

static const char *const loader_names[LOADERS] = {
	[LOADER_GRUB] = "grub",
	[LOADER_GRUB_BLS] = "grub-bls",
	[LOADER_SYSTEMD_BOOT] = "systemd-boot",
	[LOADER_UKI] = "uki",
	[LOADER_UKI_DIRECT] = "uki-direct",
	[LOADER_KERNELSTUB] = "kernelstub",
	[LOADER_PROXMOX] = "proxmox",
	[LOADER_SDBOOTUTIL] = "sdbootutil",
	[LOADER_OSTREE] = "ostree",
	[LOADER_BOOTC] = "bootc",
	[LOADER_NIXOS] = "nixos",
	[LOADER_LIMINE] = "limine",
	[LOADER_REFIND] = "refind",
};

static const char *const initramfs_names[INITRAMFS_KINDS] = {
	[INITRAMFS_TOOLS] = "initramfs-tools",
	[INITRAMFS_DRACUT] = "dracut",
	[INITRAMFS_MKINITCPIO] = "mkinitcpio",
	[INITRAMFS_BOOSTER] = "booster",
};

const char *boot_loader_name(enum boot_loader loader)
{
	return loader_names[loader];
}

bool boot_loader_parse(const char *name, enum boot_loader *ret)
{
	int found = text_find(loader_names, LOADERS, name, strlen(name));

	if (found >= 0)
		*ret = (enum boot_loader)found;
	return found >= 0;
}

const char *boot_initramfs_name(enum boot_initramfs kind)
{
	return initramfs_names[kind];
}

bool boot_initramfs_parse(const char *name, enum boot_initramfs *ret)
{
	int found = text_find(initramfs_names, INITRAMFS_KINDS, name, strlen(name));

	if (found >= 0)
		*ret = (enum boot_initramfs)found;
	return found >= 0;
}

static void kernel_done(struct boot_kernel *kernel)
{
	free(kernel->release);
	free(kernel->image);
	free(kernel->initrd);
	text_free_list(kernel->builtin);
}

static void grub_done(struct boot_grub *grub)
{
	free(grub->config);
	free(grub->mkconfig);
	free(grub->update);
	free(grub->script_check);
	free(grub->defaults);
	free(grub->chosen);
	for (size_t i = 0; i < grub->word_count; i++) {
		free(grub->words[i].file);
		free(grub->words[i].word);
	}
	free(grub->words);
}

static void kernel_install_done(struct boot_kernel_install *install)
{
	free(install->program);
	free(install->layout);
	free(install->token);
	free(install->boot_root);
	free(install->cmdline);
	free(install->options);
	text_free_list(install->entries);
	for (size_t i = 0; i < install->own_count; i++) {
		free(install->own[i].name);
		free(install->own[i].release);
		free(install->own[i].options);
	}
	free(install->own);
	text_free_list(install->images);
}

void boot_done(struct boot *boot)
{
	for (size_t i = 0; i < boot->loader_count; i++)
		free(boot->loaders[i].evidence);
	for (size_t i = 0; i < boot->initramfs_count; i++) {
		free(boot->initramfs[i].evidence);
		free(boot->initramfs[i].program);
		free(boot->initramfs[i].built);
	}
	for (size_t i = 0; i < boot->kernel_count; i++)
		kernel_done(&boot->kernels[i]);
	for (size_t i = 0; i < boot->ids_count; i++) {
		free(boot->ids[i].file);
		free(boot->ids[i].ids);
	}
	for (size_t i = 0; i < boot->rival_count; i++) {
		free(boot->rivals[i].file);
		free(boot->rivals[i].what);
	}
	for (size_t i = 0; i < boot->measured_count; i++) {
		free(boot->measured[i].what);
		free(boot->measured[i].pcrs);
	}
	free(boot->loaders);
	free(boot->initramfs);
	free(boot->kernels);
	free(boot->ids);
	free(boot->rivals);
	free(boot->measured);
	grub_done(&boot->grub);
	kernel_install_done(&boot->kernel_install);
	free(boot->cmdline);
	free(boot->loader_info);
	free(boot->stub_info);
	free(boot->root);
	free(boot->root_fs);
	memset(boot, 0, sizeof(*boot));
}

const struct boot_loader_found *boot_loader_find(const struct boot *boot, enum boot_loader kind)
{
	for (size_t i = 0; i < boot->loader_count; i++)
		if (boot->loaders[i].kind == kind)
			return &boot->loaders[i];
	return NULL;
}

const struct boot_initramfs_found *boot_initramfs_find(const struct boot *boot,
						       enum boot_initramfs kind)
{
	for (size_t i = 0; i < boot->initramfs_count; i++)
		if (boot->initramfs[i].kind == kind)
			return &boot->initramfs[i];
	return NULL;
}

bool boot_kernel_has_builtin(const struct boot_kernel *kernel, const char *driver)
{
	for (size_t i = 0; kernel->builtin && kernel->builtin[i]; i++)
		if (module_name_equal(kernel->builtin[i], driver))
			return true;
	return false;
}
