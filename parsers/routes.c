// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The columns of /proc/net/route and /proc/net/ipv6_route, and which route wins.
 */
#include "parsers/routes.h"

#include <errno.h>
#include <net/route.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

void routes_done(struct routes *routes)
{
	for (size_t i = 0; i < routes->count; i++)
		free(routes->all[i].interface);
	free(routes->all);
	*routes = (struct routes){0};
}

static void add_route(struct routes *routes, const struct route *route, const char *interface)
{
	routes->all = array_grow(routes->all, routes->count, sizeof(*route));
	routes->all[routes->count] = *route;
	routes->all[routes->count++].interface = xstrdup(interface);
}

static bool is_way(unsigned int flags)
{
	return (flags & RTF_UP) && !(flags & RTF_REJECT);
}

/* "eth0 0002000A 00000000 0001 0 0 100 00FFFFFF ...", addresses in the machine's byte order. */
static bool parse_v4(struct routes *routes, const char *line)
{
	unsigned int to, flags, mask;
	char interface[64];
	struct route route = {.v4 = true};
	int metric;

	/* The heading. */
	if (text_starts(line, "Iface"))
		return true;
	if (sscanf(line, "%63s %8x %*x %8x %*d %*u %11d %8x", interface, &to, &flags, &metric,
		   &mask) != 5)
		return false;
	route.to = inet_v4(to);
	route.bits = INET_V4_BITS + (unsigned int)__builtin_popcount(mask);
	route.metric = (uint32_t)metric;
	if (is_way(flags))
		add_route(routes, &route, interface);
	return true;
}

/* TO BITS FROM BITS GATEWAY METRIC REFERENCES USE FLAGS INTERFACE, addresses as digits in order. */
static bool parse_v6(struct routes *routes, const char *line)
{
	struct route route = {.v4 = false};
	unsigned int flags, metric;
	char to[33], interface[64];

	if (sscanf(line, "%32s %2x %*32s %*2x %*32s %8x %*8x %*8x %8x %63s", to, &route.bits,
		   &metric, &flags, interface) != 5 ||
	    !inet_parse_digits(to, &route.to))
		return false;
	route.metric = metric;
	if (is_way(flags))
		add_route(routes, &route, flags & RTF_LOCAL ? "lo" : interface);
	return true;
}

static int read_table(const struct host *host, const char *path,
		      bool (*parse)(struct routes *routes, const char *line), struct routes *routes,
		      struct error *err)
{
	auto_free char *table = NULL;
	char *at, *line;
	int ret = host_read_file(host, HOST_PROC, INET_FILE_MAX, &table, NULL, err, "%s", path);

	if (ret == -ENOENT) /* a kernel without this protocol */
		return 0;
	if (ret < 0)
		return ret;
	for (at = table; (line = strsep(&at, "\n"));)
		if (*line && !parse(routes, line))
			return error_set(err, EBADMSG, "/proc/%s: not a route: %.64s", path, line);
	return 0;
}

int routes_read(const struct host *host, struct routes *ret, struct error *err)
{
	auto_routes struct routes routes = {0};
	int result = read_table(host, "net/route", parse_v4, &routes, err);

	if (result == 0)
		result = read_table(host, "net/ipv6_route", parse_v6, &routes, err);
	if (result < 0)
		return result;
	*ret = routes;
	routes = (struct routes){0};
	return 0;
}

bool route_is_default(const struct route *route)
{
	return route->bits == (route->v4 ? INET_V4_BITS : 0) && strcmp(route->interface, "lo") != 0;
}

static bool serves(const struct route *route, const struct inet *to)
{
	return route->v4 == inet_is_v4(to) && inet_match(to, &route->to, route->bits);
}

static bool is_better(const struct route *route, const struct route *than)
{
	if (route->bits != than->bits)
		return route->bits > than->bits;
	return route->metric < than->metric;
}

static const struct route *better_of(const struct route *best, const struct route *route,
				     const struct inet *to)
{
	return serves(route, to) && (!best || is_better(route, best)) ? route : best;
}

const struct route *routes_find(const struct routes *routes, const struct inet *to)
{
	const struct route *best = NULL;

	for (size_t i = 0; i < routes->count; i++)
		best = better_of(best, &routes->all[i], to);
	return best;
}

const struct route *routes_find_subnet(const struct routes *routes, const struct inet *own)
{
	const struct route *best = NULL;

	for (size_t i = 0; i < routes->count; i++)
		if (strcmp(routes->all[i].interface, "lo") != 0 &&
		    !route_is_default(&routes->all[i]))
			best = better_of(best, &routes->all[i], own);
	return best;
}

bool route_ties(const struct route *route, const struct route *found, const struct inet *to)
{
	return serves(route, to) && route->bits == found->bits && route->metric == found->metric;
}
