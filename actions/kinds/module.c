// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The "module" cell: whether a VFIO driver can take devices. A built-in driver has no module but is
 * registered all the same, so it is the driver that is looked for.
 * Tests: model/test-stuck.c, model/test-starts.c.
 */
#include <errno.h>
#include <string.h>

#include "actions/step-ops.h"

static int module_read(const struct host *host, const char *target, char ret[CELL_VALUE_SIZE],
		       struct error *err)
{
	char driver[HOST_NAME_SIZE];
	int result = host_pci_driver(host, target, driver, sizeof(driver), err);

	if (result < 0 && result != -ENOENT)
		return result;
	strcpy(ret, result == 0 ? "loaded" : "absent");
	return 0;
}

static int module_set(struct host *host, const char *target, const char *value, struct error *err)
{
	if (strcmp(value, "loaded") != 0)
		return error_set(err, EOPNOTSUPP, "modules are never unloaded");
	/* As libvirt loads it (modprobe -b): what the admin has blacklisted stays out. */
	return host_module_load(host, target, HOST_MODULE_BLACKLIST, err);
}

/* Its driver may take devices while it is loaded. */
static unsigned int module_timeout(const char *from, const char *to, const struct limits *limits)
{
	(void)from;
	(void)to;
	return limits->bind_ms;
}

const struct step_ops module_ops = {
	.read = module_read,
	.set = module_set,
	.timeout_for = module_timeout,
	.keep = "kept on purpose", /* another guest may already rely on it */
};
