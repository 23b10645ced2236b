// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What comes with a driver and goes with it: class devices, their links, their files below /dev and
 * what udev's database says of them.
 */
#include "tests/host/nodes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "tests/host/platforms.h"
#include "tests/host/processes.h"
#include "tests/host/sysfs.h"
#include "tests/host/tree.h"

static char *parent_dir(const struct testhost *host, const struct machine_node *node)
{
	const struct machine_platform *platform = NULL;

	if (!node->parent)
		return sysfs_device_dir(&host->machine,
					machine_device(&host->machine, &node->addr));
	platform = platform_named(host, node->parent);
	return platform ? platform_dir(host, platform) : xasprintf("sys/%s", node->parent);
}

static char *node_dir(const struct testhost *host, const struct machine_node *node)
{
	auto_free char *parent = parent_dir(host, node);

	return xasprintf("%s/%s", parent, node->path);
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

dev_t node_number(const struct machine_node *node)
{
	return makedev(node->number.major, node->number.minor);
}

bool node_exists(const struct testhost *host, const struct machine_node *node)
{
	auto_free char *path = xasprintf("dev/%s", node->name);

	return tree_exists(host->root_fd, path);
}

char *node_udev(const struct machine_node *node)
{
	if (node->numbered)
		return xasprintf("run/udev/data/%c%u:%u", node->block ? 'b' : 'c',
				 node->number.major, node->number.minor);
	if (node->ifindex)
		return xasprintf("run/udev/data/n%u", node->ifindex);
	return xasprintf("run/udev/data/+%s:%s", node->subsystem, base_name(node->path));
}

/* Its directory of links: a bus and a class differ. */
static char *subsystem_dir(const struct machine_node *node)
{
	bool bus = list_has("usb,hid,i2c,platform,scsi,thunderbolt", node->subsystem);

	return xasprintf("sys/%s/%s", bus ? "bus" : "class", node->subsystem);
}

static char *subsystem_link(const struct machine_node *node)
{
	auto_free char *dir = subsystem_dir(node);

	return xasprintf("%s/%s%s", dir, text_starts(dir, "sys/bus/") ? "devices/" : "",
			 base_name(node->path));
}

/* The lines of the host text that speak of it. */
static void add_files(const struct testhost *host, const struct machine_node *node)
{
	auto_free char *dir = node_dir(host, node), *link = subsystem_link(node);
	auto_free char *udev = node_udev(node);
	auto_free char *below = xasprintf("%s/", dir), *below_link = xasprintf("%s/", link);

	for (size_t i = 0; i < host->machine.file_count; i++) {
		const struct machine_file *file = &host->machine.files[i];

		if (text_starts(file->path, below) || text_starts(file->path, below_link))
			kernel_file(host, file);
		if (!node->noudev && strcmp(file->path, udev) == 0)
			kernel_file(host, file);
	}
}

static void add_udev(const struct testhost *host, const struct machine_node *node)
{
	auto_free char *path = node_udev(node);

	if (node->noudev)
		return;
	tree_file(host->root_fd, path, "I:1000000\n%s%s\nG:seat\n",
		  node->numbered ? "E:DEVNAME=/dev/" : "E:ID_PATH=pci-",
		  node->numbered ? node->name : base_name(node->path));
}

static void remove_udev(const struct testhost *host, const struct machine_node *node)
{
	auto_free char *path = node_udev(node);

	tree_remove(host->root_fd, path);
}

static void add_numbered(const struct testhost *host, const struct machine_node *node,
			 const char *dir)
{
	auto_free char *dev = xasprintf("%s/dev", dir), *file = xasprintf("dev/%s", node->name);
	auto_free char *link = xasprintf("sys/dev/%s/%u:%u", node->block ? "block" : "char",
					 node->number.major, node->number.minor);
	auto_free char *whole = xasprintf("sys/block/%s", base_name(node->path));

	tree_file(host->root_fd, dev, "%u:%u\n", node->number.major, node->number.minor);
	tree_link(host->root_fd, link, dir);
	if (node->block && !node->partition)
		tree_link(host->root_fd, whole, dir);
	if (node->plain)
		tree_file(host->root_fd, file, "%s", "");
	else
		tree_node(host->root_fd, file, node->block, node_number(node));
}

static void remove_numbered(const struct testhost *host, const struct machine_node *node)
{
	auto_free char *file = xasprintf("dev/%s", node->name);
	auto_free char *link = xasprintf("sys/dev/%s/%u:%u", node->block ? "block" : "char",
					 node->number.major, node->number.minor);
	auto_free char *whole = xasprintf("sys/block/%s", base_name(node->path));

	tree_remove(host->root_fd, file);
	tree_remove(host->root_fd, link);
	if (node->block && !node->partition)
		tree_remove(host->root_fd, whole);
}

static void add_attributes(const struct testhost *host, const struct machine_node *node,
			   const char *dir)
{
	auto_free char *uevent = xasprintf("%s/uevent", dir), *label = xasprintf("%s/name", dir);
	auto_free char *index = xasprintf("%s/ifindex", dir);
	auto_free char *partition = xasprintf("%s/partition", dir);
	const char *digits = node->path + strlen(node->path);

	while (digits > node->path && digits[-1] >= '0' && digits[-1] <= '9')
		digits--;
	if (node->numbered)
		tree_file(host->root_fd, uevent, "MAJOR=%u\nMINOR=%u\nDEVNAME=%s\n",
			  node->number.major, node->number.minor, node->name);
	else
		tree_file(host->root_fd, uevent, "%s", "");
	if (node->label)
		tree_file(host->root_fd, label, "%s\n", node->label);
	if (node->ifindex)
		tree_file(host->root_fd, index, "%u\n", node->ifindex);
	if (node->partition)
		tree_file(host->root_fd, partition, "%s\n", digits);
}

/*
 * "device" leads to the function, as most do: a walk that follows links never ends. An input
 * device's event node has it lead to the directory above.
 */
static char *device_dir(const struct testhost *host, const struct machine_node *node,
			const char *dir)
{
	const char *name = strrchr(dir, '/') + 1;

	if (strncmp(name, "event", strlen("event")) == 0)
		return xasprintf("%.*s", (int)(name - 1 - dir), dir);
	return parent_dir(host, node);
}

static void add_links(const struct testhost *host, const struct machine_node *node, const char *dir)
{
	auto_free char *class = subsystem_dir(node), *link = subsystem_link(node);
	auto_free char *subsystem = xasprintf("%s/subsystem", dir);
	auto_free char *device = xasprintf("%s/device", dir), *parent = device_dir(host, node, dir);

	tree_dir(host->root_fd, class);
	tree_link(host->root_fd, subsystem, class);
	tree_link(host->root_fd, link, dir);
	if (!node->partition)
		tree_link(host->root_fd, device, parent);
}

static void node_add(const struct testhost *host, const struct machine_node *node)
{
	auto_free char *dir = NULL, *file = xasprintf("dev/%s", node->name);

	if (!node->path) {
		tree_node(host->root_fd, file, node->block, node_number(node));
		return;
	}
	dir = node_dir(host, node);
	tree_dir(host->root_fd, dir);
	add_attributes(host, node, dir);
	add_links(host, node, dir);
	if (node->numbered)
		add_numbered(host, node, dir);
	add_udev(host, node);
	add_files(host, node);
}

/* The first folder below the parent ("drm", "sound") is the driver's as well. */
static void node_remove(const struct testhost *host, const struct machine_node *node)
{
	auto_free char *parent = parent_dir(host, node), *link = subsystem_link(node);
	auto_free char *top =
		xasprintf("%s/%.*s", parent, (int)strcspn(node->path, "/"), node->path);

	if (node->numbered)
		remove_numbered(host, node);
	tree_remove(host->root_fd, link);
	remove_udev(host, node);
	tree_remove(host->root_fd, top);
}

bool node_of(const struct machine_node *node, const struct machine_device *device,
	     const char *driver)
{
	return node->tied && node->driver && pci_addr_equal(&node->addr, &device->addr) &&
	       strcmp(node->driver, driver) == 0;
}

void nodes_bound(struct testhost *host, const struct machine_device *device, const char *driver)
{
	for (size_t i = 0; i < host->machine.node_count; i++)
		if (node_of(&host->machine.nodes[i], device, driver))
			node_add(host, &host->machine.nodes[i]);
}

void nodes_unbound(struct testhost *host, const struct machine_device *device, const char *driver)
{
	for (size_t i = host->machine.node_count; i-- > 0;)
		if (node_of(&host->machine.nodes[i], device, driver))
			node_remove(host, &host->machine.nodes[i]);
}

void nodes_platform(struct testhost *host, const char *platform, bool bound)
{
	for (size_t i = 0; i < host->machine.node_count; i++) {
		const struct machine_node *node = &host->machine.nodes[i];

		if (!node->parent || strcmp(node->parent, platform) != 0)
			continue;
		if (bound)
			node_add(host, node);
		else
			node_remove(host, node);
	}
}

void nodes_boot(struct testhost *host)
{
	for (size_t i = 0; i < host->machine.node_count; i++) {
		const struct machine_node *node = &host->machine.nodes[i];

		if (!node->tied && (!node->parent || text_starts(node->parent, "devices/")))
			node_add(host, node);
	}
	for (size_t i = 0; i < host->machine.device_count; i++)
		if (host->machine.devices[i].driver)
			nodes_bound(host, &host->machine.devices[i],
				    host->machine.devices[i].driver);
}

const struct machine_node *node_at(const struct testhost *host, const char *dir)
{
	for (size_t i = 0; i < host->machine.node_count; i++) {
		const struct machine_node *node = &host->machine.nodes[i];
		auto_free char *path = node->path ? node_dir(host, node) : NULL;

		if (path && strcmp(path, dir) == 0)
			return node;
	}
	return NULL;
}

int node_event(struct testhost *host, const struct machine_node *node, const char *value)
{
	size_t length = strcspn(value, " \n");

	if (length == 6 && strncmp(value, "remove", 6) == 0) {
		remove_udev(host, node);
		processes_let_go(host, node);
		return 0;
	}
	/* Udev learns of it by either. */
	if (!(length == 3 && strncmp(value, "add", 3) == 0) &&
	    !(length == 6 && strncmp(value, "change", 6) == 0))
		return EINVAL;
	add_udev(host, node);
	add_files(host, node);
	return 0;
}
