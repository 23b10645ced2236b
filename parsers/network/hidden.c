// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which devices must have network interfaces, and how many: sysfs shows those of the reader's
 * network namespace only, so that one which is in use elsewhere is not to be seen.
 */
#include "parsers/network/hidden.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

static bool is_one_of(const char *driver, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(driver, names[i]) == 0)
			return true;
	return false;
}

#define IS_ONE_OF(driver, names) is_one_of(driver, names, sizeof(names) / sizeof((names)[0]))

/* Drivers that give the device to a program, or to RDMA alone: no interface is to be expected. */
static bool driver_makes_none(const char *driver)
{
	static const char *const names[] = {
		"pci-stub", "uio_pci_generic", "igb_uio", "pciback", "xen-pciback", "efa", "erdma"};

	return !*driver || device_driver_is_vfio(driver) || IS_ONE_OF(driver, names);
}

/* Modems whose class says nothing of a network. */
static bool driver_makes_some(const char *driver)
{
	static const char *const names[] = {"mhi-pci-generic", "iosm", "mtk_t7xx"};

	return IS_ONE_OF(driver, names);
}

/* Drivers that have several ports behind one function, of which each makes an interface. */
static bool driver_has_ports(const char *driver)
{
	static const char *const names[] = {"mlx4_core", "mlx5_core", "cxgb3",    "cxgb4",
					    "nfp",       "ib_qib",    "ib_mthca", "octeon_ep"};

	return IS_ONE_OF(driver, names);
}

static bool is_wireless(unsigned int class_code)
{
	/* Infrared, and Bluetooth, whose interfaces come with a connection. */
	return class_code >> 16 == 0x0d && class_code >> 8 != 0x0d00 && class_code >> 8 != 0x0d01 &&
	       class_code >> 8 != 0x0d11;
}

/* Ethernet, and what calls itself "other", as wireless adapters do. */
static bool is_ethernet(const struct device *device)
{
	return device->class_code >> 8 == 0x0200 || device->class_code >> 8 == 0x0280;
}

/*
 * Network controllers of all kinds: InfiniBand (0207, 0c06) and host fabric (0208) as well, which
 * are of use to a kernel even without networks.
 */
static bool makes_interfaces(const struct device *device, bool networking)
{
	if (device_is_on_vfio(device) || driver_makes_none(device->bound.driver))
		return false;
	if (is_ethernet(device))
		return networking;
	return device->class_code >> 16 == 0x02 || device->class_code >> 8 == 0x0c06 ||
	       is_wireless(device->class_code) || driver_makes_some(device->bound.driver);
}

/* --- ports --- */

#define PORTS_MAX 64

/* Of one device: a bit for each of its ports, from 0. */
struct ports {
	uint64_t seen, known;
	unsigned int interface_count;
};

static void add_port(uint64_t *ports, unsigned long port)
{
	if (port < PORTS_MAX)
		*ports |= UINT64_C(1) << port;
}

static void see_interface(const struct host *host, const struct interface *interface,
			  struct ports *ports)
{
	char text[16];

	ports->interface_count++;
	if (host_read(host, HOST_SYS, text, sizeof(text), NULL, "class/net/%s/dev_port",
		      interface->name) == 0)
		add_port(&ports->seen, strtoul(text, NULL, 10));
	else
		add_port(&ports->seen, 0);
}

/* "infiniband/mlx4_0/ports/2": from 1. */
static void know_rdma_ports(const struct host *host, const struct device *device,
			    struct ports *ports)
{
	cleanup(host_free_names) char **devices = NULL;

	if (host_list(host, HOST_SYS, &devices, NULL, NULL, "bus/pci/devices/%s/infiniband",
		      ADDR(&device->addr)) < 0)
		return;
	for (size_t i = 0; devices[i]; i++) {
		cleanup(host_free_names) char **names = NULL;

		if (host_list(host, HOST_SYS, &names, NULL, NULL,
			      "bus/pci/devices/%s/infiniband/%s/ports", ADDR(&device->addr),
			      devices[i]) < 0)
			continue;
		for (size_t k = 0; names[k]; k++)
			add_port(&ports->known, strtoul(names[k], NULL, 10) - 1);
	}
}

static void know_ports(const struct host *host, const struct device *device, struct ports *ports)
{
	for (unsigned int port = 0; port < 2; port++)
		if (host_exists(host, HOST_SYS, "bus/pci/devices/%s/mlx4_port%u",
				ADDR(&device->addr), port + 1))
			add_port(&ports->known, port);
	if (driver_has_ports(device->bound.driver))
		know_rdma_ports(host, device, ports);
}

/*
 * Is there a port 0 when there is a port 1? Cards with a function for each port number them
 * through, so that the only port of function 1 is port 1; and a virtual function's is its PF's.
 */
static bool counts_from_zero(const struct device *device, const struct ports *ports)
{
	if (driver_has_ports(device->bound.driver) || ports->interface_count > 1)
		return true;
	return !device->is_vf && ports->seen >> device->addr.function > 1;
}

static uint64_t hidden_ports(const struct device *device, const struct ports *ports)
{
	uint64_t expected = ports->known;

	for (unsigned int port = 0; counts_from_zero(device, ports) && port < PORTS_MAX; port++)
		if (ports->seen >> port)
			expected |= UINT64_C(1) << port;
	return expected & ~ports->seen;
}

static void look_at(const struct host *host, const struct interfaces *interfaces,
		    const struct device *device, struct ports *ports)
{
	for (size_t i = 0; i < interfaces->count; i++)
		if (interfaces->all[i].has_addr &&
		    pci_addr_equal(&interfaces->all[i].addr, &device->addr))
			see_interface(host, &interfaces->all[i], ports);
	if (ports->interface_count > 0)
		know_ports(host, device, ports);
}

char *hidden_evidence(const char *driver)
{
	return xasprintf("cannot be seen here, though driver %s is bound", driver);
}

static void add_device(const struct host *host, const struct interfaces *interfaces,
		       const struct device *device, struct snapshot *snapshot)
{
	struct ports ports = {0};
	uint64_t hidden;
	char *what;

	look_at(host, interfaces, device, &ports);
	hidden = hidden_ports(device, &ports);
	if (ports.interface_count > 0 && !hidden)
		return;
	what = hidden ? xasprintf("the interface of its port %d", __builtin_ctzll(hidden) + 1)
		      : xstrdup("its interface");
	snapshot_add_use(snapshot, USE_NETNS, &device->addr, what,
			 hidden_evidence(device->bound.driver));
}

static bool is_seen(const struct interfaces *interfaces, const struct pci_addr *function)
{
	for (size_t i = 0; i < interfaces->count; i++)
		if (interfaces->all[i].has_addr &&
		    pci_addr_equal(&interfaces->all[i].function, function))
			return true;
	return false;
}

/* Of network cards that a Thunderbolt controller carries. */
static void add_carried(const struct interfaces *interfaces, struct snapshot *snapshot)
{
	for (size_t i = 0; interfaces->networking && i < snapshot->carried_count; i++) {
		const struct carried *carried = &snapshot->carried[i];

		if (carried->kind == CARRIED_USB || carried->class_code >> 16 != 0x02 ||
		    driver_makes_none(carried->driver) || is_seen(interfaces, &carried->addr))
			continue;
		snapshot_add_use(snapshot, USE_NETNS, &carried->carrier,
				 xasprintf("the interface of %s behind it", ADDR(&carried->addr)),
				 hidden_evidence(carried->driver));
	}
}

void hidden_add(const struct host *host, const struct interfaces *interfaces,
		struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->device_count; i++)
		if (makes_interfaces(&snapshot->devices[i], interfaces->networking))
			add_device(host, interfaces, &snapshot->devices[i], snapshot);
	add_carried(interfaces, snapshot);
}
