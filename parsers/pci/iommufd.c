// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How to tell whether the running kernel can hand devices to a guest by way of iommufd, before any
 * VFIO module is loaded and after: it needs /dev/iommu and a node of each device's own.
 * Tests: model/test-cases.c, model/test-answers.c.
 */
#include "parsers/pci/iommufd.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

#define DEVICES_LIMIT ((size_t)256 * 1024) /* of /proc/devices */

static bool is_wanted(const struct guest *guest)
{
	for (size_t i = 0; i < guest->hostdev_count; i++)
		if (guest->hostdevs[i].iommufd)
			return true;
	return false;
}

/* Does this file below /lib/modules/RELEASE name it? *ret_known: there is such a file. */
static bool names(const struct host *host, const char *release, const char *file, const char *what,
		  bool *ret_known)
{
	cleanup(host_unmap) struct host_map map = {0};

	*ret_known = host_map_file(host, HOST_MODULES, &map, NULL, "%s/%s", release, file) == 0;
	return map.data && memmem(map.data, map.length, what, strlen(what));
}

/* The vfio module needs iommufd where the kernel has it, so that it comes with the first device. */
static bool has_iommufd(const struct host *host)
{
	char release[HOST_NAME_SIZE];
	bool has_dep, has_builtin;

	if (host_exists(host, HOST_DEV, "iommu") ||
	    host_exists(host, HOST_SYS, "class/misc/iommu") ||
	    host_exists(host, HOST_SYS, "module/iommufd"))
		return true;
	if (host_read(host, HOST_PROC, release, sizeof(release), NULL, "sys/kernel/osrelease") < 0)
		return true;
	return names(host, release, "modules.dep", "/iommufd.ko", &has_dep) ||
	       names(host, release, "modules.builtin", "/iommufd.ko", &has_builtin) || !has_dep ||
	       !has_builtin;
}

/* VFIO's numbers of devices: "vfio" are the groups', "vfio-dev" the devices' own. */
static bool has_number(const char *devices, const char *name)
{
	auto_free char *line = xasprintf(" %s\n", name);

	return strstr(devices, line) != NULL;
}

/* Is a device on VFIO, and has no number? */
static bool lacks_node(const struct host *host, const struct pci_addr *addr)
{
	cleanup(host_free_names) char **entries = NULL;

	return host_list(host, HOST_SYS, &entries, NULL, NULL, "bus/pci/devices/%s/vfio-dev",
			 ADDR(addr)) == 0 &&
	       entries[0] &&
	       !host_exists(host, HOST_SYS, "bus/pci/devices/%s/vfio-dev/%s/dev", ADDR(addr),
			    entries[0]);
}

static bool has_cdev(const struct host *host, const struct guest *guest)
{
	auto_free char *devices = NULL;
	char release[HOST_NAME_SIZE];
	size_t length;
	bool known;

	for (size_t i = 0; i < guest->hostdev_count; i++)
		if (guest->hostdevs[i].iommufd && lacks_node(host, &guest->hostdevs[i].addr))
			return false;
	if (host_read_file(host, HOST_PROC, DEVICES_LIMIT, &devices, &length, NULL, "devices") ==
		    0 &&
	    (has_number(devices, "vfio-dev") || has_number(devices, "vfio")))
		return has_number(devices, "vfio-dev");
	/* VFIO is not loaded: some distributions keep the kernel's configuration there. */
	return host_read(host, HOST_PROC, release, sizeof(release), NULL, "sys/kernel/osrelease") <
		       0 ||
	       names(host, release, "config", "\nCONFIG_VFIO_DEVICE_CDEV=y", &known) || !known;
}

void iommufd_read(const struct host *host, const struct guest *guest, struct snapshot *snapshot)
{
	if (!is_wanted(guest))
		return;
	if (!has_iommufd(host))
		snapshot->iommufd_lacks = "CONFIG_IOMMUFD (/dev/iommu)";
	else if (!has_cdev(host, guest))
		snapshot->iommufd_lacks = "CONFIG_VFIO_DEVICE_CDEV (/dev/vfio/devices)";
}
