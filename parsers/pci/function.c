// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What decides whether a PCI function can be lent, read with as few calls as will do: one directory
 * is opened, one file holds all numbers, and a look at how many directories stand below spares most
 * of the rest. Tests: model/test-survey.c.
 */
#include "parsers/pci/function.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "parsers/pci/behind.h"

#define DEVICES "bus/pci/devices"
#define VENDOR_NVIDIA 0x10de

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

static void read_module(struct function_reader *reader, const char *driver)
{
	if (strcmp(reader->module_of, driver) == 0)
		return;
	strcpy(reader->module_of, driver);
	if (host_read_link_name(reader->host, HOST_SYS, reader->module, sizeof(reader->module),
				NULL, "bus/pci/drivers/%s/module", driver) < 0)
		reader->module[0] = '\0';
}

static int read_driver(struct function_reader *reader, int dir, struct device *device,
		       struct error *err)
{
	char driver[HOST_NAME_SIZE];

	read_link(dir, "driver", driver, sizeof(driver));
	if (!*driver)
		return 0;
	read_module(reader, driver);
	if (!driver_value_init(&device->bound, driver, reader->module, NULL))
		return error_set(err, EBADMSG, "%s: driver names that cannot be: %s %s",
				 ADDR(&device->addr), driver, reader->module);
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

int function_read(struct function_reader *reader, const char *name, struct device *device,
		  struct error *err)
{
	char path[64], physfn[64];
	auto_close int dir = -1;
	int ret;

	snprintf(path, sizeof(path), DEVICES "/%.32s", name);
	dir = openat(reader->host->fd[HOST_SYS], path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return error_errno(err, errno, "open /sys/%s", path);
	read_ids(dir, device);
	ret = read_driver(reader, dir, device, err);
	if (ret < 0)
		return ret;
	device->group = read_group(dir);
	read_link(dir, "physfn", physfn, sizeof(physfn));
	device->is_vf = pci_addr_parse(physfn, &device->physfn);
	read_below(dir, device);
	if (device->addr.domain > DOMAIN_MAX)
		behind_read(reader->host, device);
	return 0;
}
