// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What this kernel does when an operation hangs: nothing but a line in its log, or, where somebody
 * has asked for it, the end of the host.
 */
#include "parsers/hung-task.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/device.h"

#define KERNEL "sys/kernel/"

/* 0 where there is no such thing: the kernel was built without, or is older. */
static int read_number(const struct host *host, const char *name, unsigned long *ret,
		       struct error *err)
{
	char text[32], *end;
	int result = host_absent_is_empty(
		host_read(host, HOST_PROC, text, sizeof(text), err, KERNEL "%s", name), text);

	if (result < 0)
		return result;
	*ret = strtoul(text, &end, 10);
	return *end ? error_set(err, EBADMSG, "kernel.%s is no number", name) : 0;
}

static bool may_hang(const struct device *device)
{
	return *device->bound.driver && !device_is_on_vfio(device) &&
	       device_class_needs_proof(device->class_code);
}

int hung_task_read(const struct host *host, struct snapshot *snapshot, struct error *err)
{
	/* The first counts the tasks since 6.19, and was 0 or 1 before. */
	unsigned long panic = 0, timeout_s = 0;
	int ret = read_number(host, "hung_task_panic", &panic, err);

	if (ret == 0 && panic)
		ret = read_number(host, "hung_task_timeout_secs", &timeout_s, err);
	/* Without a timeout nobody looks for hung tasks. */
	if (ret < 0 || !panic || !timeout_s)
		return ret;
	for (size_t i = 0; i < snapshot->device_count; i++) {
		const struct device *device = &snapshot->devices[i];

		if (may_hang(device))
			snapshot_add_use(snapshot, USE_HUNG_TASK, &device->addr,
					 xstrdup("kernel.hung_task_panic"),
					 xasprintf("is set: this host crashes when anything hangs "
						   "in the kernel for %lu s",
						   timeout_s));
	}
	return 0;
}
