// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The "unit" cell: whether a unit of systemd runs, and what a display manager has to wait for
 * before it is started again: one that comes up before its card does not look for it later.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "actions/step-ops.h"
#include "actions/watch.h"
#include "base/cleanup.h"
#include "model/device.h"
#include "model/holder.h"

#define START_TIMEOUT_MS 60000
#define SOCKET_TIMEOUT_MS 5000
#define DRM_TIMEOUT_MS 10000
#define MARGIN_MS 20000 /* more than the child that asks systemd takes on top */

/*
 * The cell's word for an ActiveState. One that is on its way down has a word of its own: it neither
 * runs nor has it let go of anything.
 */
static const char *state_word(const char *state)
{
	static const char *const up[] = {"active", "reloading", "activating", "refreshing"};

	for (size_t i = 0; i < sizeof(up) / sizeof(up[0]); i++)
		if (text_equal(state, up[i]))
			return "active";
	return text_equal(state, "deactivating") ? "deactivating" : "inactive";
}

/* Takes the target apart and asks; a user's manager that has ended took its units along. */
static int ask_unit(const struct host *host, const char *target, struct host_unit *ret,
		    struct error *err)
{
	struct error failure = ERROR_INIT;
	const char *name;
	uid_t manager;
	int result;

	if (!unit_target_parse(target, &manager, &name))
		return error_set(err, EINVAL, "not a unit: %.64s", target);
	result = host_unit_read(host, manager, name, ret, &failure);
	if (result == -ENOENT)
		return error_set(err, ENOENT, "systemd knows no unit %s any more", name);
	if (result == -ENOSYS && manager != 0)
		return error_set(err, ENOENT, "the manager of user %u has ended",
				 (unsigned int)manager);
	if (result < 0 && err)
		*err = failure;
	return result;
}

static int unit_read(const struct host *host, const char *target, char ret[CELL_VALUE_SIZE],
		     struct error *err)
{
	cleanup(host_unit_done) struct host_unit unit = {0};
	int result = ask_unit(host, target, &unit, err);

	if (result < 0)
		return result;
	strcpy(ret, state_word(unit.state));
	return 0;
}

struct drm_wait {
	const struct host *host;
	const char *addr;
};

/* Whoever starts before udev has the node in its database takes it for one that is not there. */
static bool udev_knows(const struct host *host, const char *number)
{
	return !host_exists(host, HOST_RUN, "udev/data") ||
	       host_exists(host, HOST_RUN, "udev/data/c%s", number);
}

static int drm_is_back(void *data, struct error *err)
{
	const struct drm_wait *wait = data;
	cleanup(host_free_names) char **names = NULL;

	(void)err;
	if (host_list(wait->host, HOST_SYS, &names, NULL, NULL, "bus/pci/devices/%s/drm",
		      wait->addr) < 0)
		return 0;
	for (size_t i = 0; names[i]; i++) {
		char number[32];

		if (text_starts(names[i], "card") &&
		    host_read(wait->host, HOST_SYS, number, sizeof(number), NULL,
			      "bus/pci/devices/%s/drm/%s/dev", wait->addr, names[i]) == 0 &&
		    udev_knows(wait->host, number))
			return 1;
	}
	return 0;
}

/*
 * Without a driver of the host there is no node to come. A card that is not there at all may be on
 * its way: behind a Thunderbolt controller it comes when its housing is let in again. If it has
 * gone for good, the session starts some seconds later.
 */
static bool may_come(const struct host *host, const char *addr)
{
	char driver[HOST_NAME_SIZE];

	if (!host_exists(host, HOST_SYS, "bus/pci/devices/%s", addr))
		return true;
	return host_read_link_name(host, HOST_SYS, driver, sizeof(driver), NULL,
				   "bus/pci/devices/%s/driver", addr) == 0 &&
	       !device_driver_is_vfio(driver);
}

/* Goes on regardless in the end: a session without that card is better than none. */
static void wait_for_drm(const struct host *host, const char *addr)
{
	struct drm_wait wait = {.host = host, .addr = addr};
	auto_watch struct watch watch;

	watch_init(&watch);
	if (!may_come(host, addr))
		return;
	watch_path(&watch, host, HOST_RUN, WATCH_ENTRIES, "udev/data");
	watch_path(&watch, host, HOST_DEV, WATCH_ENTRIES, ".");
	watch_path(&watch, host, HOST_DEV, WATCH_ENTRIES, "dri");
	watch_until(&watch, drm_is_back, &wait, DRM_TIMEOUT_MS, 250, NULL);
}

/* One that fails has a step of its own, which says so. */
static void start_sockets(struct host *host, uid_t manager, const char *sockets)
{
	char name[CELL_NAME_SIZE * 2];

	while (unit_value_next_socket(&sockets, name))
		host_unit_set(host, manager, name, true, SOCKET_TIMEOUT_MS, NULL);
}

static unsigned int sockets_timeout(const char *sockets)
{
	unsigned int timeout_ms = 0;
	char name[CELL_NAME_SIZE * 2];

	while (unit_value_next_socket(&sockets, name))
		timeout_ms += SOCKET_TIMEOUT_MS;
	return timeout_ms;
}

static int unit_set(struct host *host, const char *target, const char *text, struct error *err)
{
	struct unit_value value;
	const char *name;
	uid_t manager;

	if (!unit_target_parse(target, &manager, &name))
		return error_set(err, EINVAL, "not a unit: %.64s", target);
	if (!unit_value_parse(text, &value))
		return error_set(err, EINVAL, "not a unit's value: %.64s", text);
	if (*value.drm)
		wait_for_drm(host, value.drm);
	start_sockets(host, manager, value.sockets);
	return host_unit_set(host, manager, name, value.active,
			     value.active ? START_TIMEOUT_MS : LIMIT_UNIT_STOP_MS, err);
}

static unsigned int unit_timeout(const char *from, const char *text, const struct limits *limits)
{
	struct unit_value value;

	(void)from;
	(void)limits;
	if (!unit_value_parse(text, &value) || !value.active)
		return LIMIT_UNIT_STOP_MS + MARGIN_MS;
	return (*value.drm ? DRM_TIMEOUT_MS : 0) + sockets_timeout(value.sockets) +
	       START_TIMEOUT_MS + MARGIN_MS;
}

const struct step_ops unit_ops = {
	.read = unit_read,
	.set = unit_set,
	.timeout_for = unit_timeout,
	.read_timeout_ms = 10000,
	.absent = "inactive",
	.queued = true,
};
