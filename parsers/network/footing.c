// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a network interface that is no adapter comes to the wire. For what the kernel links, links
 * are followed; a tunnel is followed by the route to its other end; and what nobody tells may be
 * anywhere. Tests: unit/test-outlets.c, model/test-survey.c.
 */
#include "parsers/network/footing.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static void clear(struct footing *footing)
{
	for (size_t i = 0; i < footing->foot_count; i++)
		free(footing->feet[i].what);
	free(footing->feet);
	footing->feet = NULL;
	footing->foot_count = 0;
}

void footings_done(struct footings *footings)
{
	for (size_t i = 0; i < footings->count; i++) {
		clear(footings->all[i]);
		free(footings->all[i]->interface);
		free(footings->all[i]);
	}
	free(footings->all);
	serial_lines_done(&footings->lines);
}

bool footing_interface_is_dead(const struct host *host, const char *interface)
{
	static const char *const states[] = {"down", "notpresent", "lowerlayerdown"};
	char state[32];

	if (host_read(host, HOST_SYS, state, sizeof(state), NULL, "class/net/%s/operstate",
		      interface) < 0)
		return false;
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (strcmp(state, states[i]) == 0)
			return true;
	return false;
}

/* --- feet --- */

/* One interface under way; sets are numbered as they come. */
struct footing_search {
	struct footings *footings;
	bool *visited; /* by the index of each interface: links and routes may lead in a ring */
	unsigned int sets, steps;
};

/* Nothing real takes so many; but whoever may make interfaces could have them cross at will. */
#define STEPS_MAX 4096

static void add_foot(struct footing *footing, const struct foot *foot)
{
	for (size_t i = 0; i < footing->foot_count; i++) {
		struct foot *other = &footing->feet[i];

		if (pci_addr_equal(&other->addr, &foot->addr) &&
		    strcmp(other->what, foot->what) == 0) {
			other->may &= foot->may;
			return;
		}
	}
	footing->feet = array_grow(footing->feet, footing->foot_count, sizeof(*foot));
	footing->feet[footing->foot_count] = *foot;
	footing->feet[footing->foot_count++].what = xstrdup(foot->what);
}

static void add_device(struct footing_search *search, struct footing *footing,
		       const struct pci_addr *addr, const char *what, bool may)
{
	const struct foot foot = {
		.addr = *addr, .what = (char *)what, .set = search->sets++, .may = may};

	add_foot(footing, &foot);
}

/* All that is known of one goes into another. */
static void add_all(struct footing *footing, struct footing *from)
{
	for (size_t i = 0; i < from->foot_count; i++)
		add_foot(footing, &from->feet[i]);
	footing->nowhere |= from->nowhere;
	footing->other |= from->other;
	clear(from);
}

static bool has_certain(const struct footing *footing)
{
	for (size_t i = 0; i < footing->foot_count; i++)
		if (!footing->feet[i].may)
			return true;
	return false;
}

/* A bridge with an adapter has guests' and containers' ports beside it, which lead nowhere new. */
static void drop_uncertain(struct footing *footing)
{
	size_t kept = 0;

	if (!has_certain(footing) && !footing->other)
		return;
	for (size_t i = 0; i < footing->foot_count; i++) {
		if (footing->feet[i].may)
			free(footing->feet[i].what);
		else
			footing->feet[kept++] = footing->feet[i];
	}
	footing->foot_count = kept;
}

static void footing_search_name(struct footing_search *search, struct footing *footing,
				const char *name);

static bool is_kind(const struct footings *footings, const char *name, const char *kind)
{
	const struct tunnel *tunnel = routes_tunnel(footings->routes, name);

	return tunnel && strcmp(tunnel->kind, kind) == 0;
}

/* --- what the kernel links --- */

static bool is_bond(const struct footings *footings, const char *name)
{
	return is_kind(footings, name, "bond") || is_kind(footings, name, "team") ||
	       host_exists(footings->host, HOST_SYS, "class/net/%s/bonding", name);
}

/* Its ports stand in for each other, those with a carrier at least: it falls with the last. */
static void join_sets(struct footing_search *search, struct footing *footing)
{
	unsigned int set = search->sets++;

	for (size_t i = 0; i < footing->foot_count; i++)
		footing->feet[i].set = set;
}

static bool any_lives(const struct footings *footings, char *const *names)
{
	for (size_t i = 0; names[i]; i++)
		if (!footing_interface_is_dead(footings->host, names[i]))
			return true;
	return false;
}

static void footing_search_links(struct footing_search *search, struct footing *footing,
				 const struct interface *interface, const char *without)
{
	const struct footings *footings = search->footings;
	struct footing own = {0};
	bool bond = is_bond(footings, interface->name);
	bool lives = bond && any_lives(footings, interface->lower);

	for (size_t i = 0; interface->lower[i]; i++)
		if (!text_equal(interface->lower[i], without) &&
		    (!lives || !footing_interface_is_dead(footings->host, interface->lower[i])))
			footing_search_name(search, &own, interface->lower[i]);
	drop_uncertain(&own);
	if (bond)
		join_sets(search, &own);
	/* A port that is no PCI device stays. */
	if (bond && own.other)
		clear(&own);
	own.nowhere = false;
	add_all(footing, &own);
}

/* --- what it does not --- */

/* An internal port of Open vSwitch: which of the datapath's ports are of its bridge is not told. */
static void footing_search_datapath(struct footing_search *search, struct footing *footing)
{
	const struct interfaces *interfaces = search->footings->interfaces;
	struct footing own = {0};

	for (size_t i = 0; i < interfaces->count; i++) {
		const struct interface *interface = &interfaces->all[i];

		if (interface->lower[0] &&
		    is_kind(search->footings, interface->name, "openvswitch"))
			footing_search_links(search, &own, interface, NULL);
	}
	for (size_t i = 0; i < own.foot_count; i++)
		own.feet[i].may |= own.foot_count > 1;
	add_all(footing, &own);
}

/* By the bridge or such that the other end of a veth is a port of. */
static void footing_search_peer(struct footing_search *search, struct footing *footing,
				const char *peer)
{
	const struct interfaces *interfaces = search->footings->interfaces;

	for (size_t i = 0; i < interfaces->count; i++) {
		const struct interface *interface = &interfaces->all[i];

		for (size_t k = 0; interface->lower[k]; k++)
			if (strcmp(interface->lower[k], peer) == 0)
				footing_search_links(search, footing, interface, peer);
	}
}

static void footing_search_route(struct footing_search *search, struct footing *footing,
				 const char *tunnel, const struct inet *end)
{
	const struct routes *routes = search->footings->routes;
	const struct route *found = routes_find_without(routes, end, tunnel);

	for (size_t i = 0; found && i < routes->count; i++)
		if (route_ties(&routes->all[i], found, end) &&
		    strcmp(routes->all[i].interface, tunnel) != 0)
			footing_search_name(search, footing, routes->all[i].interface);
}

/* --- what nobody tells --- */

static void add_adapters(struct footing_search *search, struct footing *footing)
{
	const struct interfaces *interfaces = search->footings->interfaces;

	for (size_t i = 0; i < interfaces->count; i++) {
		const struct interface *interface = &interfaces->all[i];

		if (interface->has_addr &&
		    !footing_interface_is_dead(search->footings->host, interface->name))
			add_device(search, footing, &interface->addr, interface->name, true);
	}
}

/* Does it carry packets of IP in packets of IP? Those go by routes. */
static bool is_ip_tunnel(const struct footings *footings, const char *name)
{
	static const char *const kinds[] = {
		"wireguard", "gre",    "gretap",   "erspan",    "ip6gre",  "ip6gretap", "ipip",
		"sit",       "ip6tnl", "vti",      "vti6",      "vxlan",   "geneve",    "xfrm",
		"ip6erspan", "ovpn",   "ovpn-dco", "amneziawg", "bareudp", "gtp"};
	const struct tunnel *tunnel = routes_tunnel(footings->routes, name);
	char flags[32];

	for (size_t i = 0; tunnel && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(tunnel->kind, kinds[i]) == 0)
			return true;
	/* A "tun" of a program (IFF_TUN); a "tap" may be a switch's in a program. */
	return host_read(footings->host, HOST_SYS, flags, sizeof(flags), NULL,
			 "class/net/%s/tun_flags", name) == 0 &&
	       strtoul(flags, NULL, 16) & 1;
}

static bool is_link_local(const struct route *route)
{
	const uint8_t *bytes = route->to.bytes;

	if (route->v4)
		return bytes[12] == 169 && bytes[13] == 254;
	return route->bits >= 8 && (bytes[0] == 0xff || (bytes[0] == 0xfe && bytes[1] >> 6 == 2));
}

static bool has_route(const struct footings *footings, const char *name)
{
	for (size_t i = 0; i < footings->routes->count; i++) {
		const struct route *route = &footings->routes->all[i];

		if (strcmp(route->interface, name) == 0 && !is_link_local(route))
			return true;
	}
	return false;
}

/* All that has routes, but for what is not known itself. */
static void add_routed(struct footing_search *search, struct footing *footing, const char *tunnel)
{
	const struct interfaces *interfaces = search->footings->interfaces;

	for (size_t i = 0; i < interfaces->count; i++) {
		const struct interface *interface = &interfaces->all[i];

		if ((!interface->made || interface->lower[0]) &&
		    strcmp(interface->name, tunnel) != 0 &&
		    has_route(search->footings, interface->name))
			footing_search_name(search, footing, interface->name);
	}
	for (size_t i = 0; i < footing->foot_count; i++)
		footing->feet[i].may = true;
	footing->other = false;
}

/* Any adapter with a carrier may be it; of a tunnel of IP, any by which something is reached. */
static void add_any(struct footing_search *search, struct footing *footing, const char *tunnel)
{
	struct footing routed = {0};

	if (tunnel && is_ip_tunnel(search->footings, tunnel))
		add_routed(search, &routed, tunnel);
	if (routed.foot_count == 0)
		add_adapters(search, footing);
	add_all(footing, &routed);
}

/* others: of a program that uses no line, nobody tells more. */
static void footing_search_lines(struct footing_search *search, struct footing *footing,
				 bool others)
{
	struct footings *footings = search->footings;
	const struct serial_lines *lines = &footings->lines;

	if (!footings->has_lines)
		serial_lines_read(footings->host, &footings->lines);
	footings->has_lines = true;
	/* Whose line is whose is not told: each may be any's. */
	for (size_t i = 0; i < lines->count; i++) {
		footing->other |= !lines->all[i].has_addr && !lines->others;
		if (lines->all[i].has_addr)
			add_device(search, footing, &lines->all[i].addr, lines->all[i].name,
				   lines->count > 1 || lines->others);
	}
	if (others && lines->others)
		add_any(search, footing, NULL);
}

static bool leads_nowhere(const char *kind)
{
	static const char *const kinds[] = {"dummy", "ifb", "nlmon", "vcan", "blackhole"};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kind, kinds[i]) == 0)
			return true;
	return false;
}

/* True when that says it all. */
static bool footing_search_told(struct footing_search *search, struct footing *footing,
				const char *name)
{
	const struct tunnel *tunnel = routes_tunnel(search->footings->routes, name);

	if (!tunnel || tunnel->elsewhere)
		return false;
	footing->nowhere = leads_nowhere(tunnel->kind);
	if (strcmp(tunnel->kind, "openvswitch") == 0)
		footing_search_datapath(search, footing);
	else if (tunnel->below && strcmp(tunnel->kind, "veth") == 0)
		footing_search_peer(search, footing, tunnel->below);
	else if (tunnel->below)
		footing_search_name(search, footing, tunnel->below);
	else
		for (size_t i = 0; i < tunnel->end_count; i++)
			footing_search_route(search, footing, name, &tunnel->ends[i]);
	return footing->nowhere || footing->other || footing->foot_count > 0;
}

static void footing_search_interface(struct footing_search *search, struct footing *footing,
				     const struct interface *interface)
{
	struct footing told = {0};

	if (interface->has_addr)
		add_device(search, footing, &interface->addr, interface->name, false);
	if (interface->lower[0])
		footing_search_links(search, footing, interface, NULL);
	/* It has PPP over Ethernet below it, which may be another's. */
	if (interface->lower[0] && interface_uses_line(search->footings->host, interface->name))
		footing_search_lines(search, footing, false);
	footing->other |= !interface->has_addr && !interface->made;
	if (!interface->made || interface->lower[0] || strcmp(interface->name, "lo") == 0)
		return;
	if (!footing_search_told(search, &told, interface->name)) {
		if (interface_uses_line(search->footings->host, interface->name))
			footing_search_lines(search, &told, true);
		else
			add_any(search, &told, interface->name);
	}
	add_all(footing, &told);
}

static void footing_search_name(struct footing_search *search, struct footing *footing,
				const char *name)
{
	const struct interfaces *interfaces = search->footings->interfaces;

	for (size_t i = 0; i < interfaces->count; i++) {
		if (strcmp(interfaces->all[i].name, name) != 0 || search->visited[i])
			continue;
		search->visited[i] = true;
		footing_search_interface(search, footing, &interfaces->all[i]);
		/* It may stand below by two ways. */
		search->visited[i] = ++search->steps > STEPS_MAX;
	}
}

const struct footing *footing_of(struct footings *footings, const char *interface)
{
	auto_free bool *visited = NULL;
	struct footing_search search = {.footings = footings};
	struct footing *footing;

	for (size_t i = 0; i < footings->count; i++)
		if (strcmp(footings->all[i]->interface, interface) == 0)
			return footings->all[i];
	footing = xcalloc(1, sizeof(*footing));
	footing->interface = xstrdup(interface);
	visited = xcalloc(footings->interfaces->count + 1, sizeof(*visited));
	search.visited = visited;
	footing_search_name(&search, footing, interface);
	array_push(footings->all, footings->count, footing);
	return footing;
}
