// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the running kernel must have, and which of its settings make the hook more careful.
 * Tests: ctl/check.bats, ctl/check-host.bats.
 */
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "hostdevctl/check/check.h"
#include "model/kernel-fault.h"

/* --- VFIO --- */

/* Lists of paths that modprobe reads. */
static bool list_has(const struct host *host, const char *release, const char *list,
		     const char *module)
{
	auto_free char *file = xasprintf("/%s.ko", module);
	cleanup(host_unmap) struct host_map map = {0};

	return host_map_file(host, HOST_MODULES, &map, NULL, "%s/%s", release, list) == 0 &&
	       map.data && memmem(map.data, map.length, file, strlen(file));
}

/* How the kernel has the module; NULL: not at all. file: as it is spelled on the disk. */
static const char *find_module(const struct host *host, const char *release, const char *module,
			       const char *file)
{
	/* What is built in may have a folder there as well. */
	if (list_has(host, release, "modules.builtin", file))
		return "is built in";
	if (host_exists(host, HOST_SYS, "module/%s", module))
		return "is loaded";
	return list_has(host, release, "modules.dep", file) ? "can be loaded" : NULL;
}

static void tell_missing(struct check *check, const char *release, const char *module)
{
	if (host_exists(check->host, HOST_MODULES, "%s/modules.dep", release))
		check_problem(check, FIND_VFIO_MISSING, module,
			      "this kernel (%s) has no such module, and no device can be lent: "
			      "install the distribution's full kernel, and restart the host",
			      release);
	else
		check_problem(check, FIND_VFIO_MISSING, module,
			      "the modules of the running kernel (%s) are not on the disk, and no "
			      "device can be lent: after an update of the kernel, restart the host",
			      release);
}

static void check_vfio(struct check *check)
{
	const struct host *host = check->host;
	const char *how, *type1, *iommufd;
	char release[128] = "";

	if (host_read(host, HOST_PROC, release, sizeof(release), NULL, "sys/kernel/osrelease") < 0)
		return;
	how = find_module(host, release, "vfio_pci", "vfio-pci");
	type1 = find_module(host, release, "vfio_iommu_type1", "vfio_iommu_type1");
	iommufd = find_module(host, release, "iommufd", "iommufd");
	if (!how)
		tell_missing(check, release, "vfio-pci");
	/* Only what lists all modules can say that there is none. */
	else if (!type1 && !iommufd && host_exists(host, HOST_MODULES, "%s/modules.dep", release))
		tell_missing(check, release, "vfio_iommu_type1");
	else
		check_ok(check, FIND_VFIO_THERE, "vfio-pci", "%s", how);
}

/* --- settings --- */

static void check_release(struct check *check)
{
	const struct kernel_fault *fault;
	char release[128];

	if (host_read(check->host, HOST_PROC, release, sizeof(release), NULL,
		      "sys/kernel/osrelease") < 0)
		return;
	fault = kernel_fault_find(release);
	if (fault)
		check_problem(check, FIND_KERNEL_BAD, release,
			      "this kernel has a known fault: %s. Kernel %s has it no more",
			      fault->what, fault->fixed);
}

static void check_hung_task(struct check *check)
{
	char value[16];

	if (host_read(check->host, HOST_PROC, value, sizeof(value), NULL,
		      "sys/kernel/hung_task_panic") < 0 ||
	    strcmp(value, "0") == 0)
		return;
	check_note(check, FIND_HUNG_TASK_PANIC, "kernel.hung_task_panic",
		   "is set: a driver that does not let go would bring the host down, so the hook "
		   "takes no device from a driver that may hang, unless policy says allow = "
		   "hung-task-panic");
}

/* "none [integrity] confidentiality": the one in brackets. */
static void check_lockdown(struct check *check)
{
	char value[128];

	if (host_read(check->host, HOST_SYS, value, sizeof(value), NULL,
		      "kernel/security/lockdown") < 0 ||
	    strstr(value, "[none]"))
		return;
	check_note(check, FIND_LOCKDOWN, "lockdown",
		   "is on: modules without a signature that the kernel knows are not loaded, "
		   "VFIO's or a device's own");
}

void check_kernel(struct check *check)
{
	check_vfio(check);
	check_release(check);
	check_hung_task(check);
	check_lockdown(check);
}
