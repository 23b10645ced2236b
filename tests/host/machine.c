// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A made-up machine in memory: what its parts imply (drivers and groups that only devices name) and
 * how to find them. How it is spelled is in machine-text.c.
 */
#include "tests/host/machine-text.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "model/cell.h"
#include "model/device.h"

static void devices_free(struct machine *machine)
{
	for (size_t i = 0; i < machine->device_count; i++) {
		struct machine_device *device = &machine->devices[i];

		free(device->bar0);
		free(device->reset);
		free(device->numa);
		free(device->driver);
		free(device->match);
		free(device->override);
		free(device->power);
		free(device->d3cold);
		free(device->status);
	}
	free(machine->devices);
}

static void drivers_free(struct machine *machine)
{
	for (size_t i = 0; i < machine->driver_count; i++) {
		free(machine->drivers[i].name);
		free(machine->drivers[i].module);
		free(machine->drivers[i].probe_power);
	}
	free(machine->drivers);
	for (size_t i = 0; i < machine->module_count; i++) {
		free(machine->modules[i].name);
		free(machine->modules[i].registers);
		free(machine->modules[i].uses);
	}
	free(machine->modules);
}

static void rest_free(struct machine *machine)
{
	for (size_t i = 0; i < machine->group_count; i++) {
		free(machine->groups[i].type);
		free(machine->groups[i].name);
	}
	for (size_t i = 0; i < machine->alias_count; i++) {
		free(machine->aliases[i].pattern);
		free(machine->aliases[i].module);
	}
	for (size_t i = 0; i < machine->probe_count; i++)
		free(machine->probes[i].driver);
	for (size_t i = 0; i < machine->file_count; i++) {
		free(machine->files[i].path);
		free(machine->files[i].data);
	}
	free(machine->groups);
	free(machine->aliases);
	free(machine->probes);
	free(machine->files);
	free(machine->kernel);
	free(machine->boot);
}

void machine_done(struct machine *machine)
{
	devices_free(machine);
	drivers_free(machine);
	rest_free(machine);
	machine_users_free(machine);
	memset(machine, 0, sizeof(*machine));
}

const struct machine_device *machine_device(const struct machine *machine,
					    const struct pci_addr *addr)
{
	for (size_t i = 0; i < machine->device_count; i++)
		if (pci_addr_equal(&machine->devices[i].addr, addr))
			return &machine->devices[i];
	return NULL;
}

const struct machine_device *machine_vmd_above(const struct machine *machine,
					       const struct machine_device *device)
{
	const struct machine_device *found = NULL;
	size_t count = 0;

	for (size_t i = 0; device->addr.domain > 0xffff && i < machine->device_count; i++) {
		const struct machine_device *vmd = &machine->devices[i];

		if (!text_equal(vmd->driver, "vmd") || vmd->addr.domain > 0xffff)
			continue;
		if (vmd->group == device->group)
			return vmd;
		found = vmd;
		count++;
	}
	return count == 1 ? found : NULL;
}

const struct machine_driver *machine_driver(const struct machine *machine, const char *name)
{
	for (size_t i = 0; i < machine->driver_count; i++)
		if (strcmp(machine->drivers[i].name, name) == 0)
			return &machine->drivers[i];
	return NULL;
}

const struct machine_module *machine_module(const struct machine *machine, const char *name)
{
	for (size_t i = 0; i < machine->module_count; i++)
		if (module_name_equal(machine->modules[i].name, name))
			return &machine->modules[i];
	return NULL;
}

const struct machine_group *machine_group(const struct machine *machine, int number)
{
	for (size_t i = 0; i < machine->group_count; i++)
		if (machine->groups[i].number == number)
			return &machine->groups[i];
	return NULL;
}

bool list_next(const char **list, char *name, size_t size)
{
	size_t length = *list ? strcspn(*list, ",") : 0;

	if (length == 0 || length >= size)
		return false;
	memcpy(name, *list, length);
	name[length] = '\0';
	*list += length + ((*list)[length] == ',');
	return true;
}

bool list_has(const char *list, const char *name)
{
	char item[CELL_NAME_SIZE];

	while (list_next(&list, item, sizeof(item)))
		if (strcmp(item, name) == 0)
			return true;
	return false;
}

struct machine_driver *machine_add_driver(struct machine *machine, const char *name)
{
	struct machine_driver *driver;

	machine->drivers =
		array_grow(machine->drivers, machine->driver_count, sizeof(*machine->drivers));
	driver = &machine->drivers[machine->driver_count++];
	memset(driver, 0, sizeof(*driver));
	driver->name = xstrdup(name);
	return driver;
}

struct machine_module *machine_add_module(struct machine *machine, const char *name)
{
	struct machine_module *module;

	machine->modules =
		array_grow(machine->modules, machine->module_count, sizeof(*machine->modules));
	module = &machine->modules[machine->module_count++];
	memset(module, 0, sizeof(*module));
	module->name = xstrdup(name);
	return module;
}

struct machine_group *machine_add_group(struct machine *machine, int number)
{
	struct machine_group *group;

	machine->groups =
		array_grow(machine->groups, machine->group_count, sizeof(*machine->groups));
	group = &machine->groups[machine->group_count++];
	*group = (struct machine_group){.number = number, .type = xstrdup("DMA-FQ")};
	return group;
}

static void complete_modules(struct machine *machine)
{
	for (size_t i = 0; i < machine->module_count; i++) {
		struct machine_module *module = &machine->modules[i];

		if (module->unloaded && !module->registers)
			module->registers = xstrdup(module->name);
		if (text_equal(module->registers, "NONE")) {
			free(module->registers);
			module->registers = NULL;
		}
	}
}

static void complete_drivers(struct machine *machine)
{
	for (size_t i = 0; i < machine->device_count; i++) {
		const char *name = machine->devices[i].driver;

		if (name && !machine_driver(machine, name)) {
			struct machine_driver *driver = machine_add_driver(machine, name);

			driver->builtin = strcmp(name, "pcieport") == 0;
			driver->module = driver->builtin ? NULL : xstrdup(name);
		}
	}
	for (size_t i = 0; i < machine->driver_count; i++) {
		const struct machine_driver *driver = &machine->drivers[i];
		struct machine_module *module;

		if (!driver->module || machine_module(machine, driver->module))
			continue;
		module = machine_add_module(machine, driver->module);
		module->builtin = driver->builtin;
		module->registers = xstrdup(driver->name);
	}
}

static void complete_device(struct machine *machine, struct machine_device *device)
{
	if (device->group >= 0 && !machine_group(machine, device->group))
		machine_add_group(machine, device->group);
	if (!device->match && device->driver && !device_driver_is_vfio(device->driver))
		device->match = xstrdup(device->driver);
	for (size_t i = 0; device->sriov && i < machine->device_count; i++)
		if (machine->devices[i].role == ROLE_VF &&
		    pci_addr_equal(&machine->devices[i].physfn, &device->addr))
			device->num_vfs++;
}

static int compare_devices(const void *a, const void *b)
{
	return pci_addr_compare(&((const struct machine_device *)a)->addr,
				&((const struct machine_device *)b)->addr);
}

void machine_complete(struct machine *machine)
{
	if (!machine->kernel)
		machine->kernel = xstrdup("6.1.0-test");
	if (!machine->boot)
		machine->boot = xstrdup("0d9e2c1e-5b7a-4f0e-9d55-6a1f3c2b4e10");
	if (machine->device_count > 1)
		qsort(machine->devices, machine->device_count, sizeof(*machine->devices),
		      compare_devices);
	complete_modules(machine);
	complete_drivers(machine);
	for (size_t i = 0; i < machine->device_count; i++)
		complete_device(machine, &machine->devices[i]);
	machine_users_complete(machine);
}
