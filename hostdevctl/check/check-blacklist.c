// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A blacklist of one driver is usual where another driver of that maker has the card. It matters
 * where a graphics card is left without any. Tests: ctl/check.bats, ctl/check-host.bats.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "hostdevctl/check/check.h"
#include "parsers/boot/homes.h"
#include "parsers/boot/tool-traces.h"
#include "parsers/situation.h"

#define CLASS_DISPLAY 0x03
#define CMDLINE_LIMIT (64 * 1024)

static const struct {
	const char *driver;
	unsigned int vendor;
} makers[] = {
	{"nvidia", 0x10de}, {"nouveau", 0x10de}, {"amdgpu", 0x1002},
	{"radeon", 0x1002}, {"i915", 0x8086},
};

static bool is_of_maker(const char *text, unsigned int vendor)
{
	for (size_t i = 0; i < sizeof(makers) / sizeof(makers[0]); i++)
		if (makers[i].vendor == vendor && strstr(text, makers[i].driver))
			return true;
	return false;
}

/* Has the host no driver for it, or none but one that keeps it for guests? */
static bool lacks_driver(const struct host *host, const struct pci_addr *addr)
{
	auto_guest struct guest guest = {.name = xstrdup("")};
	cleanup(situation_done) struct situation situation = {0};
	auto_homes struct homes homes = {0};
	auto_free char *cmdline = NULL;
	struct error err = ERROR_INIT;
	const struct device *device;

	guest_add_hostdev(&guest, addr);
	if (situation_read(host, &guest, &situation, &err) < 0)
		return false;
	device = snapshot_device(&situation.snapshot, addr);
	if (!device)
		return false;
	if (host_read_file(host, HOST_PROC, CMDLINE_LIMIT, &cmdline, NULL, NULL, "cmdline") < 0)
		cmdline = xstrdup("");
	homes_read(host, &situation.snapshot, cmdline, &homes);
	return *homes_driver(&homes, device) == '\0';
}

bool check_blacklist_counts(struct check *check, const struct tool_trace *trace)
{
	cleanup(host_free_names) char **names = NULL;

	if (host_list(check->host, HOST_SYS, &names, NULL, NULL, "bus/pci/devices") < 0)
		return false;
	for (size_t i = 0; names[i]; i++) {
		struct pci_addr addr;

		if (pci_addr_parse(names[i], &addr) &&
		    check_read_id(check->host, names[i], "class") >> 16 == CLASS_DISPLAY &&
		    is_of_maker(trace->text, check_read_id(check->host, names[i], "vendor")) &&
		    lacks_driver(check->host, &addr))
			return true;
	}
	return false;
}
