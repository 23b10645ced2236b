// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A made-up machine put back into text: short, for golden files, or every file, for "nothing has
 * changed".
 */
#include "tests/host/testhost.h"

#include <stdlib.h>
#include <string.h>

#include "tests/host/nodes.h"
#include "tests/host/platforms.h"
#include "tests/host/sysfs.h"
#include "tests/host/tree.h"

static void state_device(const struct testhost *host, const char *name, struct text *out)
{
	auto_free char *driver = NULL, *override = NULL, *power = NULL, *d3cold = NULL;
	struct pci_addr addr;

	if (!pci_addr_parse(name, &addr))
		return;
	driver = sysfs_bound(host->root_fd, &addr);
	override = sysfs_get(host->root_fd, &addr, "driver_override");
	power = sysfs_get(host->root_fd, &addr, "power/control");
	d3cold = sysfs_get(host->root_fd, &addr, "d3cold_allowed");
	text_printf(out, "device %s driver=%s", name, driver ? driver : "NONE");
	if (override && strcmp(override, "(null)") != 0)
		text_printf(out, " override=%s", override);
	text_printf(out, " power=%s", power);
	if (d3cold)
		text_printf(out, " d3cold=%s", d3cold);
	text_append(out, "\n", 1);
}

static void state_driver(const struct testhost *host, const char *name, struct text *out)
{
	auto_free char *path = xasprintf("sys/bus/pci/drivers/%s/module", name);
	auto_free char *module = tree_link_name(host->root_fd, path);

	text_printf(out, "driver %s", name);
	if (module)
		text_printf(out, " module=%s", module);
	else
		text_printf(out, " builtin");
	text_append(out, "\n", 1);
}

static void state_module(const struct testhost *host, const char *name, struct text *out)
{
	auto_free char *path = xasprintf("sys/module/%s/initstate", name);

	if (tree_exists(host->root_fd, path))
		text_printf(out, "module %s\n", name);
}

static void state_unit(const struct testhost *host, const char *name, struct text *out)
{
	auto_free char *path = xasprintf("units/%s", name), *state = NULL;

	state = tree_read(host->root_fd, path);
	text_printf(out, "unit %s %s\n", name, state);
}

static void state_users(const struct testhost *host, struct text *out)
{
	const struct machine *machine = &host->machine;

	for (size_t i = 0; i < machine->unit_count; i++)
		state_unit(host, machine->units[i].name, out);
	for (size_t i = 0; i < machine->vtconsole_count; i++) {
		auto_free char *path =
			xasprintf("sys/class/vtconsole/%s/bind", machine->vtconsoles[i].name);
		auto_free char *bound = tree_read(host->root_fd, path);

		text_printf(out, "vtconsole %s bound=%s\n", machine->vtconsoles[i].name, bound);
	}
	for (size_t i = 0; i < machine->platform_count; i++)
		text_printf(out, "platform %s driver=%s\n", machine->platforms[i].name,
			    platform_bound(host, &machine->platforms[i])
				    ? machine->platforms[i].driver
				    : "NONE");
}

static void state_nodes(const struct testhost *host, struct text *out)
{
	for (size_t i = 0; i < host->machine.node_count; i++) {
		const struct machine_node *node = &host->machine.nodes[i];
		auto_free char *udev = node->path ? node_udev(node) : NULL;

		if (node->numbered && node_exists(host, node))
			text_printf(out, "node %s\n", node->name);
		if (udev && tree_exists(host->root_fd, udev))
			text_printf(out, "udev %s\n", strrchr(udev, '/') + 1);
	}
}

static void state_processes(const struct testhost *host, struct text *out)
{
	cleanup(host_free_names) char **names = NULL;

	if (host->machine.process_count == 0 ||
	    host_list(&host->host, HOST_PROC, &names, NULL, NULL, ".") < 0)
		return;
	for (size_t i = 0; names[i]; i++) {
		auto_free char *path = xasprintf("proc/%s/comm", names[i]);
		auto_free char *comm = tree_read(host->root_fd, path);

		if (comm)
			text_printf(out, "process %s %s\n", names[i], comm);
	}
}

char *testhost_state(const struct testhost *host)
{
	static const struct {
		const char *dir;
		void (*print)(const struct testhost *host, const char *name, struct text *out);
	} parts[] = {
		{"bus/pci/devices", state_device},
		{"bus/pci/drivers", state_driver},
		{"module", state_module},
	};
	struct text out = TEXT_INIT;

	text_append(&out, "", 0);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		cleanup(host_free_names) char **names = NULL;

		if (host_list(&host->host, HOST_SYS, &names, NULL, NULL, "%s", parts[i].dir) < 0)
			continue;
		for (size_t j = 0; names[j]; j++)
			parts[i].print(host, names[j], &out);
	}
	state_users(host, &out);
	state_nodes(host, &out);
	state_processes(host, &out);
	return out.data;
}

static bool is_vfio_module(const char *line)
{
	bool module = text_starts(line, "sys/module/") || text_starts(line, "sys/bus/pci/drivers/");

	return module && strstr(line, "vfio") != NULL;
}

char *testhost_tree(const struct testhost *host)
{
	auto_text struct text all = TEXT_INIT;
	struct text out = TEXT_INIT;
	char *rest, *line;

	tree_list(host->root_fd, "sys", &all);
	tree_list(host->root_fd, "dev", &all);
	tree_list(host->root_fd, "run/udev/data", &all);
	tree_list(host->root_fd, "units", &all);
	text_append(&out, "", 0);
	rest = all.data;
	while ((line = strsep(&rest, "\n")))
		if (*line && !is_vfio_module(line))
			text_printf(&out, "%s\n", line);
	return out.data;
}
