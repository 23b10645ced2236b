// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which of many routes wins: the order of the rules and their tables, then length and metric; and
 * which of them lead to everywhere.
 */
#include "parsers/network/routes.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static void tunnel_done(struct tunnel *tunnel)
{
	free(tunnel->interface);
	free(tunnel->kind);
	free(tunnel->below);
	free(tunnel->ends);
}

void routes_done(struct routes *routes)
{
	for (size_t i = 0; i < routes->count; i++)
		free(routes->all[i].interface);
	for (size_t i = 0; i < routes->tunnel_count; i++)
		tunnel_done(&routes->tunnels[i]);
	free(routes->all);
	free(routes->holes);
	free(routes->rules);
	free(routes->tunnels);
	*routes = (struct routes){0};
}

void routes_add(struct routes *routes, const struct route *route, const char *interface)
{
	routes->all = array_grow(routes->all, routes->count, sizeof(*route));
	routes->all[routes->count] = *route;
	routes->all[routes->count++].interface = xstrdup(interface);
}

/* --- to everywhere --- */

static unsigned int base_bits(const struct route *route)
{
	return route->v4 ? INET_V4_BITS : 0;
}

/* 0.0.0.0/1 beside 128.0.0.0/1. */
static bool is_other_half(const struct route *half, const struct route *other)
{
	return other->v4 == half->v4 && other->bits == half->bits && other->table == half->table &&
	       text_equal(other->interface, half->interface) &&
	       !inet_match(&other->to, &half->to, half->bits);
}

static bool has_other_half(const struct route *all, size_t count, const struct route *half)
{
	for (size_t i = 0; i < count; i++)
		if (is_other_half(half, &all[i]))
			return true;
	return false;
}

static bool is_global_v6(const struct route *route)
{
	return !route->v4 && route->bits == 3 && route->to.bytes[0] == 0x20;
}

/* all: the routes, or the holes, that it is one of. */
static bool takes_all(const struct route *all, size_t count, const struct route *route)
{
	return route->bits == base_bits(route) || is_global_v6(route) ||
	       (route->bits == base_bits(route) + 1 && has_other_half(all, count, route));
}

static bool is_better(const struct route *one, const struct route *than)
{
	if (one->bits != than->bits)
		return one->bits > than->bits;
	return one->metric < than->metric;
}

static bool is_same_table(const struct route *one, const struct route *other)
{
	return one->v4 == other->v4 && one->table == other->table;
}

/* The kernel never comes to it. */
static bool is_behind_hole(const struct routes *routes, const struct route *route)
{
	for (size_t i = 0; i < routes->hole_count; i++) {
		const struct route *hole = &routes->holes[i];

		if (is_same_table(hole, route) && is_better(hole, route) &&
		    takes_all(routes->holes, routes->hole_count, hole))
			return true;
	}
	return false;
}

bool routes_is_default(const struct routes *routes, const struct route *route)
{
	return strcmp(route->interface, "lo") != 0 &&
	       takes_all(routes->all, routes->count, route) && !is_behind_hole(routes, route);
}

static bool is_suppressed(const struct rule *rule, const struct route *route)
{
	return route->bits - base_bits(route) < rule->suppress;
}

/* With a route that the rule suppresses before the hole, the next rule is asked. */
static bool has_suppressed_before(const struct routes *routes, const struct rule *rule,
				  const struct route *hole)
{
	for (size_t i = 0; i < routes->count; i++) {
		const struct route *route = &routes->all[i];

		if (is_same_table(route, hole) && is_suppressed(rule, route) &&
		    is_better(route, hole) && takes_all(routes->all, routes->count, route))
			return true;
	}
	return false;
}

/* Does nothing that comes to this rule come to those behind it, whatever ways the table loses? */
static bool is_last(const struct routes *routes, const struct rule *rule)
{
	for (size_t i = 0; i < routes->hole_count; i++) {
		const struct route *hole = &routes->holes[i];

		if (hole->v4 == rule->v4 && hole->table == rule->table && !hole->throws &&
		    takes_all(routes->holes, routes->hole_count, hole) &&
		    !has_suppressed_before(routes, rule, hole))
			return true;
	}
	return false;
}

bool routes_is_general(const struct routes *routes, const struct route *route)
{
	bool any = false;

	for (size_t i = 0; i < routes->rule_count; i++) {
		const struct rule *rule = &routes->rules[i];

		any |= rule->v4 == route->v4;
		if (rule->v4 != route->v4 || rule->special)
			continue;
		if (!rule->ends && rule->table == route->table && !is_suppressed(rule, route))
			return true;
		if (rule->ends || is_last(routes, rule))
			return false;
	}
	return !any && route->table == ROUTES_MAIN;
}

const struct tunnel *routes_tunnel(const struct routes *routes, const char *interface)
{
	for (size_t i = 0; i < routes->tunnel_count; i++)
		if (strcmp(routes->tunnels[i].interface, interface) == 0)
			return &routes->tunnels[i];
	return NULL;
}

/* --- which wins --- */

static bool serves(const struct route *route, const struct inet *to)
{
	return route->v4 == inet_is_v4(to) && inet_match(to, &route->to, route->bits);
}

static const struct route *better_of(const struct route *best, const struct route *route,
				     const struct inet *to)
{
	return serves(route, to) && (!best || is_better(route, best)) ? route : best;
}

static bool is_thrown(const struct routes *routes, const struct route *route, const struct inet *to)
{
	for (size_t i = 0; i < routes->hole_count; i++) {
		const struct route *hole = &routes->holes[i];

		if (hole->throws && is_same_table(hole, route) && serves(hole, to) &&
		    is_better(hole, route))
			return true;
	}
	return false;
}

static const struct route *find_in_table(const struct routes *routes, const struct rule *rule,
					 const struct inet *to, const char *without)
{
	const struct route *best = NULL;

	for (size_t i = 0; i < routes->count; i++) {
		const struct route *route = &routes->all[i];

		if (route->table == rule->table &&
		    (!without || strcmp(route->interface, without) != 0))
			best = better_of(best, route, to);
	}
	return best && !is_suppressed(rule, best) && !is_thrown(routes, best, to) ? best : NULL;
}

const struct route *routes_find_without(const struct routes *routes, const struct inet *to,
					const char *without)
{
	const struct rule main_table = {.table = ROUTES_MAIN};
	const bool v4 = inet_is_v4(to);
	bool any = false;

	for (size_t i = 0; i < routes->rule_count; i++) {
		const struct rule *rule = &routes->rules[i];
		const struct route *found;

		any |= rule->v4 == v4;
		if (rule->v4 != v4 || rule->special || rule->ends)
			continue;
		found = find_in_table(routes, rule, to, without);
		if (found)
			return found;
	}
	return any ? NULL : find_in_table(routes, &main_table, to, without);
}

const struct route *routes_find(const struct routes *routes, const struct inet *to)
{
	return routes_find_without(routes, to, NULL);
}

const struct route *routes_find_subnet(const struct routes *routes, const struct inet *own)
{
	const struct route *best = NULL;

	for (size_t i = 0; i < routes->count; i++) {
		const struct route *route = &routes->all[i];

		if (strcmp(route->interface, "lo") != 0 && serves(route, own) &&
		    !routes_is_default(routes, route))
			best = better_of(best, route, own);
	}
	return best;
}

bool route_ties(const struct route *route, const struct route *found, const struct inet *to)
{
	return serves(route, to) && route->bits == found->bits && route->metric == found->metric &&
	       route->table == found->table;
}
