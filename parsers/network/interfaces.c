// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which network interface belongs to which PCI function, and which stand on which (bridges, bonds,
 * VLANs and the like), as /sys/class/net shows it: that is, those of this network namespace only.
 * Tests: unit/test-network.c, model/test-survey.c.
 */
#include "parsers/network/interfaces.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "parsers/pci/place.h"

#define PPPOE_MAX ((size_t)4 * 1024 * 1024)

static void interface_done(struct interface *interface)
{
	free(interface->name);
	host_free_names(&interface->lower);
	host_free_names(&interface->upper);
}

void interfaces_done(struct interfaces *interfaces)
{
	for (size_t i = 0; i < interfaces->count; i++)
		interface_done(&interfaces->all[i]);
	free(interfaces->all);
	*interfaces = (struct interfaces){0};
}

/* What is behind the prefix in those of the names that have it. */
static char **pick(char *const *names, const char *prefix)
{
	char **picked = NULL;
	size_t count = 0;

	for (size_t i = 0; names[i]; i++) {
		if (!text_starts(names[i], prefix))
			continue;
		array_push(picked, count, xstrdup(names[i] + strlen(prefix)));
	}
	picked = array_grow(picked, count, sizeof(*picked));
	picked[count] = NULL;
	return picked;
}

static int read_links(const struct host *host, struct interface *interface, struct error *err)
{
	cleanup(host_free_names) char **names = NULL;
	int ret = host_list(host, HOST_SYS, &names, NULL, err, "class/net/%s", interface->name);

	if (ret < 0)
		return ret;
	interface->lower = pick(names, "lower_");
	interface->upper = pick(names, "upper_");
	return 0;
}

/* Type by "DEVTYPE=" of the interface's uevent; heap or NULL. */
static char *read_devtype(const struct host *host, const char *name)
{
	char uevent[1024], *at = uevent, *line;

	if (host_read(host, HOST_SYS, uevent, sizeof(uevent), NULL, "class/net/%s/uevent", name) <
	    0)
		return NULL;
	while ((line = strsep(&at, "\n")))
		if (text_starts(line, "DEVTYPE="))
			return xstrdup(line + strlen("DEVTYPE="));
	return NULL;
}

struct interfaces_reading {
	const struct host *host;
	const struct snapshot *snapshot;
	struct interfaces *interfaces;
};

static int add_interface(void *data, const char *name, const struct place *place, struct error *err)
{
	const struct interfaces_reading *reading = data;
	struct interfaces *interfaces = reading->interfaces;
	struct interface interface = {.name = xstrdup(name),
				      .made = place_below(place, "devices/virtual"),
				      .function = place->addr};
	struct place owner = *place;
	int ret = read_links(reading->host, &interface, err);

	if (ret < 0) {
		interface_done(&interface);
		return ret == -ENOENT ? 0 : ret;
	}
	place_carry(&owner, reading->snapshot);
	interface.has_addr = owner.has_addr;
	interface.addr = owner.addr;
	array_push(interfaces->all, interfaces->count, interface);
	return 0;
}

/* --- PPP over Ethernet, whose interfaces do not say what they stand on --- */

/* The interfaces with such sessions, from "ID ADDRESS INTERFACE" of each. */
static char **read_pppoe(const struct host *host)
{
	auto_free char *table = NULL;
	char **names = NULL, *at, *line, name[64];
	size_t count = 0;

	if (host_read_file(host, HOST_PROC, PPPOE_MAX, &table, NULL, NULL, "net/pppoe") < 0)
		return NULL;
	for (at = table; (line = strsep(&at, "\n"));) {
		if (sscanf(line, "%*8x %*x:%*x:%*x:%*x:%*x:%*x %63s", name) != 1)
			continue;
		array_push(names, count, xstrdup(name));
	}
	names = array_grow(names, count, sizeof(*names));
	names[count] = NULL;
	return names;
}

static void add_lower(struct interface *interface, const char *name)
{
	size_t count = 0;

	/* The NULL at the end counts as an element. */
	while (interface->lower[count++])
		;
	interface->lower = array_grow(interface->lower, count, sizeof(*interface->lower));
	interface->lower[count - 1] = xstrdup(name);
	interface->lower[count] = NULL;
}

/* Whose session is whose is not told: each may be any's. */
static void link_pppoe(const struct host *host, struct interfaces *interfaces)
{
	cleanup(host_free_names) char **sessions = read_pppoe(host);

	for (size_t i = 0; sessions && sessions[0] && i < interfaces->count; i++) {
		auto_free char *type = read_devtype(host, interfaces->all[i].name);

		if (!type || strcmp(type, "ppp") != 0)
			continue;
		for (size_t k = 0; sessions[k]; k++)
			add_lower(&interfaces->all[i], sessions[k]);
	}
}

int interfaces_read(const struct host *host, const struct snapshot *snapshot,
		    struct interfaces *ret, struct error *err)
{
	auto_interfaces struct interfaces interfaces = {
		.networking = host_exists(host, HOST_SYS, "class/net")};
	struct interfaces_reading reading = {host, snapshot, &interfaces};
	int result = place_each(host, "class/net", add_interface, &reading, err);

	if (result < 0)
		return result;
	link_pppoe(host, &interfaces);
	*ret = interfaces;
	interfaces = (struct interfaces){0};
	return 0;
}

bool interface_uses_line(const struct host *host, const char *name)
{
	auto_free char *type = read_devtype(host, name);

	return text_equal(type, "ppp") || text_starts(name, "ppp") || text_starts(name, "sl");
}

char *interface_kind(const struct host *host, const char *name)
{
	char *devtype;

	if (host_exists(host, HOST_SYS, "class/net/%s/bridge", name))
		return xstrdup("bridge");
	if (host_exists(host, HOST_SYS, "class/net/%s/bonding", name))
		return xstrdup("bond");
	if (host_exists(host, HOST_PROC, "net/vlan/%s", name))
		return xstrdup("VLAN");
	devtype = read_devtype(host, name);
	if (devtype && strcmp(devtype, "vlan") == 0) {
		free(devtype);
		return xstrdup("VLAN");
	}
	return devtype ? devtype : xstrdup("interface");
}
