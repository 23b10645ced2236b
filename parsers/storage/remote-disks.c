// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which block devices are another machine's, as their places in sysfs tell, and where each protocol
 * has the addresses of its other end.
 */
#include "parsers/storage/remote-disks.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/sysmacros.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "parsers/pci/place.h"
#include "parsers/storage/blocks.h"
#include "parsers/storage/fabrics.h"
#include "parsers/storage/nbd.h"
#include "parsers/storage/peers.h"

#define BLOCK "class/block"

struct remote_disks_reading {
	const struct host *host;
	struct controllers controllers;
	struct remote_disks *result;
};

static void remote_disks_reading_done(struct remote_disks_reading *reading)
{
	controllers_done(&reading->controllers);
}

void remote_disk_done(struct remote_disk *remote)
{
	ways_done(&remote->ways);
	free(remote->multipath);
}

void remote_disks_done(struct remote_disks *disks)
{
	for (size_t i = 0; i < disks->disks.count; i++)
		remote_disk_done(&disks->remote[i]);
	free(disks->remote);
	disks_done(&disks->disks);
	*disks = (struct remote_disks){0};
}

static void add_unknown(struct ways *ways)
{
	const struct way unknown = {0};

	ways_add(ways, &unknown);
}

static void add_peers(struct ways *ways, const struct peers *peers, const struct way *like)
{
	for (size_t i = 0; i < peers->count; i++) {
		struct way way = *like;

		way.has_address = true;
		way.address = peers->all[i];
		way.interface = like->interface ? xstrdup(like->interface) : NULL;
		ways_add(ways, &way);
	}
}

/* An attribute that is a single address; false where it is none. */
static bool read_inet(const struct host *host, const char *directory, const char *attribute,
		      struct inet *ret)
{
	char text[128];

	return host_read(host, HOST_SYS, text, sizeof(text), NULL, "%s/%s", directory, attribute) ==
		       0 &&
	       inet_parse(text, ret);
}

/* Has it another word than the one for "works"? What sysfs does not tell speaks against nothing. */
static bool says_other(const struct host *host, const char *path, const char *works)
{
	char text[64];

	return host_read(host, HOST_SYS, text, sizeof(text), NULL, "%s", path) == 0 &&
	       strcasecmp(text, works) != 0;
}

/* --- NVMe over fabrics --- */

static void add_controller(struct remote_disk *remote, const struct controller *controller,
			   bool open)
{
	struct way way = {
		.has_address = controller->has_address,
		.address = controller->address,
		.has_local = controller->has_local,
		.local = controller->local,
		.interface = controller->interface ? xstrdup(controller->interface) : NULL,
		.dead = !open,
	};

	remote->protocol = controller->protocol;
	ways_add(&remote->ways, &way);
}

static bool any_over_network(const struct controllers *controllers)
{
	for (size_t i = 0; i < controllers->count; i++)
		if (controllers->all[i].fabric == FABRIC_NET)
			return true;
	return false;
}

/* Each disk is looked for at each controller: not where all of them are the host's own. */
static bool find_fabrics(const struct remote_disks_reading *reading, const char *name,
			 const struct place *place, struct remote_disk *remote)
{
	(void)place;
	if (!any_over_network(&reading->controllers))
		return false;
	for (size_t i = 0; i < reading->controllers.count; i++) {
		const struct controller *controller = &reading->controllers.all[i];
		bool open;

		if (!controller_has(reading->host, controller, name, &open))
			continue;
		if (controller->fabric == FABRIC_NET)
			add_controller(remote, controller, open);
		else
			remote->other_way |= open;
	}
	return remote->ways.count > 0;
}

/* --- iSCSI --- */

/* ".../host2/session1/..." */
static bool find_numbers(const char *path, unsigned int *ret_host, unsigned int *ret_session)
{
	const char *session = strstr(path, "/session"), *host = NULL;

	if (!session || sscanf(session, "/session%9u/", ret_session) != 1)
		return false;
	for (const char *at = path; (at = strstr(at, "/host")) && at < session; at++)
		host = at;
	return host && sscanf(host, "/host%9u/", ret_host) == 1;
}

static void add_connections(const struct host *host, const char *prefix, const struct way *like,
			    struct ways *ways)
{
	cleanup(host_free_names) char **names = NULL;

	if (host_list(host, HOST_SYS, &names, NULL, NULL, "class/iscsi_connection") < 0)
		return;
	for (size_t i = 0; names[i]; i++) {
		auto_free char *directory = xasprintf("class/iscsi_connection/%s", names[i]);
		struct way way = *like;

		if (!text_starts(names[i], prefix))
			continue;
		way.has_address = read_inet(host, directory, "address", &way.address) ||
				  read_inet(host, directory, "persistent_address", &way.address);
		way.interface = like->interface ? xstrdup(like->interface) : NULL;
		ways_add(ways, &way);
	}
}

static bool find_iscsi(const struct remote_disks_reading *reading, const char *name,
		       const struct place *place, struct remote_disk *remote)
{
	auto_free char *prefix = NULL, *session_state = NULL, *device_state = NULL, *own = NULL;
	unsigned int host_number, session;
	struct way way = {0};
	char interface[64];

	/* In hardware: a disk of that adapter, which has an address of its own. */
	if (place->has_addr || !find_numbers(place->path, &host_number, &session))
		return false;
	prefix = xasprintf("connection%u:", session);
	session_state = xasprintf("class/iscsi_session/session%u/state", session);
	device_state = xasprintf(BLOCK "/%s/device/state", name);
	own = xasprintf("class/iscsi_host/host%u", host_number);
	way.dead = says_other(reading->host, session_state, "LOGGED_IN") ||
		   says_other(reading->host, device_state, "running");
	way.has_local = read_inet(reading->host, own, "ipaddress", &way.local);
	if (host_read(reading->host, HOST_SYS, interface, sizeof(interface), NULL, "%s/netdev",
		      own) == 0 &&
	    host_exists(reading->host, HOST_SYS, "class/net/%s", interface))
		way.interface = interface;
	add_connections(reading->host, prefix, &way, &remote->ways);
	if (remote->ways.count == 0)
		add_unknown(&remote->ways);
	remote->protocol = "iSCSI";
	return true;
}

/* --- others --- */

static bool find_nbd(const struct remote_disks_reading *reading, const char *name,
		     const struct place *place, struct remote_disk *remote)
{
	(void)place;
	remote->protocol = "nbd";
	return text_starts(name, "nbd") && nbd_read_ways(reading->host, name, &remote->ways);
}

/*
 * The monitors stand in front of the options that it was mapped by; where the data are only they
 * know, so that each of them, and the address that it is reached from, counts by itself.
 */
static bool find_rbd(const struct remote_disks_reading *reading, const char *name,
		     const struct place *place, struct remote_disk *remote)
{
	auto_peers struct peers monitors = {0}, own = {0};
	unsigned int number;
	struct way way = {0};
	char text[4096];

	(void)place;
	if (sscanf(name, "rbd%9u", &number) != 1)
		return false;
	remote->protocol = "rbd";
	if (host_read(reading->host, HOST_SYS, text, sizeof(text), NULL,
		      "bus/rbd/devices/%u/client_addr", number) == 0)
		peers_parse(reading->host, text, &own);
	way.has_local = own.count > 0;
	if (way.has_local)
		way.local = own.all[0];
	if (host_read(reading->host, HOST_SYS, text, sizeof(text), NULL,
		      "bus/rbd/devices/%u/config_info", number) == 0) {
		text[strcspn(text, " ")] = '\0';
		peers_parse(reading->host, text, &monitors);
	}
	add_peers(&remote->ways, &monitors, &way);
	if (remote->ways.count == 0)
		ways_add(&remote->ways, &way);
	remote->all_needed = true;
	return true;
}

/* ATA over Ethernet has no addresses but of cards; "netif" is "eth0" or "eth0,eth1". */
static bool find_aoe(const struct remote_disks_reading *reading, const char *name,
		     const struct place *place, struct remote_disk *remote)
{
	char text[512] = "", *rest = text, *interface;

	(void)place;
	if (!text_starts(name, "etherd!"))
		return false;
	remote->protocol = "AoE";
	if (host_read(reading->host, HOST_SYS, text, sizeof(text), NULL, BLOCK "/%s/netif", name) <
	    0)
		host_read(reading->host, HOST_SYS, text, sizeof(text), NULL, "block/%s/netif",
			  name);
	while ((interface = strsep(&rest, ", "))) {
		struct way way = {.interface = *interface ? xstrdup(interface) : NULL};

		if (way.interface)
			ways_add(&remote->ways, &way);
	}
	if (remote->ways.count == 0)
		add_unknown(&remote->ways);
	return true;
}

/* "ip:192.0.2.1@ip:192.0.2.7": from here to there. */
static void add_rtrs(const struct host *host, const char *session, const char *path,
		     struct ways *ways)
{
	auto_free char *text = xstrdup(path);
	auto_free char *state = xasprintf("class/rtrs-client/%s/paths/%s/state", session, path);
	char *there = strchr(text, '@');
	struct way way = {.dead = says_other(host, state, "connected")};

	if (there)
		*there++ = '\0';
	way.has_local =
		there && text_starts(text, "ip:") && inet_parse(text + strlen("ip:"), &way.local);
	way.has_address = there && text_starts(there, "ip:") &&
			  inet_parse(there + strlen("ip:"), &way.address);
	ways_add(ways, &way);
}

static bool find_rnbd(const struct remote_disks_reading *reading, const char *name,
		      const struct place *place, struct remote_disk *remote)
{
	cleanup(host_free_names) char **paths = NULL;
	char session[256];

	(void)place;
	if (!text_starts(name, "rnbd"))
		return false;
	remote->protocol = "RNBD";
	if (host_read(reading->host, HOST_SYS, session, sizeof(session), NULL,
		      BLOCK "/%s/rnbd/session", name) == 0 &&
	    host_list(reading->host, HOST_SYS, &paths, NULL, NULL, "class/rtrs-client/%s/paths",
		      session) == 0)
		for (size_t i = 0; paths[i]; i++)
			add_rtrs(reading->host, session, paths[i], &remote->ways);
	if (remote->ways.count == 0)
		add_unknown(&remote->ways);
	return true;
}

/* A host of SCSI that hangs below a VLAN or such, as Fibre Channel over Ethernet does. */
static bool find_interface(const struct remote_disks_reading *reading, const char *name,
			   const struct place *place, struct remote_disk *remote)
{
	static const char below[] = "devices/virtual/net";
	struct way way = {0};

	(void)reading;
	(void)name;
	if (!place_below(place, below))
		return false;
	way.interface = xstrdup(place->path + sizeof(below));
	way.interface[strcspn(way.interface, "/")] = '\0';
	ways_add(&remote->ways, &way);
	remote->protocol = "FCoE";
	return true;
}

static bool find_usbip(const struct remote_disks_reading *reading, const char *name,
		       const struct place *place, struct remote_disk *remote)
{
	(void)reading;
	(void)name;
	if (!strstr(place->path, "/vhci_hcd."))
		return false;
	add_unknown(&remote->ways);
	remote->protocol = "USB/IP";
	return true;
}

/* --- all of them --- */

static bool find_ways(const struct remote_disks_reading *reading, const char *name,
		      const struct place *place, struct remote_disk *remote)
{
	static bool (*const finders[])(const struct remote_disks_reading *, const char *,
				       const struct place *, struct remote_disk *) = {
		find_fabrics, find_iscsi, find_nbd,       find_rbd,
		find_aoe,     find_rnbd,  find_interface, find_usbip,
	};

	for (size_t i = 0; i < sizeof(finders) / sizeof(*finders); i++)
		if (finders[i](reading, name, place, remote))
			return true;
	return false;
}

static int add_block(void *data, const char *name, const struct place *place, struct error *err)
{
	const struct remote_disks_reading *reading = data;
	struct remote_disks *result = reading->result;
	const struct pci_addr none = {0};
	struct remote_disk remote = {0};
	auto_free char *node = NULL;
	dev_t device;

	(void)err;
	if (block_is_partition(reading->host, name) ||
	    block_number(reading->host, name, &device, NULL) < 0 ||
	    !find_ways(reading, name, place, &remote))
		return 0;
	node = block_node(name);
	result->remote = array_grow(result->remote, result->disks.count, sizeof(remote));
	result->remote[result->disks.count] = remote;
	disks_add(reading->host, &result->disks, &none, node, device);
	result->disks.disks[result->disks.count - 1].apart = true;
	return 0;
}

/* --- multipath by the device mapper --- */

static bool is_remote(const struct remote_disks *disks, const char *name)
{
	for (size_t i = 0; i < disks->disks.count; i++)
		if (strcmp(disks->disks.disks[i].name, name) == 0)
			return true;
	return false;
}

static bool has_local_way(const struct host *host, const struct remote_disks *disks,
			  const char *multipath)
{
	cleanup(host_free_names) char **slaves = NULL;

	if (host_list(host, HOST_SYS, &slaves, NULL, NULL, BLOCK "/%s/slaves", multipath) < 0)
		return false;
	for (size_t i = 0; slaves[i]; i++)
		if (!is_remote(disks, slaves[i]))
			return true;
	return false;
}

static void find_multipath(const struct host *host, struct remote_disks *disks, size_t index)
{
	struct remote_disk *remote = &disks->remote[index];
	cleanup(host_free_names) char **holders = NULL;
	char uuid[256];

	if (host_list(host, HOST_SYS, &holders, NULL, NULL, BLOCK "/%s/holders",
		      disks->disks.disks[index].name) < 0)
		return;
	for (size_t i = 0; holders[i] && !remote->multipath; i++)
		if (host_read(host, HOST_SYS, uuid, sizeof(uuid), NULL, BLOCK "/%s/dm/uuid",
			      holders[i]) == 0 &&
		    text_starts(uuid, "mpath-"))
			remote->multipath = xstrdup(holders[i]);
	if (remote->multipath)
		remote->other_way |= has_local_way(host, disks, remote->multipath);
}

int remote_disks_read(const struct host *host, struct remote_disks *ret, struct error *err)
{
	auto_remote_disks struct remote_disks disks = {0};
	cleanup(remote_disks_reading_done) struct remote_disks_reading reading = {.host = host,
										  .result = &disks};
	int result = controllers_read(host, &reading.controllers, err);

	if (result == 0)
		result = place_each(host, BLOCK, add_block, &reading, err);
	if (result < 0)
		return result;
	for (size_t i = 0; i < disks.disks.count; i++)
		find_multipath(host, &disks, i);
	*ret = disks;
	disks = (struct remote_disks){0};
	return 0;
}

/* --- disks that sysfs does not show --- */

static bool find_nvme(struct remote_disks_reading *reading, const char *node,
		      struct remote_disk *remote)
{
	char name[32];

	if (!controller_of_node(reading->host, node, name, sizeof(name)) ||
	    controllers_read(reading->host, &reading->controllers, NULL) < 0)
		return false;
	for (size_t i = 0; i < reading->controllers.count; i++) {
		const struct controller *controller = &reading->controllers.all[i];

		if (controller->fabric == FABRIC_NET && strcmp(controller->name, name) == 0)
			add_controller(remote, controller, true);
	}
	return remote->ways.count > 0;
}

/* "/dev/nbd0p1", "/dev/rbd0", "/dev/etherd/e1.0p2": the disk, as sysfs would call it. */
static bool disk_of_node(const char *node, char *ret, size_t size)
{
	unsigned int number, slot;

	if (sscanf(node, "/dev/nbd%9u", &number) == 1)
		snprintf(ret, size, "nbd%u", number);
	else if (sscanf(node, "/dev/rbd%9u", &number) == 1)
		snprintf(ret, size, "rbd%u", number);
	else if (sscanf(node, "/dev/etherd/e%9u.%9u", &number, &slot) == 2)
		snprintf(ret, size, "etherd!e%u.%u", number, slot);
	else
		return false;
	return true;
}

bool remote_disk_by_node(const struct host *host, const char *node, struct remote_disk *ret)
{
	cleanup(remote_disks_reading_done) struct remote_disks_reading reading = {.host = host};
	struct remote_disk remote = {0};
	const struct place nowhere = {0};
	char name[64];
	bool found;

	if (disk_of_node(node, name, sizeof(name)))
		found = !host_exists(host, HOST_SYS, BLOCK "/%s", name) &&
			find_ways(&reading, name, &nowhere, &remote);
	else
		found = find_nvme(&reading, node, &remote);
	if (found)
		*ret = remote;
	else
		remote_disk_done(&remote);
	return found;
}
