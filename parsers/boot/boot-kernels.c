// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which kernels this host can boot. Modules are what all platforms keep in one place, and the image
 * that belongs to them lies where the loader, or the habit of the distribution, wants it.
 */
#include "parsers/boot/boot-kernels.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "model/version.h"
#include "parsers/boot/boot-kernel-install.h"

#define KERNELS_MAX 64 /* far more than anybody keeps */

/* What the names of a kernel's files are made of. */
struct kernel_names {
	const char *release;
	const char *package; /* Arch names its files by the package; NULL: not told */
};

/* Is it a release, and safe as a part of a path? */
static bool is_release(const char *name)
{
	if (!isalnum((unsigned char)*name) || strlen(name) >= HOST_NAME_SIZE)
		return false;
	for (; *name; name++)
		if (!isalnum((unsigned char)*name) && !strchr("._+~-:", *name))
			return false;
	return true;
}

static char *first_file(struct boot_source *source, const char *folder, const char *const *formats,
			const char *name)
{
	for (size_t i = 0; name && formats[i]; i++) {
		const char *star = strchr(formats[i], '*');
		auto_free char *path = xasprintf("%s/%.*s%s%s", folder, (int)(star - formats[i]),
						 formats[i], name, star + 1);

		if (boot_source_has_file(source, "%s", path))
			return steal(&path);
	}
	return NULL;
}

static const char *const image_names[] = {"vmlinuz-*", "vmlinux-*", "kernel-*", NULL};
static const char *const initrd_names[] = {
	"initrd.img-*", "initrd-*.img",  "initrd-*", "initramfs-*.img",
	"initramfs-*",  "booster-*.img", NULL};

/* "BOOT_ROOT/TOKEN/RELEASE/linux", whatever tokens are there. */
static char *find_bls_image(struct boot_source *source, const char *release)
{
	for (size_t i = 0; i < BOOT_ROOTS; i++) {
		cleanup(host_free_names) char **tokens =
			boot_source_list(source, "%s", boot_roots[i]);

		for (size_t j = 0; tokens[j]; j++) {
			auto_free char *path =
				xasprintf("%s/%s/%s/linux", boot_roots[i], tokens[j], release);

			if (boot_source_has_file(source, "%s", path))
				return steal(&path);
		}
	}
	return NULL;
}

/* "/boot/ostree/DEPLOYMENT/vmlinuz-RELEASE" */
static char *find_ostree_image(struct boot_source *source, const char *release)
{
	cleanup(host_free_names) char **names = boot_source_list(source, "/boot/ostree");

	for (size_t i = 0; names[i]; i++) {
		auto_free char *folder = xasprintf("/boot/ostree/%s", names[i]);
		char *path = first_file(source, folder, image_names, release);

		if (path)
			return path;
	}
	return NULL;
}

/* "TOKEN-RELEASE.efi", "TOKEN-RELEASE+3-1.efi" with a counter of boots, "arch-PACKAGE.efi". */
static bool is_image_of(const char *path, const char *name)
{
	const char *file = strrchr(path, '/'), *at;

	if (!name || !file)
		return false;
	for (at = file + 1; (at = strstr(at, name)); at++) {
		const char *after = at + strlen(name);

		if (at[-1] != '/' && at[-1] != '-' && at[-1] != '_')
			continue;
		if (*after == '+')
			after += 1 + strspn(after + 1, "0123456789-");
		if (strcmp(after, ".efi") == 0)
			return true;
	}
	return false;
}

static char *find_unified_image(const struct boot *boot, const struct kernel_names *names)
{
	for (size_t i = 0; boot->kernel_install.images[i]; i++) {
		const char *path = boot->kernel_install.images[i];

		if (is_image_of(path, names->release) || is_image_of(path, names->package))
			return xstrdup(path);
	}
	return NULL;
}

static char *find_image(struct boot_source *source, const struct boot *boot,
			const struct kernel_names *names)
{
	char *path = first_file(source, "/boot", image_names, names->release);

	for (size_t i = 0; !path && i < BOOT_ROOTS; i++)
		path = first_file(source, boot_roots[i], image_names, names->package);
	if (!path)
		path = find_bls_image(source, names->release);
	if (!path)
		path = find_ostree_image(source, names->release);
	if (!path)
		path = find_unified_image(boot, names);
	if (!path && boot_source_has_file(source, "/lib/modules/%s/vmlinuz", names->release))
		path = xasprintf("/lib/modules/%s/vmlinuz", names->release);
	return path;
}

/* Beside the image; in a folder of its own (layout bls) it may be just "initrd". */
static char *find_initrd(struct boot_source *source, const char *image,
			 const struct kernel_names *names)
{
	const char *slash = strrchr(image, '/');
	auto_free char *folder = xasprintf("%.*s", (int)(slash - image), image);
	char *path;

	if (text_ends(image, ".efi"))
		return NULL;
	/* An image among its modules has its initrd in /boot. */
	if (text_starts(image, "/lib/modules/")) {
		free(folder);
		folder = xstrdup("/boot");
	}
	path = first_file(source, folder, initrd_names, names->release);
	if (!path)
		path = first_file(source, folder, initrd_names, names->package);
	if (!path && strcmp(slash, "/linux") == 0 &&
	    boot_source_has_file(source, "%s/initrd", folder))
		path = xasprintf("%s/initrd", folder);
	return path;
}

/* --- its drivers --- */

/* Is the path's last part the module of this name, however it is compressed? */
static bool is_module(const char *path, size_t length, const char *name)
{
	size_t name_length = strlen(name), start = length;

	while (start > 0 && path[start - 1] != '/')
		start--;
	if (length - start < name_length + 3 || strncmp(path + start + name_length, ".ko", 3) != 0)
		return false;
	for (size_t i = 0; i < name_length; i++)
		if (path[start + i] != name[i] &&
		    !(strchr("-_", path[start + i]) && strchr("-_", name[i])))
			return false;
	return true;
}

/* In lines "kernel/drivers/vfio/pci/vfio-pci.ko.xz: what it needs". */
static bool has_module(const char *lines, const char *name)
{
	for (const char *line = lines; line && *line;) {
		size_t length = strcspn(line, ":\n");

		if (is_module(line, length, name))
			return true;
		line = strchr(line + length, '\n');
		line = line ? line + 1 : NULL;
	}
	return false;
}

enum boot_driver kernels_find_module(const char *builtin, const char *dep, const char *name)
{
	if (has_module(builtin, name))
		return BOOT_DRIVER_BUILTIN;
	return has_module(dep, name) ? BOOT_DRIVER_MODULE : BOOT_DRIVER_NONE;
}

/* Data of "MODULE.KEY=VALUE", each with a NUL at its end. */
static void add_by_alias(const char *modinfo, size_t length, char ***names, size_t *count)
{
	static const char key[] = ".alias=pci:";
	const char *at = modinfo, *const end = modinfo + length;

	while (at && at < end) {
		size_t size = strnlen(at, (size_t)(end - at));
		const char *dot = memchr(at, '.', size);
		size_t name = dot ? (size_t)(dot - at) : 0;

		if (dot && size - name >= sizeof(key) - 1 &&
		    strncmp(dot, key, sizeof(key) - 1) == 0 &&
		    (*count == 0 || strncmp((*names)[*count - 1], at, name) != 0 ||
		     (*names)[*count - 1][name]))
			source_strings_add(names, count, xasprintf("%.*s", (int)name, at));
		at += size + 1;
	}
}

/* Where drivers of PCI devices are. */
static bool is_driver_path(const char *line)
{
	return text_starts(line, "kernel/drivers/") || text_starts(line, "kernel/sound/") ||
	       text_starts(line, "kernel/arch/");
}

static void add_by_path(const char *builtin, char ***names, size_t *count)
{
	for (const char *line = builtin; line && *line;) {
		size_t length = strcspn(line, "\n"), start = length;
		const char *dot;

		while (start > 0 && line[start - 1] != '/')
			start--;
		dot = memmem(line + start, length - start, ".ko", 3);
		if (dot && is_driver_path(line))
			source_strings_add(names, count,
					   xasprintf("%.*s", (int)(dot - line - (ptrdiff_t)start),
						     line + start));
		line += length + (line[length] == '\n');
	}
}

char **kernels_builtin_pci(const char *modinfo, size_t length, const char *builtin)
{
	char **names = NULL;
	size_t count = 0;

	if (modinfo)
		add_by_alias(modinfo, length, &names, &count);
	if (count == 0)
		add_by_path(builtin, &names, &count);
	return names;
}

static void read_drivers(struct boot_source *source, struct boot_kernel *kernel)
{
	auto_free char *builtin = NULL, *dep = NULL, *modinfo = NULL;
	size_t length = 0, dep_length = 0;

	builtin = boot_source_read(source, "/lib/modules/%s/modules.builtin", kernel->release);
	dep = boot_source_read_data(source, &dep_length, "/lib/modules/%s/modules.dep",
				    kernel->release);
	modinfo = boot_source_read_data(source, &length, "/lib/modules/%s/modules.builtin.modinfo",
					kernel->release);
	kernel->vfio_pci = kernels_find_module(builtin, dep, "vfio-pci");
	kernel->builtin = kernels_builtin_pci(modinfo, length, builtin);
}

void kernel_option(const char *config, const char *option, char ret[4])
{
	size_t length = strlen(option);

	strcpy(ret, "n");
	for (const char *line = config; line && *line;) {
		if (strncmp(line, option, length) == 0 && line[length] == '=' &&
		    (line[length + 1] == 'y' || line[length + 1] == 'm')) {
			ret[0] = line[length + 1];
			return;
		}
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
}

static void read_config(struct boot_source *source, struct boot_kernel *kernel)
{
	char *config = boot_source_read(source, "/boot/config-%s", kernel->release);

	if (!config)
		config = boot_source_read(source, "/lib/modules/%s/config", kernel->release);
	if (!config)
		return;
	kernel_option(config, "CONFIG_INTEL_IOMMU_DEFAULT_ON", kernel->intel_iommu_default_on);
	kernel_option(config, "CONFIG_INTEL_IOMMU_DEFAULT_ON_INTGPU_OFF",
		      kernel->intel_iommu_igpu_off);
	free(config);
}

/* --- all of them --- */

static void read_kernel(struct boot_source *source, const char *release, const char *running,
			struct boot *boot)
{
	auto_free char *package = boot_source_read_word(source, "/lib/modules/%s/pkgbase", release);
	const struct kernel_names names = {release,
					   package && is_release(package) ? package : NULL};
	struct boot_kernel kernel = {.runs = text_equal(release, running)};

	kernel.image = find_image(source, boot, &names);
	if (!kernel.image)
		return;
	kernel.release = xstrdup(release);
	kernel.initrd = find_initrd(source, kernel.image, &names);
	read_drivers(source, &kernel);
	read_config(source, &kernel);
	array_push(boot->kernels, boot->kernel_count, kernel);
}

static int compare_newest_first(const void *a, const void *b)
{
	return version_compare(((const struct boot_kernel *)b)->release,
			       ((const struct boot_kernel *)a)->release);
}

void boot_kernels_read(struct boot_source *source, struct boot *boot)
{
	auto_free char *running = boot_source_read_word(source, "/proc/sys/kernel/osrelease");
	cleanup(host_free_names) char **names = boot_source_list(source, "/lib/modules");

	for (size_t i = 0; names[i] && boot->kernel_count < KERNELS_MAX; i++)
		if (is_release(names[i]))
			read_kernel(source, names[i], running, boot);
	if (boot->kernel_count > 0)
		qsort(boot->kernels, boot->kernel_count, sizeof(*boot->kernels),
		      compare_newest_first);
}
