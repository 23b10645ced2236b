// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the running kernel must have, and which of its settings make the hook more careful.
 */
#include <string.h>

#include "base/cleanup.h"
#include "hostdevctl/check.h"

static void check_iommu(struct check *check)
{
	if (host_has_entries(check->host, HOST_SYS, "kernel/iommu_groups"))
		findings_add(&check->findings, FIND_IOMMU_ON, FINDING_OK, "IOMMU", "is on");
	else
		findings_add(&check->findings, FIND_IOMMU_OFF, FINDING_PROBLEM, "IOMMU",
			     "is off: no device can be lent; switch on VT-d or AMD-Vi in the "
			     "firmware's settings, on Intel also with intel_iommu=on on the "
			     "kernel's command line");
}

/* A list that modprobe reads, of paths of modules. */
static bool list_has(const struct host *host, const char *release, const char *list)
{
	static const char module[] = "/vfio-pci.ko";
	cleanup(host_unmap) struct host_map map = {0};

	return host_map_file(host, HOST_MODULES, &map, NULL, "%s/%s", release, list) == 0 &&
	       map.data && memmem(map.data, map.length, module, strlen(module));
}

static bool has_vfio(const struct host *host)
{
	char release[128];

	if (host_exists(host, HOST_SYS, "bus/pci/drivers/vfio-pci"))
		return true;
	return host_read(host, HOST_PROC, release, sizeof(release), NULL, "sys/kernel/osrelease") ==
		       0 &&
	       (list_has(host, release, "modules.dep") ||
		list_has(host, release, "modules.builtin"));
}

static void check_vfio(struct check *check)
{
	if (has_vfio(check->host))
		findings_add(&check->findings, FIND_VFIO_THERE, FINDING_OK, "vfio-pci", "is there");
	else
		findings_add(&check->findings, FIND_VFIO_MISSING, FINDING_PROBLEM, "vfio-pci",
			     "this kernel has no such module: no device can be lent; if the kernel "
			     "was updated since the last boot, reboot");
}

static void check_hung_task(struct check *check)
{
	char value[16];

	if (host_read(check->host, HOST_PROC, value, sizeof(value), NULL,
		      "sys/kernel/hung_task_panic") < 0 ||
	    strcmp(value, "0") == 0)
		return;
	findings_add(&check->findings, FIND_HUNG_TASK_PANIC, FINDING_NOTE, "kernel.hung_task_panic",
		     "is set: a driver that does not let go would bring the host down, so the "
		     "hook takes no device from a driver that may hang, unless policy says "
		     "allow = hung-task-panic");
}

/* "none [integrity] confidentiality": the one in brackets. */
static void check_lockdown(struct check *check)
{
	char value[128];

	if (host_read(check->host, HOST_SYS, value, sizeof(value), NULL,
		      "kernel/security/lockdown") < 0 ||
	    strstr(value, "[none]"))
		return;
	findings_add(&check->findings, FIND_LOCKDOWN, FINDING_NOTE, "lockdown",
		     "is on: modules without a signature that the kernel knows are not loaded, "
		     "VFIO's or a device's own");
}

void check_kernel(struct check *check)
{
	check_iommu(check);
	check_vfio(check);
	check_hung_task(check);
	check_lockdown(check);
}
