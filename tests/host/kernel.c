// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The model kernel: what the driver core, the PCI bus and vfio-pci answer to a write, and how the
 * tree looks afterwards. Each rule was seen on real kernels (6.1 and 6.12).
 */
#include "tests/host/kernel.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/host/nodes.h"
#include "tests/host/platforms.h"
#include "tests/host/processes.h"
#include "tests/host/sysfs.h"
#include "tests/host/tree.h"

static bool is_vfio(const char *driver)
{
	return strstr(driver, "vfio") != NULL;
}

/* Drivers that leave DMA alone and may stay in a group that a VFIO user owns. */
static bool manages_dma(const char *driver)
{
	return is_vfio(driver) || strcmp(driver, "pcieport") == 0 ||
	       strcmp(driver, "pci-stub") == 0;
}

static bool is_owned(const struct testhost *host, const struct machine_device *device)
{
	const struct machine_group *group = machine_group(&host->machine, device->group);

	return group && group->owned;
}

static int scripted_probe(const struct testhost *host, const struct machine_device *device,
			  const char *driver)
{
	for (size_t i = 0; i < host->machine.probe_count; i++)
		if (strcmp(host->machine.probes[i].driver, driver) == 0 &&
		    pci_addr_equal(&host->machine.probes[i].addr, &device->addr))
			return host->machine.probes[i].code;
	return 0;
}

static int probe_answer(const struct testhost *host, const struct machine_device *device,
			const char *driver)
{
	int code = scripted_probe(host, device, driver);

	if (code)
		return code;
	if (is_vfio(driver) && device->role == ROLE_BRIDGE)
		return EINVAL;
	if (is_vfio(driver) && device->num_vfs > 0)
		return EBUSY;
	if (is_owned(host, device) && !manages_dma(driver))
		return EBUSY;
	return 0;
}

/* --- the PCI domain of a volume management device, which comes and goes with its driver --- */

static bool is_in_domain_of(const struct testhost *host, const struct machine_device *device,
			    const struct machine_device *vmd)
{
	return machine_vmd_above(&host->machine, device) == vmd;
}

/* A function has appeared: with the driver it had at boot. */
static void appear(struct testhost *host, const struct machine_device *device)
{
	sysfs_add_device(host->root_fd, &host->machine, device);
	if (device->driver)
		sysfs_bind(host->root_fd, &host->machine, device, device->driver);
	if (device->driver)
		nodes_bound(host, device, device->driver);
}

static void domain_add(struct testhost *host, const struct machine_device *vmd)
{
	bool any = false;

	for (size_t i = 0; i < host->machine.device_count; i++) {
		const struct machine_device *device = &host->machine.devices[i];

		if (!is_in_domain_of(host, device, vmd))
			continue;
		if (!any)
			sysfs_add_domain(host->root_fd, &host->machine, vmd, device);
		any = true;
		appear(host, device);
	}
}

/* Sorted by address, so that what is behind a bridge goes before it. */
static void domain_remove(struct testhost *host, const struct machine_device *vmd)
{
	for (size_t i = host->machine.device_count; i-- > 0;) {
		const struct machine_device *device = &host->machine.devices[i];

		if (is_in_domain_of(host, device, vmd))
			kernel_vanish(host, &device->addr);
	}
	sysfs_remove_domain(host->root_fd, &host->machine, vmd);
}

int kernel_probe(struct testhost *host, const struct machine_device *device, const char *driver)
{
	const struct machine_driver *known = machine_driver(&host->machine, driver);
	int code = probe_answer(host, device, driver);

	if (code)
		return code;
	sysfs_bind(host->root_fd, &host->machine, device, driver);
	/* vfio allows runtime power management at probe and forbids it at remove. */
	if (is_vfio(driver))
		sysfs_set(host->root_fd, &device->addr, "power/control", "auto");
	else if (known && known->probe_power)
		sysfs_set(host->root_fd, &device->addr, "power/control", known->probe_power);
	nodes_bound(host, device, driver);
	if (strcmp(driver, "vmd") == 0)
		domain_add(host, device);
	return 0;
}

void kernel_unbind(struct testhost *host, const struct machine_device *device)
{
	auto_free char *driver = sysfs_bound(host->root_fd, &device->addr);

	if (!driver)
		return;
	if (strcmp(driver, "vmd") == 0)
		domain_remove(host, device);
	nodes_unbound(host, device, driver);
	sysfs_unbind(host->root_fd, &host->machine, device, driver);
	if (is_vfio(driver))
		sysfs_set(host->root_fd, &device->addr, "power/control", "on");
}

/* The override alone decides where there is one; the tables of VFIO drivers ask for one. */
static bool does_match(const struct testhost *host, const struct machine_device *device,
		       const char *driver)
{
	auto_free char *override = sysfs_get(host->root_fd, &device->addr, "driver_override");

	if (override && strcmp(override, "(null)") != 0)
		return strcmp(override, driver) == 0;
	return list_has(device->match, driver);
}

/* The device an address in value stands for, while it is plugged in. */
static const struct machine_device *find_device(const struct testhost *host, const char *value)
{
	auto_free char *name = xstrdup(value);
	const struct machine_device *device;
	struct pci_addr addr;
	size_t length = strlen(name);

	if (length > 0 && name[length - 1] == '\n')
		name[length - 1] = '\0';
	if (!pci_addr_parse(name, &addr))
		return NULL;
	device = machine_device(&host->machine, &addr);
	if (device) {
		auto_free char *path = sysfs_device_dir(&host->machine, device);

		return tree_exists(host->root_fd, path) ? device : NULL;
	}
	return NULL;
}

static int write_bind(struct testhost *host, const char *driver, const char *value)
{
	const struct machine_device *device = find_device(host, value);
	auto_free char *bound = NULL;

	if (!device || !does_match(host, device, driver))
		return ENODEV;
	bound = sysfs_bound(host->root_fd, &device->addr);
	return bound ? EBUSY : kernel_probe(host, device, driver);
}

static int forbid(struct testhost *host, const char *path)
{
	fprintf(stderr, "test host: FORBIDDEN write to %s\n", path);
	if (!host->shared->forbidden[0])
		snprintf(host->shared->forbidden, sizeof(host->shared->forbidden), "%s", path);
	return EPERM;
}

/* The driver's remove would wait for the last close, for ever. */
static bool is_held(const struct testhost *host, const struct machine_device *device,
		    const char *driver)
{
	for (size_t i = 0; i < host->machine.node_count; i++)
		if (node_of(&host->machine.nodes[i], device, driver) &&
		    processes_hold(host, &host->machine.nodes[i]))
			return true;
	return false;
}

static int write_unbind(struct testhost *host, const char *driver, const char *value)
{
	const struct machine_driver *known = machine_driver(&host->machine, driver);
	const struct machine_device *device = find_device(host, value);
	auto_free char *bound = device ? sysfs_bound(host->root_fd, &device->addr) : NULL;

	if (!bound || strcmp(bound, driver) != 0)
		return ENODEV;
	if (known && known->hangs_if_held && is_held(host, device, driver))
		return forbid(host, "unbind while held");
	kernel_unbind(host, device);
	return 0;
}

/* Drivers are tried until one takes the device; what their probes say stays with the kernel. */
static void attach(struct testhost *host, const struct machine_device *device)
{
	auto_free char *override = sysfs_get(host->root_fd, &device->addr, "driver_override");
	bool only = override && strcmp(override, "(null)") != 0;
	const char *list = only ? override : device->match;
	char driver[128];

	while (list_next(&list, driver, sizeof(driver))) {
		auto_free char *path = xasprintf("sys/bus/pci/drivers/%s", driver);

		if (tree_exists(host->root_fd, path) && kernel_probe(host, device, driver) == 0)
			return;
	}
}

static int write_probe(struct testhost *host, const char *value)
{
	const struct machine_device *device = find_device(host, value);
	auto_free char *bound = NULL;

	if (!device)
		return ENODEV;
	bound = sysfs_bound(host->root_fd, &device->addr);
	if (bound)
		return 0;
	if (is_owned(host, device))
		return EINVAL;
	attach(host, device);
	return 0;
}

static int write_override(struct testhost *host, const char *dir, const char *value)
{
	auto_free char *path = xasprintf("%s/driver_override", dir);
	int length = (int)strcspn(value, "\n");

	if (length == 0)
		tree_file(host->root_fd, path, "(null)\n");
	else
		tree_file(host->root_fd, path, "%.*s\n", length, value);
	return 0;
}

static int write_choice(struct testhost *host, const char *path, const char *value, const char *one,
			const char *other)
{
	size_t length = strcspn(value, "\n");

	if ((strncmp(value, one, length) != 0 || strlen(one) != length) &&
	    (strncmp(value, other, length) != 0 || strlen(other) != length))
		return EINVAL;
	tree_file(host->root_fd, path, "%.*s\n", (int)length, value);
	return 0;
}

/* What who uses devices can be told: events for nodes, platform devices, consoles. */
static int write_user_file(struct testhost *host, const char *dir, const char *name,
			   const char *path, const char *value)
{
	const struct machine_node *node = strcmp(name, "uevent") == 0 ? node_at(host, dir) : NULL;
	bool platform = text_starts(dir, "sys/bus/platform/drivers/");

	if (node)
		return node_event(host, node, value);
	if (platform && (strcmp(name, "bind") == 0 || strcmp(name, "unbind") == 0))
		return platform_write(host, strrchr(dir, '/') + 1, *name == 'b', value);
	if (text_starts(dir, "sys/devices/virtual/vtconsole/") && strcmp(name, "bind") == 0)
		return vtconsole_write(host, path, value);
	return forbid(host, path);
}

/* dir and name are those of the real file, all links resolved; dir begins with "sys/". */
static int write_file(struct testhost *host, const char *dir, const char *name, const char *value)
{
	auto_free char *path = xasprintf("%s/%s", dir, name);
	bool device = text_starts(dir, "sys/devices/pci");

	/* write(2) of nothing never reaches the attribute. */
	if (*value == '\0')
		return 0;
	if (text_starts(dir, "sys/bus/pci/drivers/") && strcmp(name, "bind") == 0)
		return write_bind(host, strrchr(dir, '/') + 1, value);
	if (text_starts(dir, "sys/bus/pci/drivers/") && strcmp(name, "unbind") == 0)
		return write_unbind(host, strrchr(dir, '/') + 1, value);
	if (strcmp(path, "sys/bus/pci/drivers_probe") == 0)
		return write_probe(host, value);
	if (device && strcmp(name, "driver_override") == 0)
		return write_override(host, dir, value);
	if (device && strcmp(name, "control") == 0)
		return write_choice(host, path, value, "auto", "on");
	if (device && strcmp(name, "d3cold_allowed") == 0)
		return write_choice(host, path, value, "0", "1");
	return write_user_file(host, dir, name, path, value);
}

/* Where the attribute really is, below root; heap, NULL when it is not there. */
static char *resolve(const struct testhost *host, const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');
	auto_free char *dir = NULL, *real = NULL, *file = NULL;

	if (!slash)
		return NULL;
	*name = slash + 1;
	dir = xasprintf("%s/sys/%.*s", host->root, (int)(slash - path), path);
	real = realpath(dir, NULL);
	if (!real || !text_starts(real, host->root))
		return NULL;
	file = xasprintf("%s/%s", real, *name);
	if (access(file, F_OK) != 0)
		return NULL;
	return xstrdup(real + strlen(host->root) + 1);
}

int kernel_write(struct testhost *host, const char *path, const char *value)
{
	const char *name = NULL;
	auto_free char *dir = resolve(host, path, &name);

	return dir ? write_file(host, dir, name, value) : ENOENT;
}

static void load(struct testhost *host, const struct machine_module *module);

static void load_uses(struct testhost *host, const struct machine_module *module)
{
	const char *list = module->uses;
	char name[128];

	while (list_next(&list, name, sizeof(name))) {
		const struct machine_module *used = machine_module(&host->machine, name);
		auto_free char *folded = sysfs_module_name(name);
		auto_free char *path = xasprintf("sys/module/%s", folded);

		if (used)
			load(host, used);
		else if (!tree_exists(host->root_fd, path))
			sysfs_add_module(host->root_fd, name, false);
	}
}

/* A new driver is offered every device that has none. */
static void offer(struct testhost *host, const char *driver)
{
	for (size_t i = 0; i < host->machine.device_count; i++) {
		const struct machine_device *device = &host->machine.devices[i];
		auto_free char *path = sysfs_device_dir(&host->machine, device);
		auto_free char *bound = sysfs_bound(host->root_fd, &device->addr);

		if (!bound && tree_exists(host->root_fd, path) && does_match(host, device, driver))
			kernel_probe(host, device, driver);
	}
}

static void load(struct testhost *host, const struct machine_module *module)
{
	auto_free char *folded = sysfs_module_name(module->name);
	auto_free char *path = xasprintf("sys/module/%s/initstate", folded);
	const struct machine_driver driver = {.name = module->registers, .module = module->name};

	if (module->builtin || tree_exists(host->root_fd, path))
		return;
	load_uses(host, module);
	sysfs_add_module(host->root_fd, module->name, false);
	if (!module->registers)
		return;
	sysfs_add_driver(host->root_fd, &driver);
	offer(host, driver.name);
}

int kernel_load(struct testhost *host, const char *name, unsigned int flags)
{
	const struct machine_module *module = machine_module(&host->machine, name);
	auto_free char *folded = sysfs_module_name(name);
	auto_free char *path = xasprintf("sys/module/%s", folded);

	if (tree_exists(host->root_fd, path))
		return 0;
	if (!module)
		return ENOENT;
	if (module->blacklisted && flags & HOST_MODULE_BLACKLIST)
		return EPERM;
	load(host, module);
	return 0;
}

void kernel_unload(struct testhost *host, const char *name)
{
	const struct machine_module *module = machine_module(&host->machine, name);
	const struct machine_driver driver = {.name = module ? module->registers : NULL};

	for (size_t i = 0; driver.name && i < host->machine.device_count; i++) {
		const struct machine_device *device = &host->machine.devices[i];
		auto_free char *bound = sysfs_bound(host->root_fd, &device->addr);

		if (bound && strcmp(bound, driver.name) == 0)
			kernel_unbind(host, device);
	}
	if (driver.name)
		sysfs_remove_driver(host->root_fd, &driver);
	sysfs_remove_module(host->root_fd, name);
}

void kernel_vanish(struct testhost *host, const struct pci_addr *addr)
{
	const struct machine_device *device = machine_device(&host->machine, addr);

	if (!device)
		return;
	kernel_unbind(host, device);
	sysfs_remove_device(host->root_fd, &host->machine, device);
}
