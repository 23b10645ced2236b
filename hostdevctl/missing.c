// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What each command says of a device that is not on this host: the words of the planner, which also
 * finds out why, for example that a program hides the device. Tests: ctl/libraries.bats.
 */
#include "hostdevctl/missing.h"

#include "base/cleanup.h"
#include "base/text.h"
#include "hostdevctl/command.h"
#include "parsers/pci/absent.h"

const char *missing_reason(const struct snapshot *snapshot, const struct pci_addr *addr)
{
	const struct absence *absence = snapshot_absence(snapshot, addr);

	return absence ? absence->evidence : "is not on this host";
}

char *missing_text(const struct snapshot *snapshot, const struct pci_addr *addr)
{
	const struct absence *absence = snapshot_absence(snapshot, addr);

	if (!absence)
		return xasprintf("there is no PCI device %s on this host: \"lspci -D\" lists the "
				 "devices that are",
				 ADDR(addr));
	return xasprintf("%s %s. %s", ADDR(addr), absence->evidence, absence->advice);
}

size_t missing_tell(const struct host *host, const struct guest *guest, struct snapshot *snapshot)
{
	bool named = guest->name && *guest->name;
	size_t count = 0;

	absent_read(host, guest, snapshot);
	for (size_t i = 0; i < guest->hostdev_count; i++) {
		const struct pci_addr *addr = &guest->hostdevs[i].addr;
		auto_free char *text = NULL;

		if (snapshot_device(snapshot, addr))
			continue;
		text = missing_text(snapshot, addr);
		command_note("%s%s%s", named ? guest->name : "", named ? ": " : "", text);
		count++;
	}
	return count;
}
