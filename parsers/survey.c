// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How thousands of PCI functions are read in little time: one directory is opened for each, one
 * file holds all its numbers, and a look at how many directories stand below it spares most of the
 * rest.
 */
#include "parsers/survey.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "parsers/behind.h"

#define DEVICES "bus/pci/devices"
#define VENDOR_NVIDIA 0x10de

struct survey {
	const struct host *host;
	char module_of[HOST_NAME_SIZE], module[HOST_NAME_SIZE]; /* the last driver's */
};

/* --- one function --- */

static bool read_attr(int dir, const char *name, char *buffer, size_t size)
{
	auto_close int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t length = fd < 0 ? -1 : read(fd, buffer, size - 1);

	if (length < 0)
		return false;
	buffer[length] = '\0';
	return true;
}

/* The last component of a link's target; "" where there is none. */
static void read_link(int dir, const char *name, char *buffer, size_t size)
{
	char target[512];
	ssize_t length = readlinkat(dir, name, target, sizeof(target) - 1);
	const char *last;

	buffer[0] = '\0';
	if (length < 0)
		return;
	target[length] = '\0';
	last = strrchr(target, '/');
	last = last ? last + 1 : target;
	if (strlen(last) < size)
		strcpy(buffer, last);
}

static unsigned int read_hex(int dir, const char *name)
{
	char text[32];

	return read_attr(dir, name, text, sizeof(text)) ? (unsigned int)strtoul(text, NULL, 16) : 0;
}

static void set_ids(struct device *device, unsigned int vendor, unsigned int product,
		    unsigned int subvendor, unsigned int subproduct, unsigned int class_code)
{
	device->vendor = (uint16_t)vendor;
	device->product = (uint16_t)product;
	device->subvendor = (uint16_t)subvendor;
	device->subproduct = (uint16_t)subproduct;
	device->class_code = class_code;
}

/* "modalias" has all of them in one file. */
static void read_ids(int dir, struct device *device)
{
	unsigned int vendor, product, subvendor, subproduct, base, sub, interface;
	char text[256];

	if (read_attr(dir, "modalias", text, sizeof(text)) &&
	    sscanf(text, "pci:v%8xd%8xsv%8xsd%8xbc%2xsc%2xi%2x", &vendor, &product, &subvendor,
		   &subproduct, &base, &sub, &interface) == 7)
		set_ids(device, vendor, product, subvendor, subproduct,
			base << 16 | sub << 8 | interface);
	else
		set_ids(device, read_hex(dir, "vendor"), read_hex(dir, "device"),
			read_hex(dir, "subsystem_vendor"), read_hex(dir, "subsystem_device"),
			read_hex(dir, "class"));
	if (device->class_code >> 16 == 0x03)
		device->boot_vga = read_hex(dir, "boot_vga") == 1;
}

static bool has_entry(int dir, const char *name)
{
	return faccessat(dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/*
 * A directory of sysfs has a link for itself, one for its name, and one for each directory below.
 * Only that of power management says nothing. File systems that do not count show less than 2.
 */
static bool has_nothing_below(int dir)
{
	struct stat file;

	if (fstat(dir, &file) < 0)
		return false;
	return file.st_nlink == 2 || (file.st_nlink == 3 && has_entry(dir, "power"));
}

/*
 * Bridges have a directory for their bus, and what is with VFIO has one there. NVIDIA's driver
 * shows none of its nodes here.
 */
static void read_below(int dir, struct device *device)
{
	device->is_bare = has_nothing_below(dir) && device->vendor != VENDOR_NVIDIA;
	if (!device->is_bare || device->class_code >> 16 == 0x06)
		device->is_bridge = has_entry(dir, "secondary_bus_number");
	if (!device->is_bare && *device->bound.driver)
		device->has_vfio = has_entry(dir, "vfio-dev");
}

static void read_module(struct survey *survey, const char *driver)
{
	if (strcmp(survey->module_of, driver) == 0)
		return;
	strcpy(survey->module_of, driver);
	if (host_read_link_name(survey->host, HOST_SYS, survey->module, sizeof(survey->module),
				NULL, "bus/pci/drivers/%s/module", driver) < 0)
		survey->module[0] = '\0';
}

static int read_driver(struct survey *survey, int dir, struct device *device, struct error *err)
{
	char driver[HOST_NAME_SIZE];

	read_link(dir, "driver", driver, sizeof(driver));
	if (!*driver)
		return 0;
	read_module(survey, driver);
	if (!driver_value_init(&device->bound, driver, survey->module, NULL))
		return error_set(err, EBADMSG, "%s: driver names that cannot be: %s %s",
				 ADDR(&device->addr), driver, survey->module);
	return 0;
}

static int read_group(int dir)
{
	char name[64], *end;
	long group;

	read_link(dir, "iommu_group", name, sizeof(name));
	group = strtol(name, &end, 10);
	return end != name && !*end && group >= 0 && group <= INT32_MAX ? (int)group
									: DEVICE_NO_GROUP;
}

#define DOMAIN_MAX 0xffff /* beyond are those that a volume management device makes */

static int read_function(struct survey *survey, const char *name, struct device *device,
			 struct error *err)
{
	char path[64], physfn[64];
	auto_close int dir = -1;
	int ret;

	snprintf(path, sizeof(path), DEVICES "/%.32s", name);
	dir = openat(survey->host->fd[HOST_SYS], path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return error_errno(err, errno, "open /sys/%s", path);
	read_ids(dir, device);
	ret = read_driver(survey, dir, device, err);
	if (ret < 0)
		return ret;
	device->group = read_group(dir);
	read_link(dir, "physfn", physfn, sizeof(physfn));
	device->is_vf = pci_addr_parse(physfn, &device->physfn);
	read_below(dir, device);
	if (device->addr.domain > DOMAIN_MAX)
		behind_read(survey->host, device);
	return 0;
}

/* --- all of them --- */

static int compare_devices(const void *a, const void *b)
{
	return pci_addr_compare(&((const struct device *)a)->addr,
				&((const struct device *)b)->addr);
}

static int read_functions(struct survey *survey, struct snapshot *snapshot, struct error *err)
{
	cleanup(host_free_names) char **names = NULL;
	size_t count = 0;
	int ret = host_list(survey->host, HOST_SYS, &names, &count, err, DEVICES);

	if (ret < 0)
		return ret == -ENOENT ? 0 : ret;
	snapshot->devices = xcalloc(count, sizeof(*snapshot->devices));
	for (size_t i = 0; i < count; i++) {
		struct device device = {0};

		if (!pci_addr_parse(names[i], &device.addr))
			continue;
		ret = read_function(survey, names[i], &device, err);
		/* Unplugged since. */
		if (ret == -ENOENT)
			continue;
		if (ret < 0)
			return ret;
		snapshot->devices[snapshot->device_count++] = device;
	}
	qsort(snapshot->devices, snapshot->device_count, sizeof(*snapshot->devices),
	      compare_devices);
	snapshot->sorted = true;
	return 0;
}

/* A function whose virtual ones are there has them enabled. */
static void find_parents(struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->device_count; i++) {
		const struct device *device = &snapshot->devices[i];
		const struct device *parent =
			device->is_vf ? snapshot_device(snapshot, &device->physfn) : NULL;

		if (parent)
			snapshot->devices[parent - snapshot->devices].has_vfs = true;
	}
}

/* --- groups --- */

struct member {
	int group;
	struct pci_addr addr;
};

static int compare_members(const void *one, const void *other)
{
	const struct member *a = one, *b = other;

	if (a->group != b->group)
		return a->group < b->group ? -1 : 1;
	return pci_addr_compare(&a->addr, &b->addr);
}

/* VFIO makes a group up only for a device that it has. */
static bool is_made_up(const struct survey *survey, const struct snapshot *snapshot,
		       const struct group *group)
{
	char name[64];

	return device_is_on_vfio(snapshot_device(snapshot, &group->members[0])) &&
	       host_read(survey->host, HOST_SYS, name, sizeof(name), NULL,
			 "kernel/iommu_groups/%d/name", group->number) == 0 &&
	       strcmp(name, "vfio-noiommu") == 0;
}

/* While VFIO has one of them, the group has a node, which stands elsewhere. */
static void look_at_members(const struct group *group, struct snapshot *snapshot)
{
	bool any = false;

	for (size_t i = 0; i < group->member_count; i++)
		any |= device_is_on_vfio(snapshot_device(snapshot, &group->members[i]));
	for (size_t i = 0; any && i < group->member_count; i++) {
		const struct device *member = snapshot_device(snapshot, &group->members[i]);

		snapshot->devices[member - snapshot->devices].is_bare = false;
	}
}

/* The members from first on that are of one group. */
static size_t add_group(const struct survey *survey, const struct member *first, size_t count,
			struct snapshot *snapshot)
{
	struct group group = {.number = first->group};
	size_t members = 0;

	while (members < count && first[members].group == first->group)
		members++;
	group.members = xcalloc(members, sizeof(*group.members));
	for (size_t i = 0; i < members; i++)
		group.members[group.member_count++] = first[i].addr;
	look_at_members(&group, snapshot);
	group.noiommu = is_made_up(survey, snapshot, &group);
	snapshot->groups = array_grow(snapshot->groups, snapshot->group_count, sizeof(group));
	snapshot->groups[snapshot->group_count++] = group;
	return members;
}

static void find_groups(const struct survey *survey, struct snapshot *snapshot)
{
	auto_free struct member *members = xcalloc(snapshot->device_count, sizeof(*members));
	size_t count = 0;

	for (size_t i = 0; i < snapshot->device_count; i++)
		if (snapshot->devices[i].group != DEVICE_NO_GROUP)
			members[count++] = (struct member){snapshot->devices[i].group,
							   snapshot->devices[i].addr};
	qsort(members, count, sizeof(*members), compare_members);
	for (size_t i = 0; i < count;)
		i += add_group(survey, &members[i], count - i, snapshot);
}

int survey_read(const struct host *host, struct snapshot *ret, struct error *err)
{
	auto_snapshot struct snapshot snapshot = {
		.iommu = host_has_entries(host, HOST_SYS, "kernel/iommu_groups")};
	struct survey survey = {.host = host};
	int result = read_functions(&survey, &snapshot, err);

	if (result < 0)
		return result;
	find_parents(&snapshot);
	find_groups(&survey, &snapshot);
	result = behind_read_carried(host, &snapshot, err);
	if (result < 0)
		return result;
	*ret = snapshot;
	memset(&snapshot, 0, sizeof(snapshot));
	return 0;
}
