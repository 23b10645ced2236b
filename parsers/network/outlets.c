// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From default routes to ways out of the host: whose they are, by which devices they go, and which
 * of the many lines of the tables are the same way.
 */
#include "parsers/network/outlets.h"

#include <string.h>

#include "base/text.h"

/* "eth0", or "eth0 (table 100)" for what some packets only are sent by. Heap. */
static char *name_of(const struct route *route, bool general)
{
	return general ? xstrdup(route->interface)
		       : xasprintf("%s (table %u)", route->interface, route->table);
}

/* The same way with another metric is not another one. */
static struct outlet *find_outlet(struct snapshot *snapshot, bool v4, const char *name)
{
	for (size_t i = 0; i < snapshot->outlet_count; i++)
		if (snapshot->outlets[i].v4 == v4 && strcmp(snapshot->outlets[i].name, name) == 0)
			return &snapshot->outlets[i];
	return NULL;
}

static void add_use(struct snapshot *snapshot, const struct route *route, const struct foot *foot,
		    bool general)
{
	bool own = strcmp(foot->what, route->interface) == 0;
	auto_free char *by = own ? xstrdup("") : xasprintf(" by %s", route->interface);
	auto_free char *table = general ? xstrdup("") : xasprintf(" (table %u)", route->table);

	snapshot_add_use(snapshot, USE_DEFAULT_ROUTE, &foot->addr, xstrdup(foot->what),
			 xasprintf("%s the default route of %s%s%s",
				   foot->may ? "may carry" : "carries", route->v4 ? "IPv4" : "IPv6",
				   by, table));
	snapshot->uses[snapshot->use_count - 1].outlet = snapshot->outlet_count;
}

static void add_outlet(struct footings *footings, const struct route *route,
		       const struct footing *footing, struct snapshot *snapshot)
{
	bool general = routes_is_general(footings->routes, route);
	struct outlet outlet = {
		.v4 = route->v4, .general = general, .name = name_of(route, general)};
	struct outlet *known = find_outlet(snapshot, outlet.v4, outlet.name);

	outlet.dead = route->dead || footing_interface_is_dead(footings->host, route->interface);
	if (known) {
		known->dead &= outlet.dead;
		outlet_done(&outlet);
		return;
	}
	for (size_t i = 0; i < footing->foot_count; i++)
		array_push(outlet.parts, outlet.part_count,
			   (struct outlet_part){footing->feet[i].addr, footing->feet[i].set});
	array_push(snapshot->outlets, snapshot->outlet_count, outlet);
	for (size_t i = 0; i < footing->foot_count; i++)
		if (snapshot_device(snapshot, &footing->feet[i].addr))
			add_use(snapshot, route, &footing->feet[i], general);
}

void outlets_add(struct footings *footings, struct snapshot *snapshot)
{
	for (size_t i = 0; i < footings->routes->count; i++) {
		const struct route *route = &footings->routes->all[i];
		const struct footing *footing;

		if (!routes_is_default(footings->routes, route))
			continue;
		footing = footing_of(footings, route->interface);
		if (!footing->nowhere)
			add_outlet(footings, route, footing, snapshot);
	}
}
