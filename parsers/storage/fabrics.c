// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * NVMe controllers as /sys/class/nvme shows them: over what each is reached, and the words of
 * "address" in which a fabric tells from where to where. What of that cannot be understood is not
 * known; it is no error, as the controller may have nothing to do with a guest.
 * Tests: unit/test-remote-disks.c.
 */
#include "parsers/storage/fabrics.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "parsers/pci/place.h"

#define CLASS "class/nvme"

void controllers_done(struct controllers *controllers)
{
	for (size_t i = 0; i < controllers->count; i++) {
		free(controllers->all[i].name);
		free(controllers->all[i].interface);
		free(controllers->all[i].port);
	}
	free(controllers->all);
	*controllers = (struct controllers){0};
}

/* --- "address" --- */

/* "nn-0x200000109b1b1c1d:pn-0x100000109b1b1c1d"; heap, or NULL. */
static char *parse_port(const char *value)
{
	const char *port = strstr(value, "pn-0x");

	if (!port || strspn(port + strlen("pn-0x"), "0123456789abcdefABCDEF") != 16)
		return NULL;
	return xasprintf("%.16s", port + strlen("pn-0x"));
}

/* An address of a link has the interface behind it: "fe80::7%eth1". */
static void read_peer(struct controller *controller, const char *value)
{
	const char *scope = strchr(value, '%');

	controller->has_address = inet_parse(value, &controller->address);
	if (controller->has_address && scope && !controller->interface)
		controller->interface = xstrdup(scope + 1);
}

/* "KEY=VALUE,KEY=VALUE": traddr, trsvcid, host_traddr, host_iface, src_addr. */
static void read_word(struct controller *controller, const char *word)
{
	static const char peer[] = "traddr=", own[] = "host_traddr=", bound[] = "host_iface=",
			  socket[] = "src_addr=";

	if (controller->fabric == FABRIC_FC) {
		if (text_starts(word, own) && !controller->port)
			controller->port = parse_port(word + strlen(own));
		return;
	}
	if (text_starts(word, peer))
		read_peer(controller, word + strlen(peer));
	else if (text_starts(word, socket))
		controller->has_local = inet_parse(word + strlen(socket), &controller->local);
	else if (text_starts(word, own) && !controller->has_local)
		controller->has_local = inet_parse(word + strlen(own), &controller->local);
	else if (text_starts(word, bound) && !controller->interface && word[strlen(bound)])
		controller->interface = xstrdup(word + strlen(bound));
}

static void read_address(const struct host *host, struct controller *controller)
{
	char text[1024], *rest = text, *word;

	if (host_read(host, HOST_SYS, text, sizeof(text), NULL, CLASS "/%s/address",
		      controller->name) < 0)
		return;
	while ((word = strsep(&rest, ", \n")))
		read_word(controller, word);
}

/* --- controllers --- */

static enum fabric fabric_of(const char *transport, const struct place *place,
			     const char **ret_protocol)
{
	static const struct {
		const char *transport, *protocol;
		enum fabric fabric;
	} fabrics[] = {
		{"tcp", "NVMe/TCP", FABRIC_NET}, {"rdma", "NVMe/RDMA", FABRIC_NET},
		{"fc", "NVMe/FC", FABRIC_FC},    {"loop", "NVMe loop", FABRIC_LOCAL},
		{"pcie", "NVMe", FABRIC_LOCAL},
	};

	for (size_t i = 0; i < sizeof(fabrics) / sizeof(*fabrics); i++)
		if (strcmp(transport, fabrics[i].transport) == 0) {
			*ret_protocol = fabrics[i].protocol;
			return fabrics[i].fabric;
		}
	*ret_protocol = "NVMe over fabrics";
	return place_below(place, "devices/virtual/nvme-fabrics") ? FABRIC_NET : FABRIC_LOCAL;
}

/* Where sysfs does not tell a state, nothing speaks against it. */
static bool is_live(const struct host *host, const char *name)
{
	char text[32] = "";

	return host_read(host, HOST_SYS, text, sizeof(text), NULL, CLASS "/%s/state", name) ==
		       -ENOENT ||
	       strcmp(text, "live") == 0;
}

struct fabrics_reading {
	const struct host *host;
	struct controllers *controllers;
};

static int add_controller(void *data, const char *name, const struct place *place,
			  struct error *err)
{
	const struct fabrics_reading *reading = data;
	struct controllers *controllers = reading->controllers;
	struct controller controller = {.live = is_live(reading->host, name)};
	char transport[32] = "";

	(void)err;
	host_read(reading->host, HOST_SYS, transport, sizeof(transport), NULL,
		  CLASS "/%s/transport", name);
	controller.fabric = fabric_of(transport, place, &controller.protocol);
	controller.name = xstrdup(name);
	if (controller.fabric != FABRIC_LOCAL)
		read_address(reading->host, &controller);
	array_push(controllers->all, controllers->count, controller);
	return 0;
}

int controllers_read(const struct host *host, struct controllers *ret, struct error *err)
{
	auto_controllers struct controllers controllers = {0};
	struct fabrics_reading reading = {host, &controllers};
	int result = place_each(host, CLASS, add_controller, &reading, err);

	if (result < 0)
		return result;
	*ret = controllers;
	controllers = (struct controllers){0};
	return 0;
}

/* --- their disks --- */

/* What a target says of a path: those two lead to no data. */
static bool is_open(const struct host *host, const char *controller, const char *path)
{
	char text[32];

	return host_read(host, HOST_SYS, text, sizeof(text), NULL, CLASS "/%s/%s/ana_state",
			 controller, path) < 0 ||
	       (strcmp(text, "inaccessible") != 0 && strcmp(text, "persistent-loss") != 0);
}

bool controller_has(const struct host *host, const struct controller *controller, const char *disk,
		    bool *ret_open)
{
	unsigned int subsystem, space, number;
	char path[64];
	int end = 0;

	*ret_open = controller->live;
	if (sscanf(disk, "nvme%9un%9u%n", &subsystem, &space, &end) != 2 || disk[end])
		return false;
	if (host_exists(host, HOST_SYS, CLASS "/%s/%s", controller->name, disk))
		return true;
	if (sscanf(controller->name, "nvme%9u", &number) != 1)
		return false;
	snprintf(path, sizeof(path), "nvme%uc%un%u", subsystem, number, space);
	if (!host_exists(host, HOST_SYS, CLASS "/%s/%s", controller->name, path))
		return false;
	*ret_open = controller->live && is_open(host, controller->name, path);
	return true;
}

bool controller_of_node(const struct host *host, const char *node, char *ret, size_t size)
{
	unsigned int number, space;
	char disk[64];

	if (sscanf(node, "/dev/nvme%9un%9u", &number, &space) != 2)
		return false;
	snprintf(disk, sizeof(disk), "nvme%un%u", number, space);
	snprintf(ret, size, "nvme%u", number);
	return !host_exists(host, HOST_SYS, "class/block/%s", disk);
}
