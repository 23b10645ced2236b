// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a freshly booted machine's files are: the host text expanded, once.
 */
#include "tests/host/kernel.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/host/formed.h"
#include "tests/host/nodes.h"
#include "tests/host/platforms.h"
#include "tests/host/processes.h"
#include "tests/host/sysfs.h"
#include "tests/host/tree.h"
#include "tests/host/units.h"

static void boot_proc(const struct testhost *host)
{
	const struct machine *machine = &host->machine;

	tree_file(host->root_fd, "proc/sys/kernel/random/boot_id", "%s\n", machine->boot);
	tree_file(host->root_fd, "proc/sys/kernel/osrelease", "%s\n", machine->kernel);
	tree_file(host->root_fd, "proc/cmdline", "BOOT_IMAGE=/vmlinuz ro quiet\n");
}

static void boot_bus(const struct testhost *host)
{
	tree_dir(host->root_fd, "sys/bus/pci/devices");
	tree_dir(host->root_fd, "sys/bus/pci/drivers");
	tree_dir(host->root_fd, "sys/module");
	tree_dir(host->root_fd, "sys/kernel/iommu_groups");
	tree_file(host->root_fd, "sys/bus/pci/drivers_probe", "%s", "");
	tree_file(host->root_fd, "sys/bus/pci/drivers_autoprobe", "1\n");
	tree_file(host->root_fd, "sys/bus/pci/rescan", "%s", "");
}

static void boot_drivers(const struct testhost *host)
{
	const struct machine *machine = &host->machine;

	for (size_t i = 0; i < machine->module_count; i++)
		if (!machine->modules[i].unloaded)
			sysfs_add_module(host->root_fd, machine->modules[i].name,
					 machine->modules[i].builtin);
	for (size_t i = 0; i < machine->driver_count; i++)
		sysfs_add_driver(host->root_fd, &machine->drivers[i]);
}

static void boot_devices(const struct testhost *host)
{
	const struct machine *machine = &host->machine;

	for (size_t i = 0; machine->iommu && i < machine->group_count; i++)
		sysfs_add_group(host->root_fd, &machine->groups[i]);
	for (size_t i = 0; i < machine->device_count; i++) {
		const struct machine_device *device = &machine->devices[i];

		const struct machine_device *vmd = machine_vmd_above(machine, device);
		auto_free char *domain = NULL;

		if (vmd) {
			auto_free char *dir = sysfs_device_dir(machine, vmd);

			domain = xasprintf("%s/domain", dir);
		}
		if (domain && !tree_exists(host->root_fd, domain))
			sysfs_add_domain(host->root_fd, machine, vmd, device);
		sysfs_add_device(host->root_fd, machine, device);
		if (device->driver)
			sysfs_bind(host->root_fd, machine, device, device->driver);
	}
	for (size_t i = 0; i < machine->device_count; i++)
		sysfs_link_vfs(host->root_fd, machine, &machine->devices[i]);
}

/* What a module needs is there as well, though no line need describe it. */
static void add_used_modules(const struct machine_module *module, struct text *dep)
{
	for (const char *at = module->uses ? module->uses : ""; *at;) {
		size_t length = strcspn(at, ",");

		text_printf(dep, "kernel/drivers/%.*s.ko:\n", (int)length, at);
		at += length + (at[length] == ',');
	}
}

/* depmod's work: the modules there are, and which of them the kernel has built in. */
static void boot_modules(const struct testhost *host)
{
	const struct machine *machine = &host->machine;
	auto_free char *dep = xasprintf("lib/modules/%s/modules.dep", machine->kernel);
	auto_free char *builtin = xasprintf("lib/modules/%s/modules.builtin", machine->kernel);
	auto_text struct text dep_text = TEXT_INIT, builtin_text = TEXT_INIT;

	text_append(&dep_text, "", 0);
	text_append(&builtin_text, "", 0);
	for (size_t i = 0; i < machine->module_count; i++) {
		const struct machine_module *module = &machine->modules[i];

		if (module->builtin)
			text_printf(&builtin_text, "kernel/drivers/%s.ko\n", module->name);
		else
			text_printf(&dep_text, "kernel/drivers/%s.ko:\n", module->name);
		add_used_modules(module, &dep_text);
	}
	tree_file(host->root_fd, dep, "%s", dep_text.data);
	tree_file(host->root_fd, builtin, "%s", builtin_text.data);
}

static void boot_aliases(const struct testhost *host)
{
	const struct machine *machine = &host->machine;
	auto_free char *aliases = xasprintf("lib/modules/%s/modules.alias", machine->kernel);
	auto_text struct text text = TEXT_INIT;

	text_printf(&text, "# Aliases extracted from modules themselves.\n");
	for (size_t i = 0; i < machine->alias_count; i++)
		text_printf(&text, "alias %s %s\n", machine->aliases[i].pattern,
			    machine->aliases[i].module);
	for (size_t i = 0; i < machine->module_count; i++)
		if (!machine->modules[i].builtin &&
		    text_equal(machine->modules[i].registers, "vfio-pci"))
			text_printf(&text, "alias vfio_pci:v*d*sv*sd*bc*sc*i* vfio_pci\n");
	tree_file(host->root_fd, aliases, "%s", text.data);
}

static void boot_blacklist(const struct testhost *host)
{
	auto_text struct text text = TEXT_INIT;

	for (size_t i = 0; i < host->machine.module_count; i++)
		if (host->machine.modules[i].blacklisted)
			text_printf(&text, "blacklist %s\n", host->machine.modules[i].name);
	if (text.length > 0)
		tree_file(host->root_fd, "etc/modprobe.d/blacklist.conf", "%s", text.data);
}

void kernel_file(const struct testhost *host, const struct machine_file *file)
{
	if (file->type == FILE_DIR) {
		tree_dir(host->root_fd, file->path);
		fchmodat(host->root_fd, file->path, file->mode, 0);
	} else if (file->type == FILE_LINK) {
		tree_remove(host->root_fd, file->path);
		tree_raw_link(host->root_fd, file->path, file->data);
	} else {
		formed_file(host->root_fd, file);
	}
}

static void boot_files(const struct testhost *host)
{
	for (size_t i = 0; i < host->machine.file_count; i++)
		kernel_file(host, &host->machine.files[i]);
}

/* Who uses it: nodes first, as processes hold them. */
static void boot_users(struct testhost *host)
{
	nodes_boot(host);
	platforms_boot(host);
	vtconsoles_boot(host);
	units_boot(host);
	sessions_boot(host);
	processes_boot(host);
}

void kernel_boot(struct testhost *host)
{
	tree_dir(host->root_fd, "dev");
	tree_dir(host->root_fd, "run");
	tree_dir(host->root_fd, "etc");
	tree_dir(host->root_fd, "var/lib");
	boot_proc(host);
	boot_bus(host);
	boot_drivers(host);
	boot_devices(host);
	boot_modules(host);
	boot_aliases(host);
	boot_blacklist(host);
	boot_users(host);
	boot_files(host);
}
