// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The nodes of NVIDIA's driver, which registers none with sysfs: fixed numbers, minors in /proc,
 * and majors that differ from boot to boot. Tests: unit/test-gates.c, unit/test-nodes.c.
 */
#include "scan/nvidia.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

#define MAJOR_NVIDIA 195
#define MINOR_CONTROL 255
#define MINOR_MODESET 254
#define FILE_LIMIT (256UL * 1024)

struct nvidia_list {
	const struct pci_addr *addr;
	struct node **nodes;
	size_t *count;
};

/* Takes the name. */
static void add(const struct nvidia_list *list, bool shared, uint32_t major, uint32_t minor,
		char *name)
{
	*list->nodes = array_grow(*list->nodes, *list->count, sizeof(**list->nodes));
	(*list->nodes)[(*list->count)++] = (struct node){
		.addr = *list->addr,
		.shared = shared,
		.major = major,
		.minor = minor,
		.subsystem = xstrdup("nvidia"),
		.name = name,
	};
}

/* The device's own: "Device Minor: \t 0" in a file of such lines. */
static void add_own(const struct host *host, const struct nvidia_list *list)
{
	static const char label[] = "Device Minor:";
	auto_free char *text = NULL;
	unsigned int minor;
	const char *line;
	size_t length;

	if (host_read_file(host, HOST_PROC, FILE_LIMIT, &text, &length, NULL,
			   "driver/nvidia/gpus/%s/information", ADDR(list->addr)) < 0)
		return;
	line = strstr(text, label);
	if (line && sscanf(line + strlen(label), " %9u", &minor) == 1)
		add(list, false, MAJOR_NVIDIA, minor, xasprintf("nvidia%u", minor));
}

/* Major of a character driver in /proc/devices, 0 where there is none. */
static uint32_t find_major(const char *devices, const char *driver)
{
	for (const char *at = devices; at && *at; at = strchr(at, '\n'), at += at ? 1 : 0) {
		unsigned int major;
		char name[64];

		if (text_starts(at, "Block devices:"))
			break;
		if (sscanf(at, " %9u %63s", &major, name) == 2 && text_equal(name, driver))
			return major;
	}
	return 0;
}

/* Of these there is one for each right that a process may be given. */
static void add_capabilities(const struct host *host, const struct nvidia_list *list,
			     uint32_t major)
{
	cleanup(host_free_names) char **names = NULL;
	unsigned int minor;

	if (host_list(host, HOST_DEV, &names, NULL, NULL, "nvidia-caps") < 0)
		return;
	for (size_t i = 0; names[i]; i++)
		if (sscanf(names[i], "nvidia-cap%9u", &minor) == 1)
			add(list, true, major, minor, xasprintf("nvidia-caps/%s", names[i]));
}

static void add_shared(const struct host *host, const struct nvidia_list *list)
{
	auto_free char *devices = NULL;
	uint32_t major;
	size_t length;

	add(list, true, MAJOR_NVIDIA, MINOR_CONTROL, xstrdup("nvidiactl"));
	add(list, true, MAJOR_NVIDIA, MINOR_MODESET, xstrdup("nvidia-modeset"));
	if (host_read_file(host, HOST_PROC, FILE_LIMIT, &devices, &length, NULL, "devices") < 0)
		return;
	major = find_major(devices, "nvidia-uvm");
	if (major) {
		add(list, true, major, 0, xstrdup("nvidia-uvm"));
		add(list, true, major, 1, xstrdup("nvidia-uvm-tools"));
	}
	major = find_major(devices, "nvidia-caps");
	if (major)
		add_capabilities(host, list, major);
}

int nvidia_nodes_read(const struct host *host, const struct pci_addr *addr, struct node **nodes,
		      size_t *count, struct error *err)
{
	const struct nvidia_list list = {.addr = addr, .nodes = nodes, .count = count};
	char driver[HOST_NAME_SIZE];
	int ret = host_absent_is_empty(host_read_link_name(host, HOST_SYS, driver, sizeof(driver),
							   err, "bus/pci/devices/%s/driver",
							   ADDR(addr)),
				       driver);

	if (ret < 0)
		return ret;
	if (!text_equal(driver, "nvidia") &&
	    !host_exists(host, HOST_PROC, "driver/nvidia/gpus/%s", ADDR(addr)))
		return 0;
	add_own(host, &list);
	add_shared(host, &list);
	return 0;
}

long nvidia_users(const struct host *host)
{
	cleanup(host_free_names) char **modules = NULL;
	char text[32];
	size_t count = 0;

	if (host_read(host, HOST_SYS, text, sizeof(text), NULL, "module/nvidia/refcnt") < 0)
		return 0;
	if (host_list(host, HOST_SYS, &modules, &count, NULL, "module/nvidia/holders") < 0)
		count = 0;
	return strtol(text, NULL, 10) - (long)count;
}
