// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a card is to the programs that people sit at: by which ids udev tells them of it, and
 * whether the nvidia driver is free of users that no process accounts for.
 */
#include "parsers/display/console.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "parsers/display/graphics.h"
#include "parsers/display/input.h"
#include "parsers/display/kernel-console.h"
#include "parsers/pci/chipset.h"
#include "parsers/pci/place.h"
#include "parsers/users/terminals.h"
#include "parsers/users/watchdogs.h"
#include "scan/nvidia.h"

/* --- udev --- */

struct console_reading {
	const struct host *host;
	struct snapshot *snapshot;
	const char *subsystem;
};

/* Graphics and sound: what compositors and sound servers follow; also by Thunderbolt. */
static bool is_followed(const struct snapshot *snapshot, const struct place *place)
{
	const struct device *device =
		place->has_addr ? snapshot_device(snapshot, &place->addr) : NULL;

	return device && (device_is_graphics(device) || device->class_code >> 16 == 0x04 ||
			  (device_is_thunderbolt(device) && !strstr(place->path, "/usb")));
}

/* By device number where there is one, else by name. Heap; NULL for what is no card. */
static char *udev_id(const struct console_reading *reading, const char *name)
{
	char number[32];

	if (strcmp(reading->subsystem, "sound") == 0)
		return text_starts(name, "card") ? xasprintf("+sound:%s", name) : NULL;
	/* Connectors ("card0-HDMI-A-1") have no number. */
	if (host_read(reading->host, HOST_SYS, number, sizeof(number), NULL, "class/%s/%s/dev",
		      reading->subsystem, name) < 0)
		return NULL;
	return xasprintf("c%s", number);
}

static int add_udev_device(void *data, const char *name, const struct place *place,
			   struct error *err)
{
	const struct console_reading *reading = data;
	struct snapshot *snapshot = reading->snapshot;
	struct place owner = *place;
	auto_free char *id = NULL;

	(void)err;
	place_carry(&owner, snapshot);
	if (!is_followed(snapshot, &owner))
		return 0;
	id = udev_id(reading, name);
	/* What udev does not know, it tells nobody of. */
	if (!id || !host_exists(reading->host, HOST_RUN, "udev/data/%s", id))
		return 0;
	array_push(snapshot->udev_devices, snapshot->udev_device_count,
		   (struct udev_device){.addr = owner.addr,
					.id = steal(&id),
					.subsystem = xstrdup(reading->subsystem)});
	return 0;
}

static int read_udev(const struct host *host, struct snapshot *snapshot, struct error *err)
{
	struct console_reading drm = {host, snapshot, "drm"}, sound = {host, snapshot, "sound"};
	int ret = place_each(host, "class/drm", add_udev_device, &drm, err);

	return ret < 0 ? ret : place_each(host, "class/sound", add_udev_device, &sound, err);
}

/* --- nvidia --- */

static bool is_nvidia(const struct device *device)
{
	return strcmp(device->bound.driver, "nvidia") == 0 && !device_is_on_vfio(device);
}

/*
 * How many descriptors and mappings share one open file, and how many mappings have none left, is
 * not to be seen from outside. So a process at any of the driver's nodes may account for any number
 * of users: only where there is none, a user is certainly somebody else.
 */
static bool any_process(const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->holder_count; i++) {
		const struct holder *holder = &snapshot->holders[i];

		for (size_t k = 0; k < holder->hold_count; k++)
			if (text_starts(snapshot->nodes[holder->holds[k].node].name, "nvidia"))
				return true;
	}
	return false;
}

/* Its unbind waits for them for ever, and cannot be stopped. */
static void read_nvidia(const struct host *host, struct snapshot *snapshot)
{
	long users = -1;

	if (any_process(snapshot))
		return;
	for (size_t i = 0; i < snapshot->device_count; i++) {
		const struct device *device = &snapshot->devices[i];

		if (!is_nvidia(device))
			continue;
		if (users < 0)
			users = nvidia_users(host);
		if (users > 0)
			snapshot_add_use(snapshot, USE_NVIDIA, &device->addr,
					 xstrdup("module nvidia"),
					 xasprintf("counts %ld user%s that no process accounts for",
						   users, users == 1 ? "" : "s"));
	}
}

int console_read(const struct host *host, struct snapshot *snapshot, struct error *err)
{
	int ret = graphics_read(host, snapshot, err);

	if (ret == 0)
		ret = input_read(host, snapshot, err);
	if (ret == 0)
		ret = read_udev(host, snapshot, err);
	if (ret == 0)
		ret = chipset_read(host, snapshot, err);
	if (ret < 0)
		return ret;
	read_nvidia(host, snapshot);
	watchdogs_read(host, snapshot);
	ret = kernel_console_read(host, snapshot, err);
	return ret < 0 ? ret : terminals_read(host, snapshot, err);
}
