/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/host.h"
#include "model/inet.h"

#define ROUTES_MAIN 254 /* the table that is meant where none is named */

/* A way that is up, to where it leads, out of which interface ("lo" for an address of our own). */
struct route {
	struct inet to;
	unsigned int bits; /* of "to"; IPv4 counts as mapped, so that its default route has 96 */
	uint32_t metric, table;
	bool v4;
	bool dead;       /* its interface has no carrier */
	bool throws;     /* of a hole: the next rule is asked */
	char *interface; /* heap; of a hole NULL */
};

/* Which table is looked into, in the order of the rules. */
struct rule {
	bool ends; /* none at all, and those behind it are skipped, or some of them */
	uint32_t table;
	bool v4;
	bool special;          /* for some packets only: by mark, source, interface, user, ... */
	unsigned int suppress; /* routes of fewer bits than this do not count */
};

/* What the kernel tells of an interface's nature. Heap. */
struct tunnel {
	char *interface, *kind;
	char *below;       /* its IFLA_LINK, of a veth its other end; NULL: none here */
	bool elsewhere;    /* that is in another network namespace */
	struct inet *ends; /* the other ends of a tunnel, as far as they are told */
	size_t end_count;
};

struct routes {
	struct route *all;
	size_t count;
	struct route *holes; /* what they take leads nowhere: blackhole, unreachable, prohibit */
	size_t hole_count;
	struct rule *rules; /* of a protocol none: its main table alone */
	size_t rule_count;
	struct tunnel *tunnels;
	size_t tunnel_count;
};

void routes_done(struct routes *routes);
#define auto_routes cleanup(routes_done)

/*
 * All tables of IPv4 and IPv6, each way of a route with several, as netlink tells them. A machine
 * whose kernel is not asked has its main tables only, as /proc/net prints them. *ret: routes_done.
 */
int routes_read(const struct host *host, struct routes *ret, struct error *err);

/* For whoever reads them: appends; interface is copied. */
void routes_add(struct routes *routes, const struct route *route, const char *interface);

/*
 * To everywhere: a default route, or one of the two halves that some VPNs set beside it, or all of
 * the IPv6 that is in use (2000::/3). One behind a hole that takes all before it is none.
 */
bool routes_is_default(const struct routes *routes, const struct route *route);
/* Is this default route asked for whatever the host sends, if no table before it knows better? */
bool routes_is_general(const struct routes *routes, const struct route *route);
/* What netlink told of the interface, or NULL. */
const struct tunnel *routes_tunnel(const struct routes *routes, const char *interface);

/*
 * The route that answers to this address go, or NULL where none is known. Others may serve it just
 * as well (route_ties): fe80::/10 is reached by every interface. Holes do not count: whoever is
 * reached all the same is so by a way that is not known here.
 */
const struct route *routes_find(const struct routes *routes, const struct inet *to);
/* The same as if there were no routes by that interface: how a tunnel's own packets go. */
const struct route *routes_find_without(const struct routes *routes, const struct inet *to,
					const char *without);
/* The route of the subnet that an address of our own belongs to; NULL where it stands alone. */
const struct route *routes_find_subnet(const struct routes *routes, const struct inet *own);
bool route_ties(const struct route *route, const struct route *found, const struct inet *to);
