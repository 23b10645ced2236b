// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which interfaces have a link, and behind which of them is a network in which others could reach
 * this host.
 */
#include "parsers/network/links.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "parsers/network/footing.h"
#include "parsers/network/interfaces.h"
#include "parsers/network/routes.h"

#define FLAG_UP 1ul                 /* IFF_UP */
#define CLASS_OTHER_NETWORK 0x0280u /* which wireless cards have */

struct links_reading {
	const struct host *host;
	const struct snapshot *snapshot;
	struct interfaces interfaces;
	struct routes routes;
};

static void links_reading_done(struct links_reading *reading)
{
	interfaces_done(&reading->interfaces);
	routes_done(&reading->routes);
}

/* An interface that nobody has switched on says of its cable nothing. */
static bool is_up(const struct host *host, const char *name)
{
	char flags[32];

	return host_read(host, HOST_SYS, flags, sizeof(flags), NULL, "class/net/%s/flags", name) ==
		       0 &&
	       strtoul(flags, NULL, 16) & FLAG_UP;
}

static bool has_state(const struct host *host, const char *name)
{
	return host_exists(host, HOST_SYS, "class/net/%s/operstate", name);
}

/* On USB as well. Not each driver makes either of the folders. */
static bool is_wireless(const struct links_reading *reading, const struct interface *interface)
{
	const struct device *device =
		interface->has_addr ? snapshot_device(reading->snapshot, &interface->function)
				    : NULL;

	return host_exists(reading->host, HOST_SYS, "class/net/%s/phy80211", interface->name) ||
	       host_exists(reading->host, HOST_SYS, "class/net/%s/wireless", interface->name) ||
	       (device && device->class_code >> 8 == CLASS_OTHER_NETWORK);
}

/*
 * Addresses that interfaces give themselves: all that a server's management processor has, which
 * looks like a network card on USB and leads nowhere else.
 */
static bool is_own_link(const struct route *route)
{
	static const struct inet link = {.bytes = {0xfe, 0x80}}, many = {.bytes = {0xff}},
				 v4 = {.bytes = {[10] = 0xff, [11] = 0xff, [12] = 169, [13] = 254}},
				 many_v4 = {.bytes = {[10] = 0xff, [11] = 0xff, [12] = 224}};

	return inet_match(&route->to, &link, 10) || inet_match(&route->to, &many, 8) ||
	       (inet_match(&route->to, &v4, INET_V4_BITS + 16) &&
		route->bits >= INET_V4_BITS + 16) ||
	       (inet_match(&route->to, &many_v4, INET_V4_BITS + 4) &&
		route->bits >= INET_V4_BITS + 4);
}

static bool stands_on(struct footings *footings, const char *upper, const char *lower)
{
	const struct footing *footing = footing_of(footings, upper);

	for (size_t i = 0; i < footing->foot_count; i++)
		if (!footing->feet[i].may && strcmp(footing->feet[i].what, lower) == 0)
			return true;
	return false;
}

/* Of hardware that is no PCI device footings know nothing: its own routes count alone. */
static bool is_routed(const struct links_reading *reading, struct footings *footings,
		      const struct interface *interface)
{
	for (size_t i = 0; i < reading->routes.count; i++) {
		const struct route *route = &reading->routes.all[i];

		if (!is_own_link(route) && (strcmp(route->interface, interface->name) == 0 ||
					    stands_on(footings, route->interface, interface->name)))
			return true;
	}
	return false;
}

static void add(const struct links_reading *reading, struct footings *footings,
		const struct interface *interface, struct links *links)
{
	bool dead = footing_interface_is_dead(reading->host, interface->name);
	bool wireless = is_wireless(reading, interface);

	array_push(links->all, links->count,
		   (struct link){
			   .name = xstrdup(interface->name),
			   .has_addr = interface->has_addr,
			   .function = interface->function,
			   .addr = interface->addr,
			   .wireless = wireless,
			   /* Without a cable it has a link only while somebody uses it. */
			   .dead = dead && !wireless && is_up(reading->host, interface->name),
			   .alive = !dead && has_state(reading->host, interface->name),
			   .routed = is_routed(reading, footings, interface),
		   });
}

int links_read(const struct host *host, const struct snapshot *snapshot, struct links *ret,
	       struct error *err)
{
	cleanup(links_reading_done) struct links_reading reading = {.host = host,
								    .snapshot = snapshot};
	auto_footings struct footings footings = {
		.host = host, .interfaces = &reading.interfaces, .routes = &reading.routes};
	struct links links = {0};
	int result = interfaces_read(host, snapshot, &reading.interfaces, err);

	if (result < 0)
		return result;
	routes_read(host, &reading.routes, NULL);
	for (size_t i = 0; i < reading.interfaces.count; i++)
		if (!reading.interfaces.all[i].made)
			add(&reading, &footings, &reading.interfaces.all[i], &links);
	*ret = links;
	return 0;
}
