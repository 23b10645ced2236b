// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The "vtconsole" cell: whether the kernel's text consoles are shown by way of this console driver.
 * The attribute takes every write for a success, and the console's lock for reading as well.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "actions/step-ops.h"
#include "base/cleanup.h"

#define VTCONSOLES "class/vtconsole"

static bool has_framebuffer(const struct host *host)
{
	cleanup(host_free_names) char **names = NULL;

	if (host_list(host, HOST_SYS, &names, NULL, NULL, "class/graphics") < 0)
		return false;
	for (size_t i = 0; names[i]; i++)
		if (text_starts(names[i], "fb") && strcmp(names[i], "fbcon") != 0)
			return true;
	return false;
}

/* The console on framebuffers ("(M) frame buffer device"), as opposed to VGA text or the dummy. */
static bool needs_framebuffer(const struct host *host, const char *target)
{
	char name[64];

	return host_read(host, HOST_SYS, name, sizeof(name), NULL, VTCONSOLES "/%s/name", target) ==
		       0 &&
	       strstr(name, "frame buffer");
}

/*
 * Unbound, and without a framebuffer, it cannot be bound: that is no state to wait for. When one
 * comes, the kernel takes the console over by itself.
 */
static int vtconsole_read(const struct host *host, const char *target, char ret[CELL_VALUE_SIZE],
			  struct error *err)
{
	char bind[8];
	int result;

	if (!host_exists(host, HOST_SYS, VTCONSOLES "/%s", target))
		return error_set(err, ENODEV, "%s is gone", target);
	result = host_read(host, HOST_SYS, bind, sizeof(bind), err, VTCONSOLES "/%s/bind", target);
	if (result < 0)
		return result;
	if (strcmp(bind, "0") != 0) {
		strcpy(ret, "bound");
		return 0;
	}
	if (needs_framebuffer(host, target) && !has_framebuffer(host))
		return error_set(err, ENODEV, "there is no framebuffer that %s could be on",
				 target);
	strcpy(ret, "unbound");
	return 0;
}

static int vtconsole_set(struct host *host, const char *target, const char *value,
			 struct error *err)
{
	bool bound = strcmp(value, "bound") == 0;

	if (!bound && strcmp(value, "unbound") != 0)
		return error_set(err, EINVAL, "not a vtconsole's value: %.64s", value);
	return host_write_attr(host, bound ? "1" : "0", err, VTCONSOLES "/%s/bind", target);
}

const struct step_ops vtconsole_ops = {
	.read = vtconsole_read,
	.set = vtconsole_set,
	.timeout_ms = 15000,
	.read_timeout_ms = 5000,
	.absent = "unbound",
};
