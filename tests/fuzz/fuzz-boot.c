// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Files of the boot loader, of modprobe, of crypttab and of a kernel's modules, and images of the
 * initramfs, with anything in them: reading comes to an end, and what is kept of them can be shown.
 */
#include "tests/fuzz/fuzz.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/host.h"
#include "base/text.h"
#include "model/version.h"
#include "parsers/boot/boot-firmware.h"
#include "parsers/boot/boot-grub.h"
#include "parsers/boot/boot-image.h"
#include "parsers/boot/boot-kernel-install.h"
#include "parsers/boot/boot-kernels.h"
#include "parsers/boot/boot-measured.h"
#include "parsers/boot/boot-modprobe.h"
#include "parsers/boot/boot-rivals.h"
#include "parsers/boot/mappings.h"
#include "parsers/boot/start-lines.h"
#include "parsers/boot/tool-traces.h"

static char root[] = "/dev/shm/fuzz-boot-XXXXXX";
static int image_fd = -1;

static void root_remove(void)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/image", root);
	unlink(path);
	rmdir(root);
}

static void root_make(struct host *host)
{
	char path[64];

	check(mkdtemp(root));
	atexit(root_remove);
	snprintf(path, sizeof(path), "%s/image", root);
	image_fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	check(image_fd >= 0 && host_open(host, root, NULL, NULL, NULL) == 0);
}

static void check_image(const uint8_t *data, size_t size)
{
	static struct host host;
	struct boot_source source = {.host = &host};
	struct boot_image image;

	if (image_fd < 0)
		root_make(&host);
	check(ftruncate(image_fd, 0) == 0);
	check(pwrite(image_fd, data, size, 0) == (ssize_t)size);
	boot_image_read(&source, "/image", &image);
	check(source.failure.code == 0 && (image.known || !image.early));
}

static void check_line(const char *text)
{
	for (; *text; text++)
		check((unsigned char)*text >= 0x20 && *text != 0x7f);
}

static void check_menu(const char *text, size_t size)
{
	auto_free char *copy = xstrdup(text);
	auto_boot struct boot boot = {0};
	const struct boot_grub *grub = &boot.grub;

	grub_menu_parse(copy, &boot.grub);
	check(grub->longest_line <= size);
	check(grub->has_entries || (!grub->lacks_root && grub->longest_line == 0));
	for (size_t i = 0; i < grub->word_count; i++)
		check(text_starts(grub->words[i].word, "hostdev."));
}

static void check_start_lines(const char *text)
{
	cleanup(start_lines_done) struct start_lines lines = {0};
	auto_free char *fstab = xstrdup(text), *crypttab = xstrdup(text);
	auto_free char *unit = xstrdup(text), *resume = xstrdup(text);

	start_lines_fstab(fstab, &lines);
	start_lines_crypttab(crypttab, &lines);
	start_lines_unit(unit, "srv.mount", NULL, NULL, &lines);
	start_lines_cmdline(text, &lines);
	start_lines_resume_conf(resume, &lines);
	for (size_t i = 0; i < lines.count; i++) {
		check(text_starts(lines.all[i].source, "/dev/"));
		check_line(lines.all[i].how);
	}
}

static void check_mapping(const char *text)
{
	const struct mapping mapping = {.name = (char *)"root", .uuid = (char *)"0a1b"};
	struct mapping_lines lines;
	struct host nowhere = {0};

	for (int dir = 0; dir < HOST_DIRS; dir++)
		nowhere.fd[dir] = -1;
	mapping_find_lines(&nowhere, &mapping, text, &lines);
	check(mappings_in_crypttab(text) || (!lines.named && !lines.any && !lines.always));
	check(!lines.name || lines.any);
	free(lines.name);
}

static void check_lists(const char *text)
{
	auto_free char *modprobe = xstrdup(text), *crypttab = xstrdup(text);
	auto_boot struct boot boot = {0};

	modprobe_parse(modprobe, "/etc/modprobe.d/x.conf", &boot);
	modprobe_cmdline_ids(text, &boot);
	measured_crypttab_parse(crypttab, &boot);
	for (size_t i = 0; i < boot.ids_count; i++)
		check_line(boot.ids[i].ids);
	for (size_t i = 0; i < boot.rival_count; i++)
		check_line(boot.rivals[i].what);
	for (size_t i = 0; i < boot.measured_count; i++) {
		check_line(boot.measured[i].what);
		check_line(boot.measured[i].pcrs);
	}
}

static void check_traces(const char *data, size_t size)
{
	auto_tool_traces struct tool_traces traces = {0};
	const struct tool_sign *sign;

	tool_traces_script(data, size, "/script", true, &traces);
	for (size_t i = 0; (sign = tool_sign_at(i)); i++)
		if (sign->where == TOOL_FILE && sign->words)
			tool_traces_file(data, size, sign->path, sign, &traces);
	tool_traces_words(data, size, "/cmdline", &traces);
	for (size_t i = 0; i < traces.count; i++) {
		check(traces.items[i].line <= size + 1);
		check_line(traces.items[i].text);
	}
}

static void check_kernel(const char *text, const char *data, size_t size)
{
	char **names = kernels_builtin_pci(data, size, text);
	char option[4];

	for (size_t i = 0; names && names[i]; i++)
		check(strlen(names[i]) <= size);
	host_free_names(&names);
	(void)kernels_find_module(text, text, "vfio-pci");
	kernel_option(text, "CONFIG_INTEL_IOMMU_DEFAULT_ON", option);
	check(strchr("ymn", option[0]) && option[1] == '\0');
}

static void check_words(const char *text, const char *data, size_t size)
{
	auto_free char *variable = firmware_efi_text(data, size),
		       *value = kernel_install_assignment(text, "layout");
	auto_free char *line = rivals_line_with(text, "vfio", "driver_override");
	auto_free char *pcrs = measured_pcrlock_pcrs(text);

	if (variable)
		check_line(variable);
	if (value)
		check(strlen(value) <= size);
	if (line)
		check_line(line);
	check(strspn(pcrs, "0123456789+") == strlen(pcrs));
}

/* Two versions are compared alike in either order. */
static void check_versions(const char *text)
{
	const char *blank = strchr(text, ' ');
	auto_free char *first = blank ? xasprintf("%.*s", (int)(blank - text), text) : NULL;
	int order = first ? version_compare(first, blank + 1) : version_compare(text, text);
	int other = first ? version_compare(blank + 1, first) : order;

	check(first ? (order < 0) == (other > 0) && (order == 0) == (other == 0) : order == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_free char *text = xcalloc(size + 1, 1), *exact = xcalloc(size ? size : 1, 1);

	if (size) {
		memcpy(text, data, size);
		memcpy(exact, data, size);
	}
	check_menu(text, size);
	check_lists(text);
	check_start_lines(text);
	check_mapping(text);
	check_kernel(text, exact, size);
	check_words(text, exact, size);
	check_traces(exact, size);
	check_versions(text);
	if (size % 16 == 0)
		check_image(data, size);
	return 0;
}
