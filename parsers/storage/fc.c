// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which NVMe controllers are reached by which Fibre Channel adapter: each names the adapter's port
 * by which it was connected. Tests: model/test-survey.c, model/test-cases.c.
 */
#include "parsers/storage/fc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "parsers/pci/place.h"
#include "parsers/storage/blocks.h"
#include "parsers/storage/fabrics.h"
#include "parsers/storage/mounts.h"

/* A port of an adapter that is to go. */
struct port {
	struct pci_addr addr;
	char name[32]; /* "0x100000109b1b1c1d"; "": not known, so that any controller may go by it
			*/
};

struct adapters {
	const struct host *host;
	const struct snapshot *snapshot;
	struct port *ports; /* heap */
	size_t count;
	struct controllers controllers;
};

static void adapters_done(struct adapters *adapters)
{
	free(adapters->ports);
	controllers_done(&adapters->controllers);
}

static int add_port(void *data, const char *name, const struct place *place, struct error *err)
{
	struct adapters *adapters = data;
	struct port port = {.addr = place->addr};

	(void)err;
	if (!place->has_addr || !snapshot_device(adapters->snapshot, &place->addr))
		return 0;
	if (host_read(adapters->host, HOST_SYS, port.name, sizeof(port.name), NULL,
		      "class/fc_host/%s/port_name", name) < 0 ||
	    !text_starts(port.name, "0x"))
		port.name[0] = '\0';
	array_push(adapters->ports, adapters->count, port);
	return 0;
}

static bool is_by(const struct controller *controller, const struct port *port)
{
	return controller->fabric == FABRIC_FC && controller->port && *port->name &&
	       strcasecmp(port->name + 2, controller->port) == 0;
}

/* One of the two does not tell its port. */
static bool is_perhaps_by(const struct controller *controller, const struct port *port)
{
	return controller->fabric == FABRIC_FC && (!controller->port || !*port->name);
}

static bool goes(const struct adapters *adapters, const struct controller *controller)
{
	for (size_t i = 0; i < adapters->count; i++)
		if (is_by(controller, &adapters->ports[i]) ||
		    is_perhaps_by(controller, &adapters->ports[i]))
			return true;
	return false;
}

static bool stays(const struct adapters *adapters, const char *name)
{
	for (size_t i = 0; i < adapters->controllers.count; i++) {
		const struct controller *controller = &adapters->controllers.all[i];
		bool open;

		if (controller_has(adapters->host, controller, name, &open) && open &&
		    !goes(adapters, controller))
			return true;
	}
	return false;
}

static void add_disk(const struct adapters *adapters, const struct controller *controller,
		     const char *name, struct disks *disks)
{
	auto_free char *node = block_node(name);
	dev_t device;

	if (block_number(adapters->host, name, &device, NULL) < 0)
		return;
	for (size_t i = 0; i < adapters->count; i++) {
		bool perhaps = is_perhaps_by(controller, &adapters->ports[i]);
		size_t count = disks->count;

		if (!perhaps && !is_by(controller, &adapters->ports[i]))
			continue;
		disks_add(adapters->host, disks, &adapters->ports[i].addr, node, device);
		if (disks->count == count)
			continue;
		disks->disks[count].apart = true;
		disks->disks[count].perhaps = perhaps;
	}
}

static void add_disks(const struct adapters *adapters, const char *name, struct disks *disks)
{
	bool other = stays(adapters, name), open;

	for (size_t i = 0; !other && i < adapters->controllers.count; i++) {
		const struct controller *controller = &adapters->controllers.all[i];

		if (controller->fabric == FABRIC_FC && goes(adapters, controller) &&
		    controller_has(adapters->host, controller, name, &open))
			add_disk(adapters, controller, name, disks);
	}
}

static int read_adapters(struct adapters *adapters, struct error *err)
{
	int ret = place_each(adapters->host, "class/fc_host", add_port, adapters, err);

	if (ret < 0 || adapters->count == 0)
		return ret;
	return controllers_read(adapters->host, &adapters->controllers, err);
}

int fc_disks_add(const struct host *host, const struct snapshot *snapshot, struct disks *disks,
		 struct error *err)
{
	cleanup(adapters_done) struct adapters adapters = {.host = host, .snapshot = snapshot};
	cleanup(host_free_names) char **names = NULL;
	int ret = read_adapters(&adapters, err);

	if (ret < 0 || adapters.count == 0)
		return ret;
	ret = host_list(host, HOST_SYS, &names, NULL, err, "class/block");
	if (ret < 0)
		return ret == -ENOENT ? 0 : ret;
	for (size_t i = 0; names[i]; i++)
		add_disks(&adapters, names[i], disks);
	return 0;
}

/* --- disks that sysfs does not show --- */

static const struct controller *find_controller(const struct adapters *adapters, const char *name)
{
	for (size_t i = 0; i < adapters->controllers.count; i++)
		if (strcmp(adapters->controllers.all[i].name, name) == 0)
			return &adapters->controllers.all[i];
	return NULL;
}

/* how: heap, taken over. */
static void tell_node(const struct adapters *adapters, struct snapshot *snapshot, const char *node,
		      enum use_kind kind, char *how)
{
	const struct controller *controller = NULL;
	auto_free char *words = how;
	char name[32];

	if (controller_of_node(adapters->host, node, name, sizeof(name)))
		controller = find_controller(adapters, name);
	if (!controller || controller->fabric != FABRIC_FC)
		return;
	for (size_t i = 0; i < adapters->count; i++) {
		bool perhaps = is_perhaps_by(controller, &adapters->ports[i]);

		if (perhaps || is_by(controller, &adapters->ports[i]))
			snapshot_add_use(snapshot, kind, &adapters->ports[i].addr,
					 xstrdup(node + strlen("/dev/")),
					 xasprintf("%s%s", words, perhaps ? DISK_PERHAPS : ""));
	}
}

int fc_nodes_tell(const struct host *host, struct snapshot *snapshot, struct error *err)
{
	cleanup(adapters_done) struct adapters adapters = {.host = host, .snapshot = snapshot};
	auto_mounts struct mounts mounts = {0};
	int ret = read_adapters(&adapters, err);

	if (ret < 0 || adapters.count == 0)
		return ret;
	ret = mounts_read(host, &mounts, err);
	if (ret < 0)
		return ret;
	for (size_t i = 0; i < mounts.count; i++)
		tell_node(&adapters, snapshot, mounts.mounts[i].source, USE_MOUNT,
			  xasprintf("mounted on %s", mounts.mounts[i].target));
	for (size_t i = 0; i < mounts.swap_count; i++)
		tell_node(&adapters, snapshot, mounts.swaps[i], USE_SWAP, xstrdup("swap"));
	return 0;
}
