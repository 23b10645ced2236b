// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Devices that the host has lost: on a VFIO driver, with nobody who has or wants them there.
 * Tests: ctl/check.bats, ctl/check-host.bats.
 */
#include "base/cleanup.h"
#include "base/text.h"
#include "hostdevctl/check/check.h"
#include "hostdevctl/stranded.h"
#include "parsers/pci/names.h"
#include "parsers/pci/pci.h"

static void name_devices(const struct stranded *stranded, struct guest *guest)
{
	guest->name = xstrdup("");
	for (size_t i = 0; i < stranded->count; i++)
		guest_add_hostdev(guest, &stranded->addrs[i]);
}

void check_stranded(struct check *check)
{
	auto_stranded struct stranded stranded = {0};
	auto_snapshot struct snapshot snapshot = {0};
	auto_guest struct guest guest = {0};
	struct error err = ERROR_INIT;

	/* What cannot be read is told of by who looks after it; then no device is called stranded.
	 */
	if (stranded_find(check->host, &stranded, &err) < 0 || stranded.count == 0)
		return;
	name_devices(&stranded, &guest);
	if (pci_snapshot(check->host, &guest, &snapshot, &err) == 0)
		names_fill(&snapshot);
	for (size_t i = 0; i < stranded.count; i++) {
		const struct device *device = snapshot_device(&snapshot, &stranded.addrs[i]);
		auto_free char *address = xstrdup(ADDR(&stranded.addrs[i]));
		auto_free char *label = xstrdup(device ? LABEL(device) : address);

		check_problem(check, FIND_VFIO_UNASKED, address,
			      "%s is on the driver %s, and no guest has it: it is lost to the host "
			      "until somebody binds it to its driver (driverctl unset-override, "
			      "virsh nodedev-reattach) or the host restarts",
			      label, device ? device->bound.driver : "of VFIO");
	}
}
