// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The "framebuffer" cell: the driver of a platform device by which the firmware's framebuffer is
 * shown. It sits on the card's memory while the card itself may have no driver at all.
 */
#include <errno.h>
#include <string.h>

#include "actions/step-ops.h"
#include "base/cleanup.h"

#define PLATFORM "bus/platform"

/* The kernel removes the device for good when a driver of the card takes over. */
static int framebuffer_read(const struct host *host, const char *target, char ret[CELL_VALUE_SIZE],
			    struct error *err)
{
	char driver[HOST_NAME_SIZE];
	int result;

	if (!host_exists(host, HOST_SYS, PLATFORM "/devices/%s", target))
		return error_set(err, ENODEV, "%s is gone", target);
	result = host_absent_is_empty(host_read_link_name(host, HOST_SYS, driver, sizeof(driver),
							  err, PLATFORM "/devices/%s/driver",
							  target),
				      driver);
	if (result < 0)
		return result;
	strcpy(ret, *driver ? driver : "none");
	return 0;
}

static int framebuffer_set(struct host *host, const char *target, const char *value,
			   struct error *err)
{
	char now[CELL_VALUE_SIZE];
	int ret = framebuffer_read(host, target, now, err);

	if (ret < 0 || strcmp(now, value) == 0)
		return ret;
	if (strcmp(now, "none") != 0)
		ret = host_write_attr(host, target, err, PLATFORM "/drivers/%s/unbind", now);
	if (ret < 0 || strcmp(value, "none") == 0)
		return ret;
	return host_write_attr(host, target, err, PLATFORM "/drivers/%s/bind", value);
}

static unsigned int framebuffer_timeout(const char *from, const char *to,
					const struct limits *limits)
{
	(void)from;
	return strcmp(to, "none") == 0 ? limits->unbind_ms : limits->bind_ms;
}

const struct step_ops framebuffer_ops = {
	.read = framebuffer_read,
	.set = framebuffer_set,
	.timeout_for = framebuffer_timeout,
	.absent = "none",
};
