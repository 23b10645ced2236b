// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How routes are spelled: the lines that are made of netlink's answer, and the columns of
 * /proc/net/route and /proc/net/ipv6_route. Tests: unit/test-routes.c.
 */
#include "parsers/network/routes.h"

#include <errno.h>
#include <net/route.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* --- what netlink tells (host_network_read) --- */

static bool parse_number(const char *word, unsigned int max, uint32_t *ret)
{
	char *end;
	unsigned long value;

	if (!word || *word < '0' || *word > '9')
		return false;
	value = strtoul(word, &end, 10);
	if (*end || value > max)
		return false;
	*ret = (uint32_t)value;
	return true;
}

static bool parse_family(const char *word, bool *ret_v4)
{
	if (!text_equal(word, "4") && !text_equal(word, "6"))
		return false;
	*ret_v4 = *word == '4';
	return true;
}

static void add_end(struct tunnel *tunnel, const struct inet *end)
{
	array_push(tunnel->ends, tunnel->end_count, *end);
}

/* NAME KIND [elsewhere] [below=NAME] [to=ADDRESS]... */
static bool parse_link(struct routes *routes, char *rest)
{
	char *name = strsep(&rest, " "), *kind = strsep(&rest, " "), *word;
	struct tunnel tunnel = {0};

	if (!kind)
		return false;
	tunnel.interface = xstrdup(name);
	tunnel.kind = xstrdup(kind);
	while ((word = strsep(&rest, " "))) {
		struct inet end;

		if (strcmp(word, "elsewhere") == 0)
			tunnel.elsewhere = true;
		else if (text_starts(word, "below=") && !tunnel.below)
			tunnel.below = xstrdup(word + strlen("below="));
		else if (text_starts(word, "to=") && inet_parse(word + strlen("to="), &end))
			add_end(&tunnel, &end);
	}
	array_push(routes->tunnels, routes->tunnel_count, tunnel);
	return true;
}

/* NAME ADDRESS, of a link that was told of before. */
static bool parse_peer(struct routes *routes, char *rest)
{
	const char *name = strsep(&rest, " ");
	struct inet end;

	if (!rest || !inet_parse(rest, &end))
		return false;
	for (size_t i = 0; i < routes->tunnel_count; i++)
		if (strcmp(routes->tunnels[i].interface, name) == 0)
			add_end(&routes->tunnels[i], &end);
	return true;
}

/* 4|6 TABLE|end [special] [suppress=N] */
static bool parse_rule(struct routes *routes, char *rest)
{
	struct rule rule = {0};
	uint32_t suppress;
	char *word;

	if (!parse_family(strsep(&rest, " "), &rule.v4))
		return false;
	word = strsep(&rest, " ");
	rule.ends = text_equal(word, "end");
	if (!rule.ends && !parse_number(word, UINT32_MAX, &rule.table))
		return false;
	while ((word = strsep(&rest, " "))) {
		if (strcmp(word, "special") == 0)
			rule.special = true;
		else if (text_starts(word, "suppress=") &&
			 parse_number(word + strlen("suppress="), 128, &suppress))
			rule.suppress = suppress + 1;
		else
			return false;
	}
	array_push(routes->rules, routes->rule_count, rule);
	return true;
}

/* 4|6 TABLE BITS ADDRESS METRIC */
static bool parse_target(char **rest, struct route *ret)
{
	const char *to;

	if (!parse_family(strsep(rest, " "), &ret->v4) ||
	    !parse_number(strsep(rest, " "), UINT32_MAX, &ret->table) ||
	    !parse_number(strsep(rest, " "), ret->v4 ? 32 : 128, &ret->bits))
		return false;
	to = strsep(rest, " ");
	if (!to || !inet_parse(to, &ret->to) || (ret->v4 && !inet_is_v4(&ret->to)))
		return false;
	ret->bits += ret->v4 ? INET_V4_BITS : 0;
	return parse_number(strsep(rest, " "), UINT32_MAX, &ret->metric);
}

/* As above, then [throw]. */
static bool parse_hole(struct routes *routes, char *rest)
{
	struct route hole = {0};

	if (!parse_target(&rest, &hole))
		return false;
	hole.throws = text_equal(rest, "throw");
	array_push(routes->holes, routes->hole_count, hole);
	return true;
}

/* As above, then INTERFACE [dead]. */
static bool parse_route(struct routes *routes, char *rest)
{
	struct route route = {0};
	const char *interface;

	if (!parse_target(&rest, &route))
		return false;
	interface = strsep(&rest, " ");
	if (!interface || !*interface)
		return false;
	route.dead = text_equal(rest, "dead");
	/* A route of IPv6 to mapped addresses: nothing that IPv4 would take. */
	if (inet_is_v4(&route.to) == route.v4)
		routes_add(routes, &route, interface);
	return true;
}

static bool parse_told(struct routes *routes, char *line)
{
	static const struct {
		const char *keyword;
		bool (*parse)(struct routes *routes, char *rest);
	} kinds[] = {
		{"route", parse_route}, {"link", parse_link}, {"hole", parse_hole},
		{"rule", parse_rule},   {"peer", parse_peer},
	};
	const char *keyword = strsep(&line, " ");

	for (size_t i = 0; line && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].keyword, keyword) == 0)
			return kinds[i].parse(routes, line);
	return false;
}

/* ENOSYS: the kernel is not asked. */
static int read_told(const struct host *host, struct routes *routes, struct error *err)
{
	auto_free char *text = NULL;
	int ret = host_network_read(host, &text, err);
	char *at = text, *line;

	if (ret < 0)
		return ret;
	while ((line = strsep(&at, "\n"))) {
		char copy[65];

		snprintf(copy, sizeof(copy), "%s", line);
		if (*line && !parse_told(routes, line))
			return error_set(err, EBADMSG, "netlink: not understood: %s", copy);
	}
	return 0;
}

/* --- what /proc prints --- */

static bool is_way(unsigned int flags)
{
	return (flags & RTF_UP) && !(flags & RTF_REJECT);
}

/* "eth0 0002000A 00000000 0001 0 0 100 00FFFFFF ...", addresses in the machine's byte order. */
static bool parse_v4(struct routes *routes, const char *line)
{
	unsigned int to, flags, mask;
	char interface[64];
	struct route route = {.v4 = true, .table = ROUTES_MAIN};
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
		routes_add(routes, &route, interface);
	return true;
}

/* TO BITS FROM BITS GATEWAY METRIC REFERENCES USE FLAGS INTERFACE, addresses as digits in order. */
static bool parse_v6(struct routes *routes, const char *line)
{
	struct route route = {.v4 = false, .table = ROUTES_MAIN};
	unsigned int flags, metric;
	char to[33], interface[64];

	if (sscanf(line, "%32s %2x %*32s %*2x %*32s %8x %*8x %*8x %8x %63s", to, &route.bits,
		   &metric, &flags, interface) != 5 ||
	    !inet_parse_digits(to, &route.to))
		return false;
	route.metric = metric;
	if (is_way(flags))
		routes_add(routes, &route, flags & RTF_LOCAL ? "lo" : interface);
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
	int result = read_told(host, &routes, err);

	if (result == -ENOSYS) {
		result = read_table(host, "net/route", parse_v4, &routes, err);
		if (result == 0)
			result = read_table(host, "net/ipv6_route", parse_v6, &routes, err);
	}
	if (result < 0)
		return result;
	*ret = routes;
	routes = (struct routes){0};
	return 0;
}
