// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How the facts about a host's way to boot look as text. What is not known has no line.
 */
#include "tests/host/boot-text.h"

#include "base/cleanup.h"
#include "base/text.h"
#include "parsers/boot/boot.h"
#include "tests/host/check.h"
#include "tests/host/testhost.h"

static void line(struct text *out, const char *name, const char *value)
{
	auto_free char *shown = value ? text_escape(value) : NULL;

	if (shown && *shown)
		text_printf(out, "%s %s\n", name, shown);
}

static void found_lines(struct text *out, const struct boot *boot)
{
	for (size_t i = 0; i < boot->loader_count; i++)
		text_printf(out, "loader %s%s: %s\n", boot_loader_name(boot->loaders[i].kind),
			    boot->loaders[i].booted ? " booted" : "", boot->loaders[i].evidence);
	for (size_t i = 0; i < boot->initramfs_count; i++) {
		const struct boot_initramfs_found *found = &boot->initramfs[i];

		text_printf(out, "initramfs %s%s%s: %s\n", boot_initramfs_name(found->kind),
			    found->builds ? " builds" : "",
			    found->switched_off ? " switched-off" : "", found->evidence);
		line(out, "\tprogram", found->program);
		line(out, "\tbuilt:", found->built);
	}
}

static void kernel_lines(struct text *out, const struct boot_kernel *kernel)
{
	static const char *const drivers[] = {"none", "module", "built in"};

	text_printf(out, "kernel %s%s: %s\n", kernel->release, kernel->runs ? " runs" : "",
		    kernel->image);
	line(out, "\tinitrd", kernel->initrd);
	text_printf(out, "\tvfio-pci %s\n", drivers[kernel->vfio_pci]);
	for (size_t i = 0; kernel->builtin && kernel->builtin[i]; i++)
		line(out, "\tbuilt in", kernel->builtin[i]);
	line(out, "\tintel_iommu", kernel->intel_iommu_default_on);
	line(out, "\tigpu off", kernel->intel_iommu_igpu_off);
}

static void list_lines(struct text *out, const struct boot *boot)
{
	for (size_t i = 0; i < boot->kernel_count; i++)
		kernel_lines(out, &boot->kernels[i]);
	for (size_t i = 0; i < boot->ids_count; i++)
		text_printf(out, "ids %s: %s\n", boot->ids[i].file, boot->ids[i].ids);
	for (size_t i = 0; i < boot->rival_count; i++)
		text_printf(out, "rival %s: %s\n", boot->rivals[i].file, boot->rivals[i].what);
	for (size_t i = 0; i < boot->measured_count; i++)
		text_printf(out, "measured %s (%s)\n", boot->measured[i].what,
			    boot->measured[i].pcrs);
}

static void menu_line(struct text *out, const char *name, const struct boot_menu *menu)
{
	if (menu->hidden || menu->absent || menu->no_editor || menu->asks_password)
		text_printf(out, "%s menu%s%s%s%s\n", name, menu->hidden ? " hidden" : "",
			    menu->absent ? " absent" : "", menu->no_editor ? " no-editor" : "",
			    menu->asks_password ? " password" : "");
}

static void grub_lines(struct text *out, const struct boot_grub *grub)
{
	if (!grub->found)
		return;
	line(out, "grub config", grub->config);
	line(out, "grub mkconfig", grub->mkconfig);
	line(out, "grub update", grub->update);
	line(out, "grub script-check", grub->script_check);
	line(out, "grub defaults", grub->defaults);
	text_printf(out, "grub%s%s%s%s%s%s%s longest=%zu\n", grub->drop_ins ? " drop-ins" : "",
		    grub->has_linux ? " 10_linux" : "", grub->has_entries ? " entries" : "",
		    grub->lists_entries ? " blscfg" : "", grub->lists_images ? " uki" : "",
		    grub->lacks_root ? " lacks-root" : "", grub->ours_last ? " ours-last" : "",
		    grub->longest_line);
	for (size_t i = 0; i < grub->word_count; i++)
		text_printf(out, "grub word %s: %s\n", grub->words[i].file, grub->words[i].word);
}

static void install_lines(struct text *out, const struct boot_kernel_install *install)
{
	line(out, "kernel-install", install->program);
	line(out, "layout", install->layout);
	line(out, "token", install->token);
	line(out, "boot-root", install->boot_root);
	line(out, "kernel-cmdline", install->cmdline);
	line(out, "options", install->options);
	for (size_t i = 0; install->entries && install->entries[i]; i++)
		line(out, "entry", install->entries[i]);
	for (size_t i = 0; i < install->own_count; i++) {
		auto_free char *own =
			xasprintf("%s: %s", install->own[i].name, install->own[i].options);

		line(out, "own", own);
	}
	for (size_t i = 0; install->images && install->images[i]; i++)
		line(out, "image", install->images[i]);
}

char *boot_text(const struct boot *boot)
{
	auto_text struct text out = TEXT_INIT;

	text_append(&out, "", 0);
	found_lines(&out, boot);
	list_lines(&out, boot);
	grub_lines(&out, &boot->grub);
	menu_line(&out, "grub", &boot->grub.menu);
	menu_line(&out, "systemd-boot", &boot->systemd_boot_menu);
	install_lines(&out, &boot->kernel_install);
	line(&out, "cmdline", boot->cmdline);
	line(&out, "loader-info", boot->loader_info);
	line(&out, "stub-info", boot->stub_info);
	line(&out, "root", boot->root);
	line(&out, "root-fs", boot->root_fs);
	if (boot->usr_read_only || boot->secure_boot || boot->uefi || boot->iommu_on)
		text_printf(&out, "is%s%s%s%s\n", boot->usr_read_only ? " usr-read-only" : "",
			    boot->secure_boot ? " secure-boot" : "", boot->uefi ? " uefi" : "",
			    boot->iommu_on ? " iommu" : "");
	if (boot->is_intel || boot->is_amd)
		text_printf(&out, "processor%s%s\n", boot->is_intel ? " intel" : "",
			    boot->is_amd ? " amd" : "");
	return steal(&out.data);
}

char *boot_text_of(const char *machine)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	auto_boot struct boot boot = {0};
	struct error err = ERROR_INIT;

	assert_ok(boot_read(&host->host, &boot, &err), &err);
	return boot_text(&boot);
}
