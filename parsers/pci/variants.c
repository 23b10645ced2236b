// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * For which devices libvirt would choose a VFIO driver of their own: by modules.alias, and by which
 * libvirt it is that runs. Tests: unit/test-pci.c.
 */
#include "parsers/pci/variants.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "parsers/libvirt/daemon.h"
#include "parsers/pci/aliases.h"

/* VFIO's of modules.alias of the running kernel; none where there is no such file (vfio-pci built
 * in). */
static void read_aliases(const struct host *host, struct text *ret)
{
	cleanup(host_unmap) struct host_map map = {0};
	char release[HOST_NAME_SIZE];

	if (host_read(host, HOST_PROC, release, sizeof(release), NULL, "sys/kernel/osrelease") ==
		    0 &&
	    !strchr(release, '/'))
		host_map_file(host, HOST_MODULES, &map, NULL, "%s/modules.alias", release);
	if (map.data)
		aliases_pick_vfio(map.data, map.length, ret);
}

/* Where libvirt's version is needed; a look at all processes may be what it takes. */
struct running_libvirt {
	bool known;           /* whether and which */
	unsigned int version; /* 0: none that could be asked */
};

#define LIBVIRT_VARIANTS 10000 /* 10.0 */

/*
 * Before that release libvirt bound a managed device to vfio-pci whatever modules.alias says, and
 * took an unmanaged one from no other driver; vfio-pci is what all of them take. Where none runs,
 * a managed device gets what the newest would choose.
 */
static bool takes_variants(const struct host *host, const struct hostdev *hostdev,
			   struct running_libvirt *libvirt)
{
	auto_daemon struct daemon daemon = {0};

	if (!libvirt->known && daemon_find(host, &daemon))
		libvirt->version = daemon_version(host, daemon.pid);
	libvirt->known = true;
	return libvirt->version ? libvirt->version >= LIBVIRT_VARIANTS : hostdev->managed;
}

static const struct hostdev *find_hostdev(const struct guest *guest, const struct pci_addr *addr)
{
	for (size_t i = 0; i < guest->hostdev_count; i++)
		if (pci_addr_equal(&guest->hostdevs[i].addr, addr))
			return &guest->hostdevs[i];
	return NULL;
}

void variants_find(const struct host *host, const struct guest *guest, struct snapshot *snapshot)
{
	auto_text struct text aliases = TEXT_INIT;
	struct running_libvirt libvirt = {0};

	read_aliases(host, &aliases);
	for (size_t i = 0; aliases.data && i < snapshot->device_count; i++) {
		struct device *device = &snapshot->devices[i];
		const struct hostdev *hostdev = find_hostdev(guest, &device->addr);
		char modalias[128], module[CELL_NAME_SIZE];

		if (!hostdev)
			continue;
		if (host_read(host, HOST_SYS, modalias, sizeof(modalias), NULL,
			      "bus/pci/devices/%s/modalias", ADDR(&device->addr)) < 0)
			continue;
		if (aliases_find_vfio(aliases.data, aliases.length, modalias, module,
				      sizeof(module)) &&
		    !module_name_equal(module, "vfio-pci") &&
		    takes_variants(host, hostdev, &libvirt))
			device->vfio_driver = xstrdup(module);
	}
}
