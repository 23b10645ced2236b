// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which device nodes belong to a PCI function: whatever class device with a number lies below it in
 * sysfs, and where the rest is that by design lies elsewhere. A walk that followed links would
 * never end. Reads nothing but the numbers and names of class devices: an attribute of the function
 * may take its lock or wake it.
 */
#include "scan/nodes.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "scan/nvidia.h"

#define DEPTH_MAX 64 /* hubs behind hubs are half of that */
#define GROUP_SIZE 32

struct node_walk {
	const struct host *host;
	const struct pci_addr *addr;
	struct node *nodes;
	size_t count;
	struct mediated *mediated;
	size_t mediated_count;
	char group[GROUP_SIZE]; /* the function's own; "" none */
	bool in_domain;         /* on a bus of the device's own making */
};

void nodes_free(struct node **nodes, size_t *count)
{
	for (size_t i = 0; i < *count; i++)
		node_done(&(*nodes)[i]);
	free(*nodes);
	*nodes = NULL;
	*count = 0;
}

void mediated_free(struct mediated **mediated, size_t *count)
{
	for (size_t i = 0; i < *count; i++)
		free((*mediated)[i].name);
	free(*mediated);
	*mediated = NULL;
	*count = 0;
}

/* What was plugged out meanwhile is not there. */
static bool has_gone(int code)
{
	return code == ENOENT || code == ENODEV || code == ENXIO;
}

/* --- one class device --- */

/* A short attribute; false where there is none. */
static bool read_attr(int dir, const char *name, char *buffer, size_t size)
{
	auto_close int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t length = fd < 0 ? -1 : read(fd, buffer, size - 1);

	if (length < 0)
		return false;
	buffer[length] = '\0';
	return true;
}

/* A USB device's "uevent" takes its lock, in which a sick one may sit for long. */
static char *read_usb_name(int dir)
{
	char bus[16], number[16];
	unsigned int bus_number, device_number;

	if (!read_attr(dir, "busnum", bus, sizeof(bus)) ||
	    !read_attr(dir, "devnum", number, sizeof(number)) ||
	    sscanf(bus, "%9u", &bus_number) != 1 || sscanf(number, "%9u", &device_number) != 1)
		return NULL;
	return xasprintf("bus/usb/%03u/%03u", bus_number, device_number);
}

static char *read_uevent_name(int dir)
{
	static const char key[] = "DEVNAME=";
	char text[4096], *line;

	if (!read_attr(dir, "uevent", text, sizeof(text)))
		return NULL;
	line = text_starts(text, key) ? text : strstr(text, "\nDEVNAME=");
	if (!line)
		return NULL;
	line = strchr(line, '=') + 1;
	line[strcspn(line, "\n")] = '\0';
	return *line ? xstrdup(line) : NULL;
}

/* Where a link leads to, without the way there; false where it is none. */
static bool read_link(int dir, const char *link, char *buffer, size_t size)
{
	char target[512];
	ssize_t length = readlinkat(dir, link, target, sizeof(target) - 1);
	const char *name;

	if (length < 0)
		return false;
	target[length] = '\0';
	name = strrchr(target, '/');
	name = name ? name + 1 : target;
	if (strlen(name) >= size)
		return false;
	strcpy(buffer, name);
	return true;
}

/* The directory as a node, if it is one. */
static void add_node(struct node_walk *walk, int dir, const char *directory)
{
	char number[32], subsystem[64];
	struct node node = {.addr = *walk->addr};

	if (!read_attr(dir, "dev", number, sizeof(number)) ||
	    sscanf(number, "%9u:%9u", &node.major, &node.minor) != 2 ||
	    !read_link(dir, "subsystem", subsystem, sizeof(subsystem)))
		return;
	node.is_block = text_equal(subsystem, "block");
	node.subsystem = xstrdup(subsystem);
	if (text_equal(subsystem, "usb"))
		node.name = read_usb_name(dir);
	if (!node.name)
		node.name = read_uevent_name(dir);
	if (!node.name)
		node.name = xstrdup(directory);
	array_push(walk->nodes, walk->count, node);
}

/* --- groups, and what is mediated --- */

/* A group's node is there while a member is bound to vfio; one guest has it for all of them. */
static void add_group(struct node_walk *walk, const char *group)
{
	char number[32];
	struct node node = {.addr = *walk->addr};

	/* Without an IOMMU the group goes by another name. */
	if (host_read(walk->host, HOST_SYS, number, sizeof(number), NULL, "class/vfio/%s/dev",
		      group) == 0)
		node.name = xasprintf("vfio/%s", group);
	else if (host_read(walk->host, HOST_SYS, number, sizeof(number), NULL,
			   "class/vfio/noiommu-%s/dev", group) == 0)
		node.name = xasprintf("vfio/noiommu-%s", group);
	else
		return;
	if (sscanf(number, "%9u:%9u", &node.major, &node.minor) != 2) {
		node_done(&node);
		return;
	}
	node.subsystem = xstrdup("vfio");
	array_push(walk->nodes, walk->count, node);
}

/* What a directory's entries say of it, beside its being a node. */
struct marks {
	bool grouped, typed;
};

static void marks_note(struct marks *marks, const char *entry)
{
	marks->grouped |= text_equal(entry, "iommu_group");
	marks->typed |= text_equal(entry, "mdev_type") || text_equal(entry, "vfio-dev");
}

/*
 * A mediated device has a type, and a group of its own in which nothing else is; VFIO has it by
 * itself. A function on a bus that the device makes (see below) has a group, too.
 */
static void add_mediated(struct node_walk *walk, int dir, const char *name,
			 const struct marks *marks)
{
	char group[GROUP_SIZE] = "";
	struct pci_addr function;

	if (pci_addr_parse(name, &function))
		return;
	if (marks->grouped && read_link(dir, "iommu_group", group, sizeof(group)) &&
	    text_equal(group, walk->group))
		group[0] = '\0';
	if (!*group && !marks->typed)
		return;
	array_push(walk->mediated, walk->mediated_count,
		   (struct mediated){.addr = *walk->addr, .name = xstrdup(name)});
	if (*group)
		add_group(walk, group);
}

/* --- the tree of them --- */

static int node_walk_into(struct node_walk *walk, int parent, const char *name, unsigned int depth,
			  struct error *err);

/* Of these there are many, and nodes in none. */
static bool is_skipped(const struct node_walk *walk, const char *name)
{
	struct pci_addr other;

	return name[0] == '.' || text_equal(name, "power") || text_equal(name, "msi_irqs") ||
	       text_equal(name, "statistics") || text_equal(name, "queues") ||
	       (!walk->in_domain && pci_addr_parse(name, &other));
}

/* sysfs says what an entry is; another file system may not. */
static bool is_directory(int dir, const struct dirent *entry)
{
	struct stat file;

	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type == DT_DIR;
	return fstatat(dir, entry->d_name, &file, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISDIR(file.st_mode);
}

/* All that a class directory has of this name, which is a link there: "block", "nvme0n1". */
static int node_walk_class(struct node_walk *walk, const char *class, const char *name,
			   unsigned int depth, struct error *err)
{
	char path[128];

	snprintf(path, sizeof(path), "class/%s/%s", class, name);
	return node_walk_into(walk, walk->host->fd[HOST_SYS], path, depth, err);
}

/*
 * A path to a disk of an NVMe multipath subsystem, which itself is no disk: "nvme0c1n1" leads by
 * way of controller 1 to "nvme0n1", which lies below the subsystem as other controllers have it
 * too.
 */
static int add_multipath(struct node_walk *walk, const char *name, unsigned int depth,
			 struct error *err)
{
	unsigned int subsystem, controller, space;
	char disk[64];
	int end = 0, ret;

	if (sscanf(name, "nvme%9uc%9un%9u%n", &subsystem, &controller, &space, &end) != 3 ||
	    name[end])
		return 0;
	snprintf(disk, sizeof(disk), "nvme%un%u", subsystem, space);
	ret = node_walk_class(walk, "block", disk, depth, err);
	if (ret < 0)
		return ret;
	snprintf(disk, sizeof(disk), "ng%un%u", subsystem, space);
	return node_walk_class(walk, "nvme-generic", disk, depth, err);
}

static int node_walk_entries(struct node_walk *walk, DIR *stream, const char *name,
			     unsigned int depth, struct error *err)
{
	struct marks marks = {0};
	struct dirent *entry;
	int ret = 0;

	for (errno = 0; ret == 0 && (entry = readdir(stream)); errno = 0) {
		bool in_domain = walk->in_domain;

		marks_note(&marks, entry->d_name);
		if (is_skipped(walk, entry->d_name) || !is_directory(dirfd(stream), entry))
			continue;
		/* All on a bus that the device itself makes (Intel VMD) goes when the device does.
		 */
		walk->in_domain |= pci_addr_is_root_bus_name(entry->d_name);
		ret = node_walk_into(walk, dirfd(stream), entry->d_name, depth + 1, err);
		walk->in_domain = in_domain;
		if (ret == 0)
			ret = add_multipath(walk, entry->d_name, depth + 1, err);
	}
	if (ret == 0 && errno && !has_gone(errno))
		return error_errno(err, errno, "list the devices of %s", ADDR(walk->addr));
	if (ret == 0 && depth > 0 && (marks.grouped || marks.typed))
		add_mediated(walk, dirfd(stream), name, &marks);
	return ret;
}

static int node_walk_into(struct node_walk *walk, int parent, const char *name, unsigned int depth,
			  struct error *err)
{
	/* The first is a link of the bus or of a class; below it none is followed. */
	int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC |
		    (parent == walk->host->fd[HOST_SYS] ? 0 : O_NOFOLLOW);
	auto_close int fd = openat(parent, name, flags);
	auto_closedir DIR *stream = NULL;
	const char *slash = strrchr(name, '/');
	const char *own = slash ? slash + 1 : name;

	if (fd < 0 && has_gone(errno))
		return 0;
	if (fd < 0)
		return error_errno(err, errno, "open %s of %s", name, ADDR(walk->addr));
	if (depth > DEPTH_MAX)
		return error_set(err, ELOOP, "%s: a device tree without end", ADDR(walk->addr));
	stream = fdopendir(fd);
	if (!stream)
		return error_errno(err, errno, "list %s of %s", name, ADDR(walk->addr));
	fd = -1;
	if (depth > 0)
		add_node(walk, dirfd(stream), own);
	return node_walk_entries(walk, stream, own, depth, err);
}

/* --- all of it --- */

static int node_walk_function(struct node_walk *walk, struct error *err)
{
	char path[64];
	int ret;

	if (host_read_link_name(walk->host, HOST_SYS, walk->group, sizeof(walk->group), NULL,
				"bus/pci/devices/%s/iommu_group", ADDR(walk->addr)) < 0)
		walk->group[0] = '\0';
	snprintf(path, sizeof(path), "bus/pci/devices/%s", ADDR(walk->addr));
	ret = node_walk_into(walk, walk->host->fd[HOST_SYS], path, 0, err);
	if (ret == 0)
		ret = nvidia_nodes_read(walk->host, walk->addr, &walk->nodes, &walk->count, err);
	if (ret == 0 && *walk->group)
		add_group(walk, walk->group);
	return ret;
}

int nodes_read_mediated(const struct host *host, const struct pci_addr *addr, struct node **nodes,
			size_t *count, struct mediated **mediated, size_t *mediated_count,
			struct error *err)
{
	struct node_walk walk = {.host = host, .addr = addr};
	int ret = node_walk_function(&walk, err);

	if (ret < 0) {
		nodes_free(&walk.nodes, &walk.count);
		mediated_free(&walk.mediated, &walk.mediated_count);
		return ret;
	}
	for (size_t i = 0; i < walk.count; i++) {
		*nodes = array_grow(*nodes, *count, sizeof(**nodes));
		(*nodes)[(*count)++] = walk.nodes[i];
	}
	for (size_t i = 0; i < walk.mediated_count; i++) {
		*mediated = array_grow(*mediated, *mediated_count, sizeof(**mediated));
		(*mediated)[(*mediated_count)++] = walk.mediated[i];
	}
	free(walk.nodes);
	free(walk.mediated);
	return 0;
}

int nodes_read(const struct host *host, const struct pci_addr *addr, struct node **nodes,
	       size_t *count, struct error *err)
{
	struct mediated *mediated = NULL;
	size_t mediated_count = 0;
	int ret = nodes_read_mediated(host, addr, nodes, count, &mediated, &mediated_count, err);

	mediated_free(&mediated, &mediated_count);
	return ret;
}
