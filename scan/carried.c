// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is reached through a Thunderbolt or USB4 controller. A PCI tunnel ends at a port that is
 * another function than the controller, so the tree of devices does not show what depends on what:
 *
 *   - where the firmware tells of it (ACPI "usb4-host-interface"), the kernel has made device links
 *     from the controller to its ports, to USB controllers (until Linux 6.11) and to USB devices;
 *   - a chip of its own is a PCI switch with the controller behind one port and the tunnels behind
 *     the others;
 *   - and where neither is so (many of Ice Lake and Tiger Lake), whatever the user can unplug may
 * be behind the controller, as long as something is plugged into it at all.
 *
 * The kernel leaves PCI tunnels as they are when the controller's driver goes, but the guest's own
 * driver resets the controller, which ends them.
 */
#include "scan/carried.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "scan/link.h"
#include "scan/routers.h"

#define DEVICES "bus/pci/devices"
#define DEPTH_MAX 32 /* six routers in a row, each of them a switch */

#define CLASS_USB4 0x0c0340
#define CLASS_XHCI 0x0c0330
#define CLASS_SYSTEM 0x088000 /* what Thunderbolt 3 controllers call themselves */

struct carried_search {
	const struct host *host;
	const struct pci_addr *carrier;
	char own[LINK_PATH_SIZE]; /* the carrier's directory */
	bool is_driven;
	struct carried *list;
	size_t count;
};

void carried_free(struct carried **list, size_t *count)
{
	for (size_t i = 0; i < *count; i++)
		free((*list)[i].directory);
	free(*list);
	*list = NULL;
	*count = 0;
}

static bool device_path(const struct host *host, const char *name, char path[LINK_PATH_SIZE])
{
	char link[LINK_PATH_SIZE];

	snprintf(link, sizeof(link), DEVICES "/%.64s", name);
	return link_path(host, link, path);
}

static unsigned long read_class(const struct host *host, const char *name)
{
	char text[32];

	if (host_read(host, HOST_SYS, text, sizeof(text), NULL, DEVICES "/%s/class", name) < 0)
		return 0;
	return strtoul(text, NULL, 16);
}

static void read_driver(const struct host *host, const char *name, char driver[CELL_NAME_SIZE])
{
	if (host_read_link_name(host, HOST_SYS, driver, CELL_NAME_SIZE, NULL, DEVICES "/%s/driver",
				name) < 0)
		driver[0] = '\0';
}

static void add(struct carried_search *search, enum carried_kind kind, const struct pci_addr *addr,
		const char *directory)
{
	struct carried *carried;

	for (size_t i = 0; i < search->count; i++)
		if (strcmp(search->list[i].directory, directory) == 0)
			return;
	search->list = array_grow(search->list, search->count, sizeof(*search->list));
	carried = &search->list[search->count++];
	*carried = (struct carried){.kind = kind, .carrier = *search->carrier, .addr = *addr};
	carried->class_code = (uint32_t)read_class(search->host, ADDR(addr));
	carried->directory = xstrdup(directory);
	read_driver(search->host, ADDR(addr), carried->driver);
}

/* All functions below the directory of a port; what is unplugged meanwhile is not there. */
static int add_below(struct carried_search *search, const char *directory, unsigned int depth,
		     struct error *err)
{
	cleanup(host_free_names) char **names = NULL;
	int ret = host_list(search->host, HOST_SYS, &names, NULL, err, "%s", directory);

	if (ret < 0)
		return ret == -ENOENT || ret == -ENODEV ? 0 : ret;
	if (depth > DEPTH_MAX)
		return error_set(err, ELOOP, "%s: devices without end", ADDR(search->carrier));
	for (size_t i = 0; ret == 0 && names[i]; i++) {
		auto_free char *path = NULL;
		struct pci_addr addr;

		if (!pci_addr_parse(names[i], &addr))
			continue;
		path = xasprintf("%s/%s", directory, names[i]);
		add(search, CARRIED_FUNCTION, &addr, path);
		ret = add_below(search, path, depth + 1, err);
	}
	return ret;
}

/* --- device links --- */

/* Of a USB controller only what is on SuperSpeed goes by a tunnel: USB 2 has wires of its own. */
static int add_superspeed(struct carried_search *search, const struct pci_addr *addr,
			  const char *directory, struct error *err)
{
	cleanup(host_free_names) char **names = NULL;
	int ret = host_list(search->host, HOST_SYS, &names, NULL, err, "%s", directory);

	if (ret < 0)
		return ret == -ENOENT || ret == -ENODEV ? 0 : ret;
	for (size_t i = 0; names[i]; i++) {
		auto_free char *path = xasprintf("%s/%s", directory, names[i]);
		char speed[16];

		if (text_starts(names[i], "usb") &&
		    host_read(search->host, HOST_SYS, speed, sizeof(speed), NULL, "%s/speed",
			      path) == 0 &&
		    strtoul(speed, NULL, 10) >= 5000)
			add(search, CARRIED_USB, addr, path);
	}
	return 0;
}

static int add_consumer(struct carried_search *search, const char *name, struct error *err)
{
	char path[LINK_PATH_SIZE];
	struct pci_addr addr;

	if (!pci_addr_parse(name, &addr) || !device_path(search->host, name, path))
		return 0;
	if (read_class(search->host, name) != CLASS_XHCI)
		return add_below(search, path, 0, err);
	return !search->is_driven || routers_any(search->host, search->own, false)
		       ? add_superspeed(search, &addr, path, err)
		       : 0;
}

/* "2-1" on "devices/pci0000:00/0000:00:0d.0/usb2/2-1". */
static void add_usb_consumer(struct carried_search *search, const char *name)
{
	char link[LINK_PATH_SIZE], path[LINK_PATH_SIZE], copy[LINK_PATH_SIZE], *at = copy,
									       *component;
	struct pci_addr addr = {0};

	snprintf(link, sizeof(link), "bus/usb/devices/%.64s", name);
	if (!link_path(search->host, link, path))
		return;
	strcpy(copy, path);
	while ((component = strsep(&at, "/")))
		pci_addr_parse(component, &addr);
	add(search, CARRIED_USB, &addr, path);
}

/* "consumer:pci:0000:00:07.0", before Linux 5.11 without the bus. */
static int add_links(struct carried_search *search, bool *ret_any, struct error *err)
{
	cleanup(host_free_names) char **names = NULL;
	int ret = host_list(search->host, HOST_SYS, &names, NULL, err, "%s", search->own);

	for (size_t i = 0; ret == 0 && names[i]; i++) {
		const char *name = names[i];

		if (!text_starts(name, "consumer:"))
			continue;
		*ret_any = true;
		name += strlen("consumer:");
		if (text_starts(name, "usb:"))
			add_usb_consumer(search, name + strlen("usb:"));
		else
			ret = add_consumer(search, name + (text_starts(name, "pci:") ? 4 : 0), err);
	}
	return ret == -ENOENT || ret == -ENODEV ? 0 : ret;
}

/* --- a chip of its own --- */

/* Cuts the last component off; false where it is no PCI function. */
static bool cut_function(char *path, char name[PCI_ADDR_TEXT_SIZE])
{
	char *slash = strrchr(path, '/');
	struct pci_addr addr;

	if (!slash || !pci_addr_parse(slash + 1, &addr))
		return false;
	pci_addr_format(&addr, name);
	*slash = '\0';
	return true;
}

/*
 * What is directly behind a port of the chip is the chip's own: whatever comes by a cable has a
 * switch of its own in between.
 */
static void mark_own(struct carried_search *search, const char *port)
{
	for (size_t i = 0; i < search->count; i++) {
		struct carried *carried = &search->list[i];

		if (strncmp(carried->directory, port, strlen(port)) == 0 &&
		    !strchr(carried->directory + strlen(port) + 1, '/') &&
		    carried->class_code == CLASS_XHCI)
			carried->kind = CARRIED_BESIDE;
	}
}

/* ".../ROOT PORT/UPSTREAM/PORT/CONTROLLER": the other ports of that switch. */
static int add_switch(struct carried_search *search, struct error *err)
{
	char upstream[LINK_PATH_SIZE], above[LINK_PATH_SIZE], own[PCI_ADDR_TEXT_SIZE],
		port[PCI_ADDR_TEXT_SIZE], name[PCI_ADDR_TEXT_SIZE];
	cleanup(host_free_names) char **names = NULL;
	struct pci_addr addr;
	int ret;

	strcpy(upstream, search->own);
	if (!cut_function(upstream, own) || !cut_function(upstream, port))
		return 0;
	strcpy(above, upstream);
	/* Two functions up. */
	for (int i = 0; i < 2; i++)
		if (!cut_function(above, name))
			return 0;
	ret = host_list(search->host, HOST_SYS, &names, NULL, err, "%s", upstream);
	for (size_t i = 0; ret == 0 && names[i]; i++) {
		auto_free char *path = xasprintf("%s/%s", upstream, names[i]);

		if (!pci_addr_parse(names[i], &addr) || strcmp(names[i], port) == 0)
			continue;
		ret = add_below(search, path, 0, err);
		mark_own(search, path);
	}
	return ret == -ENOENT || ret == -ENODEV ? 0 : ret;
}

/* --- where nothing tells --- */

/* Since Linux 5.14, where the firmware says which ports lead out of the housing. */
static bool is_removable(const struct host *host, const char *name)
{
	char text[16];

	return host_read(host, HOST_SYS, text, sizeof(text), NULL, DEVICES "/%s/removable", name) ==
		       0 &&
	       strcmp(text, "removable") == 0;
}

/* The service of a root port by which it tells of what is plugged in. */
static bool is_hotplug_port(const struct host *host, const char *name)
{
	return host_exists(host, HOST_SYS, DEVICES "/%s/%s:pcie004", name, name);
}

static void add_removable(struct carried_search *search, char *const *names)
{
	char path[LINK_PATH_SIZE];
	struct pci_addr addr;

	for (size_t i = 0; names[i]; i++)
		if (pci_addr_parse(names[i], &addr) && is_removable(search->host, names[i]) &&
		    device_path(search->host, names[i], path))
			add(search, CARRIED_FUNCTION, &addr, path);
}

static int add_hotplug(struct carried_search *search, char *const *names, bool *ret_any,
		       struct error *err)
{
	char path[LINK_PATH_SIZE];
	int ret = 0;

	for (size_t i = 0; ret == 0 && names[i]; i++) {
		if (!is_hotplug_port(search->host, names[i]) ||
		    !device_path(search->host, names[i], path))
			continue;
		*ret_any = true;
		ret = add_below(search, path, 0, err);
	}
	return ret;
}

/* How many functions the path leads through. */
static unsigned int count_functions(const char *path)
{
	char copy[LINK_PATH_SIZE], *at = copy, *component;
	unsigned int count = 0;
	struct pci_addr addr;

	strcpy(copy, path);
	while ((component = strsep(&at, "/")))
		count += pci_addr_parse(component, &addr);
	return count;
}

/* All of this PCI domain that are so far down. */
static void add_deep(struct carried_search *search, char *const *names, unsigned int functions)
{
	char path[LINK_PATH_SIZE];
	struct pci_addr addr;

	for (size_t i = 0; names[i]; i++)
		if (pci_addr_parse(names[i], &addr) && addr.domain == search->carrier->domain &&
		    !pci_addr_equal(&addr, search->carrier) &&
		    device_path(search->host, names[i], path) && count_functions(path) >= functions)
			add(search, CARRIED_FUNCTION, &addr, path);
}

/* Root port, a switch's two ports, device: so deep is all that comes by a cable. */
#define BEHIND_SWITCH 4
#define BEHIND_PORT 2

/* From what is told to what is only likely; the first that finds anything has it. */
static int add_unplugged(struct carried_search *search, char *const *names, struct error *err)
{
	bool any_port = false;
	int ret = 0;

	add_removable(search, names);
	if (search->count == 0)
		ret = add_hotplug(search, names, &any_port, err);
	if (ret < 0 || any_port)
		return ret;
	if (search->count == 0)
		add_deep(search, names, BEHIND_SWITCH);
	if (search->count == 0)
		add_deep(search, names, BEHIND_PORT);
	return 0;
}

/* The other end of a device link, where the controller's own is not to be seen. */
static int add_unknown(struct carried_search *search, struct error *err)
{
	cleanup(host_free_names) char **names = NULL;
	int ret = host_list(search->host, HOST_SYS, &names, NULL, err, DEVICES);

	for (size_t i = 0; ret == 0 && names[i]; i++)
		if (host_exists(search->host, HOST_SYS, DEVICES "/%s/supplier:pci:%s", names[i],
				ADDR(search->carrier)))
			ret = add_consumer(search, names[i], err);
	/* With its driver the kernel knows what is plugged in, and who may have a PCI tunnel. */
	if (ret < 0 || search->count > 0 ||
	    (search->is_driven && !routers_any(search->host, search->own, true)))
		return ret;
	return add_unplugged(search, names, err);
}

/* --- all of it --- */

static bool is_controller(struct carried_search *search)
{
	unsigned long class_code = read_class(search->host, ADDR(search->carrier));
	char driver[CELL_NAME_SIZE];

	if (class_code != CLASS_USB4 && class_code != CLASS_SYSTEM)
		return false;
	read_driver(search->host, ADDR(search->carrier), driver);
	search->is_driven = strcmp(driver, "thunderbolt") == 0;
	return class_code == CLASS_USB4 || search->is_driven;
}

int carried_read(const struct host *host, const struct pci_addr *carrier, struct carried **list,
		 size_t *count, struct error *err)
{
	struct carried_search search = {.host = host, .carrier = carrier};
	bool has_links = false;
	int ret;

	if (!is_controller(&search) || !device_path(host, ADDR(carrier), search.own))
		return 0;
	ret = add_links(&search, &has_links, err);
	if (ret == 0 && !has_links)
		ret = add_switch(&search, err);
	if (ret == 0 && !has_links && search.count == 0)
		ret = add_unknown(&search, err);
	for (size_t i = 0; ret == 0 && i < search.count; i++) {
		*list = array_grow(*list, *count, sizeof(**list));
		(*list)[(*count)++] = search.list[i];
	}
	if (ret < 0)
		carried_free(&search.list, &search.count);
	free(search.list);
	return ret;
}
