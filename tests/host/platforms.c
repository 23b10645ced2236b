// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the console stands on: firmware framebuffers as platform devices, where they lie in memory,
 * and the virtual consoles themselves.
 */
#include "tests/host/platforms.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/host/nodes.h"
#include "tests/host/sysfs.h"
#include "tests/host/tree.h"

const struct machine_platform *platform_named(const struct testhost *host, const char *name)
{
	for (size_t i = 0; i < host->machine.platform_count; i++)
		if (strcmp(host->machine.platforms[i].name, name) == 0)
			return &host->machine.platforms[i];
	return NULL;
}

char *platform_dir(const struct testhost *host, const struct machine_platform *platform)
{
	auto_free char *device = NULL;

	if (!platform->below)
		return xasprintf("sys/devices/platform/%s", platform->name);
	device = sysfs_device_dir(&host->machine, machine_device(&host->machine, &platform->addr));
	return xasprintf("%s/%s", device, platform->name);
}

bool platform_bound(const struct testhost *host, const struct machine_platform *platform)
{
	auto_free char *path =
		xasprintf("sys/bus/platform/drivers/%s/%s", platform->driver, platform->name);

	return tree_exists(host->root_fd, path);
}

/* The name under which it keeps its memory; that of the simple one is the firmware's own. */
static const char *resource_name(const struct testhost *host,
				 const struct machine_platform *platform)
{
	if (strncmp(platform->name, "simple-", 7) == 0)
		return "BOOTFB";
	if (!platform_bound(host, platform))
		return NULL;
	return strncmp(platform->name, "vesa-", 5) == 0 ? "vesafb" : "efifb";
}

static void iomem_write(const struct testhost *host)
{
	auto_text struct text lines = TEXT_INIT;

	for (size_t i = 0; i < host->machine.file_count; i++)
		if (strcmp(host->machine.files[i].path, "proc/iomem") == 0)
			return;
	for (size_t i = 0; i < host->machine.device_count; i++)
		if (host->machine.devices[i].bar0)
			text_printf(&lines, "  %s : %s\n", host->machine.devices[i].bar0,
				    ADDR(&host->machine.devices[i].addr));
	for (size_t i = 0; i < host->machine.platform_count; i++) {
		const struct machine_platform *platform = &host->machine.platforms[i];
		const char *name = resource_name(host, platform);

		if (platform->range && name)
			text_printf(&lines, "    %s : %s\n", platform->range, name);
	}
	if (lines.data)
		tree_file(host->root_fd, "proc/iomem", "%s", lines.data);
}

static void bind_platform(struct testhost *host, const struct machine_platform *platform)
{
	auto_free char *dir = platform_dir(host, platform), *link = xasprintf("%s/driver", dir);
	auto_free char *driver = xasprintf("sys/bus/platform/drivers/%s", platform->driver);
	auto_free char *entry = xasprintf("%s/%s", driver, platform->name);

	tree_link(host->root_fd, link, driver);
	tree_link(host->root_fd, entry, dir);
	nodes_platform(host, platform->name, true);
}

static void unbind_platform(struct testhost *host, const struct machine_platform *platform)
{
	auto_free char *dir = platform_dir(host, platform), *link = xasprintf("%s/driver", dir);
	auto_free char *entry =
		xasprintf("sys/bus/platform/drivers/%s/%s", platform->driver, platform->name);

	nodes_platform(host, platform->name, false);
	tree_remove(host->root_fd, link);
	tree_remove(host->root_fd, entry);
}

static void add_platform(struct testhost *host, const struct machine_platform *platform)
{
	auto_free char *dir = platform_dir(host, platform), *uevent = xasprintf("%s/uevent", dir);
	auto_free char *bus = xasprintf("sys/bus/platform/devices/%s", platform->name);
	auto_free char *subsystem = xasprintf("%s/subsystem", dir);
	auto_free char *bind = xasprintf("sys/bus/platform/drivers/%s/bind", platform->driver);
	auto_free char *unbind = xasprintf("sys/bus/platform/drivers/%s/unbind", platform->driver);

	tree_file(host->root_fd, uevent, "MODALIAS=platform:%s\n", platform->driver);
	tree_link(host->root_fd, bus, dir);
	tree_link(host->root_fd, subsystem, "sys/bus/platform");
	tree_file(host->root_fd, bind, "%s", "");
	tree_file(host->root_fd, unbind, "%s", "");
	if (platform->bound)
		bind_platform(host, platform);
}

void platforms_boot(struct testhost *host)
{
	for (size_t i = 0; i < host->machine.platform_count; i++)
		add_platform(host, &host->machine.platforms[i]);
	iomem_write(host);
}

int platform_write(struct testhost *host, const char *driver, bool bind, const char *value)
{
	auto_free char *name = xasprintf("%.*s", (int)strcspn(value, "\n"), value);
	const struct machine_platform *platform = platform_named(host, name);

	if (!platform || strcmp(platform->driver, driver) != 0)
		return ENODEV;
	if (platform_bound(host, platform) == bind)
		return bind ? EBUSY : ENODEV;
	if (bind)
		bind_platform(host, platform);
	else
		unbind_platform(host, platform);
	iomem_write(host);
	return 0;
}

void vtconsoles_boot(struct testhost *host)
{
	for (size_t i = 0; i < host->machine.vtconsole_count; i++) {
		const struct machine_vtconsole *console = &host->machine.vtconsoles[i];
		auto_free char *dir = xasprintf("sys/devices/virtual/vtconsole/%s", console->name);
		auto_free char *link = xasprintf("sys/class/vtconsole/%s", console->name);
		auto_free char *name = xasprintf("%s/name", dir), *bind = xasprintf("%s/bind", dir);
		auto_free char *subsystem = xasprintf("%s/subsystem", dir);

		tree_file(host->root_fd, name, "%s\n", console->label);
		tree_file(host->root_fd, bind, "%d\n", console->bound);
		tree_link(host->root_fd, link, dir);
		tree_link(host->root_fd, subsystem, "sys/class/vtconsole");
	}
}

/* Always a success, whatever came of it. */
int vtconsole_write(struct testhost *host, const char *path, const char *value)
{
	tree_file(host->root_fd, path, "%d\n", strtol(value, NULL, 10) != 0);
	return 0;
}
