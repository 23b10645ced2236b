// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where sysfs keeps what it says of PCI devices, drivers, modules and IOMMU groups. Layout alone:
 * when it changes is the model kernel's business.
 */
#include "tests/host/sysfs.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "tests/host/tree.h"

struct path {
	char text[512];
};

static struct path path_of(const char *format, ...) __attribute__((format(printf, 1, 2)));

static struct path path_of(const char *format, ...)
{
	struct path path;
	va_list args;

	va_start(args, format);
	vsnprintf(path.text, sizeof(path.text), format, args);
	va_end(args);
	return path;
}

#define PATH(...) (path_of(__VA_ARGS__).text)

static const struct machine_device *bridge_above(const struct machine *machine,
						 const struct pci_addr *addr)
{
	for (size_t i = 0; i < machine->device_count; i++) {
		const struct machine_device *device = &machine->devices[i];

		if (device->role == ROLE_BRIDGE && device->addr.domain == addr->domain &&
		    device->bus == addr->bus && device->bus != device->addr.bus)
			return device;
	}
	return NULL;
}

char *sysfs_device_dir(const struct machine *machine, const struct machine_device *device)
{
	const struct machine_device *bridge = bridge_above(machine, &device->addr);
	const struct machine_device *vmd = machine_vmd_above(machine, device);
	auto_free char *parent = NULL, *above = NULL;

	if (!bridge && vmd)
		above = sysfs_device_dir(machine, vmd);
	if (bridge)
		parent = sysfs_device_dir(machine, bridge);
	else
		parent = xasprintf("%s/pci%04x:%02x", above ? above : "sys/devices",
				   device->addr.domain, device->addr.bus);
	return xasprintf("%s/%s", parent, ADDR(&device->addr));
}

static void add_ids(int root, const char *dir, const struct machine_device *device)
{
	const struct {
		const char *name;
		unsigned int value;
	} ids[] = {
		{"vendor", device->vendor},
		{"device", device->product},
		{"subsystem_vendor", device->subvendor},
		{"subsystem_device", device->subproduct},
	};

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		tree_file(root, PATH("%s/%s", dir, ids[i].name), "0x%04x\n", ids[i].value);
	tree_file(root, PATH("%s/class", dir), "0x%06x\n", device->class_code);
	tree_file(root, PATH("%s/modalias", dir), "pci:v%08Xd%08Xsv%08Xsd%08Xbc%02Xsc%02Xi%02X\n",
		  device->vendor, device->product, device->subvendor, device->subproduct,
		  device->class_code >> 16 & 0xff, device->class_code >> 8 & 0xff,
		  device->class_code & 0xff);
	tree_file(root, PATH("%s/revision", dir), "0x01\n");
}

/* Attributes with side effects when read or written: they are there to be left alone. */
static void add_traps(int root, const char *dir)
{
	static const char *const names[] = {
		"config",    "enable", "reset",   "remove",
		"rescan",    "uevent", "msi_bus", "current_link_speed",
		"resource0",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		tree_file(root, PATH("%s/%s", dir, names[i]), "trap\n");
	tree_file(root, PATH("%s/current_link_width", dir), "trap\n");
}

/* Six BARs, the ROM, and six windows that only bridges and PFs have. */
static void add_resource(int root, const char *dir, const struct machine_device *device)
{
	auto_text struct text lines = TEXT_INIT;
	unsigned long long start = 0, end = 0;

	if (device->bar0)
		sscanf(device->bar0, "%llx-%llx", &start, &end);
	for (int i = 0; i < 13; i++) {
		text_printf(&lines, "0x%016llx 0x%016llx 0x%016x\n", start, end,
			    end ? 0x00040200 : 0);
		start = end = 0;
	}
	tree_file(root, PATH("%s/resource", dir), "%s", lines.data);
}

/* The kernel has the file only where a device can be reset. */
static void add_reset(int root, const char *dir, const struct machine_device *device)
{
	auto_free char *methods = device->reset ? xstrdup(device->reset) : NULL;

	if (!methods)
		return;
	for (char *at = methods; *at; at++)
		if (*at == ',')
			*at = ' ';
	tree_file(root, PATH("%s/reset_method", dir), "%s\n", methods);
}

/* The last bus that is behind a bridge. */
static unsigned int last_bus(const struct machine *machine, const struct machine_device *bridge)
{
	unsigned int last = bridge->bus;

	for (size_t i = 0; i < machine->device_count; i++) {
		const struct machine_device *below = &machine->devices[i];
		unsigned int bus;

		if (below->role != ROLE_BRIDGE || below->addr.domain != bridge->addr.domain ||
		    below->addr.bus != bridge->bus || below->bus <= bridge->bus)
			continue;
		bus = last_bus(machine, below);
		if (bus > last)
			last = bus;
	}
	return last;
}

static void add_state(int root, const char *dir, const struct machine *machine,
		      const struct machine_device *device)
{
	tree_file(root, PATH("%s/driver_override", dir), "%s\n",
		  device->override ? device->override : "(null)");
	tree_file(root, PATH("%s/power/control", dir), "%s\n", device->power);
	tree_file(root, PATH("%s/power/runtime_status", dir), "%s\n", device->status);
	tree_file(root, PATH("%s/numa_node", dir), "%s\n", device->numa ? device->numa : "-1");
	add_reset(root, dir, device);
	if (device->d3cold)
		tree_file(root, PATH("%s/d3cold_allowed", dir), "%s\n", device->d3cold);
	if (device->class_code >> 8 == 0x0300)
		tree_file(root, PATH("%s/boot_vga", dir), "%d\n", device->boot_vga);
	if (device->role == ROLE_BRIDGE) {
		tree_file(root, PATH("%s/secondary_bus_number", dir), "%u\n", device->bus);
		tree_file(root, PATH("%s/subordinate_bus_number", dir), "%u\n",
			  last_bus(machine, device));
	}
	if (device->sriov) {
		tree_file(root, PATH("%s/sriov_totalvfs", dir), "%u\n", device->sriov);
		tree_file(root, PATH("%s/sriov_numvfs", dir), "%u\n", device->num_vfs);
	}
}

void sysfs_add_device(int root, const struct machine *machine, const struct machine_device *device)
{
	auto_free char *dir = sysfs_device_dir(machine, device);

	tree_dir(root, dir);
	tree_link(root, PATH("sys/bus/pci/devices/%s", ADDR(&device->addr)), dir);
	tree_link(root, PATH("%s/subsystem", dir), "sys/bus/pci");
	add_ids(root, dir, device);
	add_traps(root, dir);
	add_resource(root, dir, device);
	add_state(root, dir, machine, device);
	if (device->group < 0 || !machine->iommu)
		return;
	tree_link(root, PATH("%s/iommu_group", dir),
		  PATH("sys/kernel/iommu_groups/%d", device->group));
	tree_link(root,
		  PATH("sys/kernel/iommu_groups/%d/devices/%s", device->group, ADDR(&device->addr)),
		  dir);
}

void sysfs_link_vfs(int root, const struct machine *machine, const struct machine_device *pf)
{
	auto_free char *pf_dir = sysfs_device_dir(machine, pf);
	unsigned int index = 0;

	for (size_t i = 0; i < machine->device_count; i++) {
		const struct machine_device *vf = &machine->devices[i];
		auto_free char *vf_dir = NULL;

		if (vf->role != ROLE_VF || !pci_addr_equal(&vf->physfn, &pf->addr))
			continue;
		vf_dir = sysfs_device_dir(machine, vf);
		tree_link(root, PATH("%s/physfn", vf_dir), pf_dir);
		tree_link(root, PATH("%s/virtfn%u", pf_dir, index++), vf_dir);
	}
}

void sysfs_remove_device(int root, const struct machine *machine,
			 const struct machine_device *device)
{
	auto_free char *dir = sysfs_device_dir(machine, device);
	auto_free char *driver = sysfs_bound(root, &device->addr);

	if (driver)
		sysfs_unbind(root, machine, device, driver);
	tree_remove(root, PATH("sys/bus/pci/devices/%s", ADDR(&device->addr)));
	tree_remove(root, PATH("sys/kernel/iommu_groups/%d/devices/%s", device->group,
			       ADDR(&device->addr)));
	tree_remove(root, dir);
}

/* Its root bus, and the link to that: the bus has a class of its own. */
void sysfs_add_domain(int root, const struct machine *machine, const struct machine_device *vmd,
		      const struct machine_device *first)
{
	auto_free char *dir = sysfs_device_dir(machine, vmd);
	auto_free char *bus = xasprintf("%04x:%02x", first->addr.domain, first->addr.bus);
	auto_free char *bus_dir = xasprintf("%s/pci%s/pci_bus/%s", dir, bus, bus);

	tree_dir(root, bus_dir);
	tree_link(root, PATH("sys/class/pci_bus/%s", bus), bus_dir);
	tree_link(root, PATH("%s/domain", dir), bus_dir);
}

void sysfs_remove_domain(int root, const struct machine *machine, const struct machine_device *vmd)
{
	auto_free char *dir = sysfs_device_dir(machine, vmd);
	auto_free char *bus = tree_link_name(root, PATH("%s/domain", dir));

	if (!bus)
		return;
	tree_remove(root, PATH("sys/class/pci_bus/%s", bus));
	tree_remove(root, PATH("%s/pci%s", dir, bus));
	tree_remove(root, PATH("%s/domain", dir));
}

void sysfs_add_group(int root, const struct machine_group *group)
{
	tree_dir(root, PATH("sys/kernel/iommu_groups/%d/devices", group->number));
	tree_file(root, PATH("sys/kernel/iommu_groups/%d/type", group->number), "%s\n",
		  group->type);
	if (group->name)
		tree_file(root, PATH("sys/kernel/iommu_groups/%d/name", group->number), "%s\n",
			  group->name);
}

void sysfs_add_driver(int root, const struct machine_driver *driver)
{
	auto_free char *dir = xasprintf("sys/bus/pci/drivers/%s", driver->name);
	auto_free char *module = driver->module ? sysfs_module_name(driver->module) : NULL;
	static const char *const files[] = {"bind", "unbind", "new_id", "remove_id", "uevent"};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		tree_file(root, PATH("%s/%s", dir, files[i]), "%s", "");
	if (!module)
		return;
	tree_link(root, PATH("%s/module", dir), PATH("sys/module/%s", module));
	tree_link(root, PATH("sys/module/%s/drivers/pci:%s", module, driver->name), dir);
}

void sysfs_remove_driver(int root, const struct machine_driver *driver)
{
	auto_free char *module = driver->module ? sysfs_module_name(driver->module) : NULL;

	tree_remove(root, PATH("sys/bus/pci/drivers/%s", driver->name));
	if (module)
		tree_remove(root, PATH("sys/module/%s/drivers", module));
}

void sysfs_add_module(int root, const char *name, bool builtin)
{
	auto_free char *module = sysfs_module_name(name);

	tree_file(root, PATH("sys/module/%s/uevent", module), "%s", "");
	if (builtin)
		return;
	tree_file(root, PATH("sys/module/%s/initstate", module), "live\n");
	tree_file(root, PATH("sys/module/%s/refcnt", module), "0\n");
	tree_dir(root, PATH("sys/module/%s/holders", module));
}

void sysfs_remove_module(int root, const char *name)
{
	auto_free char *module = sysfs_module_name(name);

	tree_remove(root, PATH("sys/module/%s", module));
}

char *sysfs_bound(int root, const struct pci_addr *addr)
{
	return tree_link_name(root, PATH("sys/bus/pci/devices/%s/driver", ADDR(addr)));
}

void sysfs_bind(int root, const struct machine *machine, const struct machine_device *device,
		const char *driver)
{
	auto_free char *dir = sysfs_device_dir(machine, device);

	tree_link(root, PATH("%s/driver", dir), PATH("sys/bus/pci/drivers/%s", driver));
	tree_link(root, PATH("sys/bus/pci/drivers/%s/%s", driver, ADDR(&device->addr)), dir);
}

void sysfs_unbind(int root, const struct machine *machine, const struct machine_device *device,
		  const char *driver)
{
	auto_free char *dir = sysfs_device_dir(machine, device);

	tree_remove(root, PATH("sys/bus/pci/drivers/%s/%s", driver, ADDR(&device->addr)));
	tree_remove(root, PATH("%s/driver", dir));
}

char *sysfs_get(int root, const struct pci_addr *addr, const char *attribute)
{
	return tree_read(root, PATH("sys/bus/pci/devices/%s/%s", ADDR(addr), attribute));
}

void sysfs_set(int root, const struct pci_addr *addr, const char *attribute, const char *value)
{
	tree_file(root, PATH("sys/bus/pci/devices/%s/%s", ADDR(addr), attribute), "%s\n", value);
}

char *sysfs_module_name(const char *name)
{
	char *folded = xstrdup(name);

	for (char *at = folded; *at; at++)
		if (*at == '-')
			*at = '_';
	return folded;
}
