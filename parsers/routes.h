/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/host.h"
#include "parsers/inet.h"

/* A way that is up, to where it leads, out of which interface ("lo" for an address of our own). */
struct route {
	struct inet to;
	unsigned int bits; /* of "to"; IPv4 counts as mapped, so that its default route has 96 */
	uint32_t metric;
	bool v4;
	char *interface; /* heap */
};

struct routes {
	struct route *all;
	size_t count;
};

void routes_done(struct routes *routes);
#define auto_routes cleanup(routes_done)

/*
 * The main tables of IPv4 and IPv6. What the kernel does not print in /proc/net is not there: other
 * tables of policy routing, and all but the first way of an IPv4 route with several.
 * *ret: routes_done.
 */
int routes_read(const struct host *host, struct routes *ret, struct error *err);

bool route_is_default(const struct route *route);

/*
 * The route that answers to this address go, or NULL where none is known. Others may serve it just
 * as well (route_ties): fe80::/10 is reached by every interface.
 */
const struct route *routes_find(const struct routes *routes, const struct inet *to);
/* The route of the subnet that an address of our own belongs to; NULL where it stands alone. */
const struct route *routes_find_subnet(const struct routes *routes, const struct inet *own);
bool route_ties(const struct route *route, const struct route *found, const struct inet *to);
