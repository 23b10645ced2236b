// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which files of sysfs say what about a PCI function and its IOMMU group. Reads none that wakes a
 * sleeping device: "config" and the link attributes resume it, the ones used here do not.
 */
#include "parsers/pci/pci.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "base/worker-ask.h"
#include "parsers/pci/behind.h"
#include "parsers/pci/variants.h"

#define DEVICES "bus/pci/devices"

/* An attribute as a number; fallback where it is missing or none. */
static unsigned long read_number(const struct host *host, const struct pci_addr *addr,
				 const char *attr, int base, unsigned long fallback)
{
	char text[32], *end;
	unsigned long value;

	if (host_read(host, HOST_SYS, text, sizeof(text), NULL, DEVICES "/%s/%s", ADDR(addr),
		      attr) < 0)
		return fallback;
	value = strtoul(text, &end, base);
	return end == text || *end ? fallback : value;
}

static void read_text(const struct host *host, const struct pci_addr *addr, const char *attr,
		      char *buffer, size_t size)
{
	if (host_read(host, HOST_SYS, buffer, size, NULL, DEVICES "/%s/%s", ADDR(addr), attr) < 0)
		buffer[0] = '\0';
}

static void read_ids(const struct host *host, struct device *device)
{
	const struct pci_addr *addr = &device->addr;

	device->vendor = (uint16_t)read_number(host, addr, "vendor", 16, 0);
	device->product = (uint16_t)read_number(host, addr, "device", 16, 0);
	device->subvendor = (uint16_t)read_number(host, addr, "subsystem_vendor", 16, 0);
	device->subproduct = (uint16_t)read_number(host, addr, "subsystem_device", 16, 0);
	device->class_code = (uint32_t)read_number(host, addr, "class", 16, 0);
	device->boot_vga = read_number(host, addr, "boot_vga", 10, 0) == 1;
}

static void read_topology(const struct host *host, struct device *device)
{
	const struct pci_addr *addr = &device->addr;
	char name[64], *end;
	long group;

	/* The header type is in "config"; but only bridges have a secondary bus. */
	device->is_bridge =
		host_exists(host, HOST_SYS, DEVICES "/%s/secondary_bus_number", ADDR(addr));
	/* Not by sriov_numvfs: showing it takes the device's lock. */
	device->has_vfs = host_exists(host, HOST_SYS, DEVICES "/%s/virtfn0", ADDR(addr));
	device->is_vf = host_read_link_name(host, HOST_SYS, name, sizeof(name), NULL,
					    DEVICES "/%s/physfn", ADDR(addr)) == 0 &&
			pci_addr_parse(name, &device->physfn);
	behind_read(host, device);
	device->group = DEVICE_NO_GROUP;
	if (host_read_link_name(host, HOST_SYS, name, sizeof(name), NULL, DEVICES "/%s/iommu_group",
				ADDR(addr)) < 0)
		return;
	group = strtol(name, &end, 10);
	if (end != name && !*end && group >= 0 && group <= INT32_MAX)
		device->group = (int)group;
}

/* Driver and module; the override is read later. */
static int read_driver(const struct host *host, struct device *device, struct error *err)
{
	const struct pci_addr *addr = &device->addr;
	char driver[HOST_NAME_SIZE], module[HOST_NAME_SIZE];
	int ret = host_absent_is_empty(host_read_link_name(host, HOST_SYS, driver, sizeof(driver),
							   err, DEVICES "/%s/driver", ADDR(addr)),
				       driver);

	if (ret == 0)
		ret = host_absent_is_empty(
			host_read_link_name(host, HOST_SYS, module, sizeof(module), err,
					    DEVICES "/%s/driver/module", ADDR(addr)),
			module);
	if (ret < 0)
		return ret;
	if (!driver_value_init(&device->bound, driver, module, NULL))
		return error_set(err, EBADMSG, "%s: driver names that cannot be: %s %s", ADDR(addr),
				 driver, module);
	return 0;
}

static void read_power(const struct host *host, struct device *device)
{
	const struct pci_addr *addr = &device->addr;

	read_text(host, addr, "power/control", device->power.control,
		  sizeof(device->power.control));
	read_text(host, addr, "d3cold_allowed", device->power.d3cold, sizeof(device->power.d3cold));
	read_text(host, addr, "power/runtime_status", device->runtime_status,
		  sizeof(device->runtime_status));
}

/* source: whose number it is. Blanks around it are padding. */
static void set_serial(struct device *device, const char *source, const char *text)
{
	size_t length = strlen(text += strspn(text, " \t"));

	while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\t'))
		length--;
	if (length > 0)
		snprintf(device->serial, sizeof(device->serial), "%s:%.*s", source, (int)length,
			 text);
}

static void read_nvme_serial(const struct host *host, struct device *device)
{
	cleanup(host_free_names) char **names = NULL;
	char text[sizeof(device->serial)];
	size_t count = 0;

	if (host_list(host, HOST_SYS, &names, &count, NULL, DEVICES "/%s/nvme",
		      ADDR(&device->addr)) < 0 ||
	    count == 0)
		return;
	/* The kernel has it from when it found the disk. */
	if (host_read(host, HOST_SYS, text, sizeof(text), NULL, DEVICES "/%s/nvme/%s/serial",
		      ADDR(&device->addr), names[0]) == 0)
		set_serial(device, "nvme", text);
}

/*
 * After the runtime status: "serial_number" (Linux 6.18) is read from the configuration space,
 * without the device's lock and without waking it, so from a sleeping one comes nothing of use.
 */
static void read_serial(const struct host *host, struct device *device)
{
	char text[sizeof(device->serial)];

	read_nvme_serial(host, device);
	if (*device->serial || strcmp(device->runtime_status, "active") != 0)
		return;
	read_text(host, &device->addr, "serial_number", text, sizeof(text));
	set_serial(device, "dsn", text);
}

static int read_override(const struct host *host, struct device *device, struct error *err)
{
	char override[HOST_NAME_SIZE];
	int ret =
		host_absent_is_empty(host_read(host, HOST_SYS, override, sizeof(override), err,
					       DEVICES "/%s/driver_override", ADDR(&device->addr)),
				     override);

	if (ret < 0)
		return ret;
	if (!driver_value_init(&device->bound, device->bound.driver, device->bound.module,
			       override))
		return error_set(err, EBADMSG, "%s: driver_override that cannot be: %s",
				 ADDR(&device->addr), override);
	return 0;
}

int pci_identity_read(const struct host *host, const struct pci_addr *addr, struct device *ret,
		      struct error *err)
{
	static const char *const needed[] = {"vendor", "device", "subsystem_vendor",
					     "subsystem_device", "class"};
	struct device device = {.addr = *addr};
	char text[32];

	if (!host_exists(host, HOST_SYS, DEVICES "/%s", ADDR(addr)))
		return error_set(err, ENOENT, "no PCI device %s", ADDR(addr));
	/* What cannot be read must not pass for another number. */
	for (size_t i = 0; i < sizeof(needed) / sizeof(*needed); i++) {
		read_text(host, addr, needed[i], text, sizeof(text));
		if (!*text)
			return error_set(err, EIO, "%s: its %s cannot be read", ADDR(addr),
					 needed[i]);
	}
	read_ids(host, &device);
	read_text(host, addr, "power/runtime_status", device.runtime_status,
		  sizeof(device.runtime_status));
	read_serial(host, &device);
	*ret = device;
	return 0;
}

/* Everything that can be read while somebody holds the device's lock. */
static int read_device(const struct host *host, const struct pci_addr *addr, struct device *ret,
		       struct error *err)
{
	struct device device = {.addr = *addr};
	int result;

	if (!host_exists(host, HOST_SYS, DEVICES "/%s", ADDR(addr)))
		return error_set(err, ENOENT, "no PCI device %s", ADDR(addr));
	read_ids(host, &device);
	read_topology(host, &device);
	read_power(host, &device);
	read_serial(host, &device);
	result = read_driver(host, &device, err);
	if (result < 0)
		return result;
	/* There as long as the driver has the device registered with VFIO (Linux 6.1). */
	device.has_vfio = host_exists(host, HOST_SYS, DEVICES "/%s/vfio-dev", ADDR(addr));
	*ret = device;
	return 0;
}

/* Part of a snapshot's devices, and the host they are on. */
struct probe {
	const struct host *host;
	struct device *devices;
	size_t count;
};

/* Answers the driver_value of each device. */
static int read_overrides(void *data, int answer, struct error *err)
{
	const struct probe *probe = data;

	for (size_t i = 0; i < probe->count; i++) {
		int ret = read_override(probe->host, &probe->devices[i], err);

		if (ret == 0)
			ret = worker_answer(answer, &probe->devices[i].bound,
					    sizeof(probe->devices[i].bound), err);
		if (ret < 0)
			return ret;
	}
	return 0;
}

#define LOCK_TIMEOUT_MS 3000

static int probe_overrides(struct probe probe, struct error *err)
{
	const struct worker_question question = {
		.ask = read_overrides, .data = &probe, .timeout_ms = LOCK_TIMEOUT_MS};
	auto_free char *answer = NULL;
	int result = worker_ask(&question, &answer, NULL, err);

	for (size_t i = 0; result == 0 && i < probe.count; i++)
		memcpy(&probe.devices[i].bound, answer + i * sizeof(struct driver_value),
		       sizeof(struct driver_value));
	return result;
}

/*
 * Until Linux 6.12 reading driver_override waits for the device's lock, for ever where a driver is
 * stuck: so it is a child that reads it.
 */
static int read_snapshot_overrides(const struct host *host, struct snapshot *snapshot,
				   struct error *err)
{
	struct probe all = {host, snapshot->devices, snapshot->device_count};
	struct error failure = ERROR_INIT;
	int ret;

	if (all.count == 0)
		return 0;
	ret = probe_overrides(all, &failure);
	if (ret < 0 && ret != -ETIMEDOUT && err)
		*err = failure;
	if (ret != -ETIMEDOUT)
		return ret;
	for (size_t i = 0; i < all.count; i++) {
		struct probe one = {host, &snapshot->devices[i], 1};

		ret = probe_overrides(one, err);
		if (ret == -ETIMEDOUT)
			return error_set(err, EBUSY,
					 "the kernel is still busy with an earlier change of %s, "
					 "or its driver (%s) hangs; only its end, or a restart of "
					 "the host, helps",
					 ADDR(&one.devices->addr),
					 *one.devices->bound.driver ? one.devices->bound.driver
								    : "none");
		if (ret < 0)
			return ret;
	}
	return 0;
}

bool pci_override_stands(const struct host *host, const struct device *device)
{
	struct device now = *device;
	struct probe probe = {host, &now, 1};

	return probe_overrides(probe, NULL) < 0 ||
	       strcmp(now.bound.override, device->bound.override) == 0;
}

/* Adds the device unless it is there already; one that does not exist is left out. */
static int add_device(const struct host *host, const struct pci_addr *addr,
		      struct snapshot *snapshot, struct error *err)
{
	struct device device;
	int ret;

	if (snapshot_device(snapshot, addr))
		return 0;
	ret = read_device(host, addr, &device, err);
	if (ret == -ENOENT)
		return 0;
	if (ret < 0)
		return ret;
	array_push(snapshot->devices, snapshot->device_count, device);
	return 0;
}

static int read_members(const struct host *host, struct group *group, struct error *err)
{
	cleanup(host_free_names) char **names = NULL;
	size_t count = 0;
	int ret;

	ret = host_list(host, HOST_SYS, &names, &count, err, "kernel/iommu_groups/%d/devices",
			group->number);
	if (ret < 0)
		return ret;
	group->members = xcalloc(count, sizeof(*group->members));
	for (size_t i = 0; i < count; i++)
		if (pci_addr_parse(names[i], &group->members[group->member_count]))
			group->member_count++;
	return 0;
}

static int add_group(const struct host *host, int number, struct snapshot *snapshot,
		     struct error *err)
{
	struct group group = {.number = number};
	char name[64];
	int ret;

	if (number == DEVICE_NO_GROUP || snapshot_group(snapshot, number))
		return 0;
	/* VFIO names the groups it makes up for devices without an IOMMU. */
	group.noiommu = host_read(host, HOST_SYS, name, sizeof(name), NULL,
				  "kernel/iommu_groups/%d/name", number) == 0 &&
			strcmp(name, "vfio-noiommu") == 0;
	ret = read_members(host, &group, err);
	/* A link to a group that is not there: the device counts as one without. */
	if (ret == -ENOENT)
		return 0;
	if (ret < 0)
		return ret;
	array_push(snapshot->groups, snapshot->group_count, group);
	for (size_t i = 0; i < group.member_count; i++) {
		ret = add_device(host, &group.members[i], snapshot, err);
		if (ret < 0)
			return ret;
	}
	return 0;
}

/* The other functions of a USB 2 controller's slot, whichever groups they are in. */
static int add_slot(const struct host *host, const struct pci_addr *addr, struct snapshot *snapshot,
		    struct error *err)
{
	struct pci_addr other = *addr;

	for (other.function = 0; other.function < 8; other.function++) {
		int ret = add_device(host, &other, snapshot, err);

		if (ret < 0)
			return ret;
	}
	return 0;
}

static int add_hostdev(const struct host *host, const struct hostdev *hostdev,
		       struct snapshot *snapshot, struct error *err)
{
	int ret = add_device(host, &hostdev->addr, snapshot, err);
	const struct device *device = snapshot_device(snapshot, &hostdev->addr);

	if (ret < 0 || !device)
		return ret;
	if (device->is_behind) {
		struct pci_addr behind = device->behind;
		int group = device->group;

		/* To be named in the refusal. */
		ret = add_device(host, &behind, snapshot, err);
		return ret < 0 ? ret : add_group(host, group, snapshot, err);
	}
	return add_group(host, device->group, snapshot, err);
}

/* Devices may be added while this walks, so by index. */
static int add_companions(const struct host *host, struct snapshot *snapshot, struct error *err)
{
	size_t count = snapshot->device_count;

	for (size_t i = 0; i < count; i++) {
		struct pci_addr addr = snapshot->devices[i].addr;
		int ret;

		if (!device_class_is_usb2_family(snapshot->devices[i].class_code))
			continue;
		ret = add_slot(host, &addr, snapshot, err);
		if (ret < 0)
			return ret;
	}
	return 0;
}

static void add_vfio_driver(const struct host *host, const char *wanted, struct snapshot *snapshot)
{
	struct vfio_driver driver = {0};
	char registered[HOST_NAME_SIZE];

	if (snapshot_vfio_driver(snapshot, wanted))
		return;
	driver.wanted = xstrdup(wanted);
	if (host_pci_driver(host, wanted, registered, sizeof(registered), NULL) == 0)
		driver.registered = xstrdup(registered);
	array_push(snapshot->drivers, snapshot->driver_count, driver);
}

static void add_vfio_drivers(const struct host *host, const struct guest *guest,
			     struct snapshot *snapshot)
{
	add_vfio_driver(host, "vfio-pci", snapshot);
	for (size_t i = 0; i < guest->hostdev_count; i++) {
		const struct device *device = snapshot_device(snapshot, &guest->hostdevs[i].addr);

		if (device)
			add_vfio_driver(host, snapshot_wanted_driver(device, &guest->hostdevs[i]),
					snapshot);
	}
}

int pci_snapshot(const struct host *host, const struct guest *guest, struct snapshot *ret,
		 struct error *err)
{
	auto_snapshot struct snapshot snapshot = {
		.iommu = host_has_entries(host, HOST_SYS, "kernel/iommu_groups")};
	int result;

	for (size_t i = 0; i < guest->hostdev_count; i++) {
		result = add_hostdev(host, &guest->hostdevs[i], &snapshot, err);
		if (result < 0)
			return result;
	}
	result = add_companions(host, &snapshot, err);
	if (result == 0)
		result = behind_read_carried(host, &snapshot, err);
	if (result == 0)
		result = read_snapshot_overrides(host, &snapshot, err);
	if (result < 0)
		return result;
	variants_find(host, guest, &snapshot);
	add_vfio_drivers(host, guest, &snapshot);
	*ret = snapshot;
	memset(&snapshot, 0, sizeof(snapshot));
	return 0;
}
