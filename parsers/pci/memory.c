// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which devices are this host's memory: how CXL's memory devices lead to the decoders that map
 * them, which lie elsewhere in sysfs. The firmware may have mapped them long before any driver
 * came, and kernels differ in what they show of that; so only decoders that map nothing say "free".
 */
#include "parsers/pci/memory.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

#define CXL "bus/cxl/devices"
#define CLASS_CXL_MEMORY 0x0502

static void add_use(struct snapshot *snapshot, const struct device *device, const char *what,
		    char *how)
{
	snapshot_add_use(snapshot, USE_MEMORY, &device->addr, xstrdup(what), how);
}

static void add_unknown(struct snapshot *snapshot, const struct device *device, const char *what)
{
	add_use(snapshot, device, what,
		xstrdup("may be memory of this host: no decoder tells that it is not"));
}

/* --- one memory device --- */

/* Its decoders. */
struct decoders {
	const struct host *host;
	char **names;      /* of all that is on CXL's bus */
	unsigned int port; /* the end of the way to the memory device: decoders bear its number */
};

/* "endpoint5", whose "uport" is mem0. */
static bool find_endpoint(struct decoders *decoders, const char *memory)
{
	for (size_t i = 0; decoders->names[i]; i++) {
		char target[64];
		int end = 0;

		if (sscanf(decoders->names[i], "endpoint%9u%n", &decoders->port, &end) == 1 &&
		    !decoders->names[i][end] &&
		    host_read_link_name(decoders->host, HOST_SYS, target, sizeof(target), NULL,
					CXL "/%s/uport", decoders->names[i]) == 0 &&
		    strcmp(target, memory) == 0)
			return true;
	}
	return false;
}

/* The size alone is shown without a lock. False where it cannot be read. */
static bool read_size(const struct decoders *decoders, const char *name, uint64_t *ret)
{
	char text[32], *end;

	if (host_read(decoders->host, HOST_SYS, text, sizeof(text), NULL, CXL "/%s/size", name) < 0)
		return false;
	errno = 0;
	*ret = strtoull(text, &end, 0);
	return end != text && !*end && errno == 0;
}

static bool is_decoder(const struct decoders *decoders, const char *name)
{
	unsigned int port, number;
	int end = 0;

	return sscanf(name, "decoder%9u.%9u%n", &port, &number, &end) == 2 && !name[end] &&
	       port == decoders->port;
}

static void check_decoders(const struct decoders *decoders, const struct device *device,
			   const char *memory, struct snapshot *snapshot)
{
	bool any = false;

	for (size_t i = 0; decoders->names[i]; i++) {
		const char *name = decoders->names[i];
		uint64_t size;

		if (!is_decoder(decoders, name))
			continue;
		any = true;
		if (!read_size(decoders, name, &size)) {
			add_unknown(snapshot, device, memory);
			return;
		}
		if (size == 0)
			continue;
		add_use(snapshot, device, memory,
			xasprintf("is mapped into this host's memory: %" PRIu64 " MiB by %s",
				  size >> 20, name));
		return;
	}
	if (!any)
		add_unknown(snapshot, device, memory);
}

static int check_memory(const struct host *host, const struct device *device, const char *memory,
			struct snapshot *snapshot, struct error *err)
{
	cleanup(host_free_names) char **names = NULL;
	struct decoders decoders = {.host = host};
	int ret = host_list(host, HOST_SYS, &names, NULL, err, CXL);

	if (ret < 0 && ret != -ENOENT)
		return ret;
	decoders.names = names;
	if (ret < 0 || !find_endpoint(&decoders, memory))
		add_unknown(snapshot, device, memory);
	else
		check_decoders(&decoders, device, memory, snapshot);
	return 0;
}

/* --- all of them --- */

/* "cxl/mem0" -> "mem0"; NULL for any other node. */
static const char *memory_of(const struct node *node)
{
	const char *slash = strrchr(node->name, '/');
	const char *name = slash ? slash + 1 : node->name;

	return text_equal(node->subsystem, "cxl") && text_starts(name, "mem") ? name : NULL;
}

/* Few hosts have any, and then not each device's nodes need be looked for among all. */
static bool any_memory_node(const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->node_count; i++)
		if (text_equal(snapshot->nodes[i].subsystem, "dax") ||
		    memory_of(&snapshot->nodes[i]))
			return true;
	return false;
}

/* *ret_any: there was something to look at. */
static int check_nodes(const struct host *host, const struct device *device,
		       struct snapshot *snapshot, bool *ret_any, struct error *err)
{
	for (size_t i = 0; i < snapshot->node_count; i++) {
		const struct node *node = &snapshot->nodes[i];
		const char *memory = memory_of(node);
		int ret = 0;

		if (!pci_addr_equal(&node->addr, &device->addr))
			continue;
		if (text_equal(node->subsystem, "dax"))
			add_use(snapshot, device, node->name,
				xstrdup("is memory for this host and its programs"));
		else if (memory)
			ret = check_memory(host, device, memory, snapshot, err);
		else
			continue;
		if (ret < 0)
			return ret;
		*ret_any = true;
	}
	return 0;
}

static bool is_memory(const struct device *device)
{
	return device->class_code >> 8 == CLASS_CXL_MEMORY ||
	       module_name_equal(device->bound.driver, "cxl_pci");
}

int memory_read(const struct host *host, struct snapshot *snapshot, struct error *err)
{
	bool any_node = any_memory_node(snapshot);

	for (size_t i = 0; i < snapshot->device_count; i++) {
		const struct device *device = &snapshot->devices[i];
		bool any = false;
		int ret = 0;

		/* Whoever gave it to VFIO has taken its memory from the host before. */
		if (device_is_on_vfio(device))
			continue;
		if (any_node)
			ret = check_nodes(host, device, snapshot, &any, err);
		if (ret < 0)
			return ret;
		/* What the firmware maps needs no driver. */
		if (!any && is_memory(device))
			snapshot_add_use(snapshot, USE_MEMORY, &device->addr, NULL,
					 xstrdup("the firmware may have made it memory of this "
						 "host, without any driver"));
	}
	return 0;
}
