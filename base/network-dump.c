// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the kernel's answers about links, next hops, rules and routes mean, and which lines of text
 * they become. Numbers of interfaces become names here, as only here both are known.
 */
#include "base/network-dump.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/if_link.h>
#include <linux/if_tunnel.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/netlink.h"
#include "base/network-peers.h"

struct network_link {
	unsigned int index;
	char *name;
};

struct hop {
	uint32_t id;
	unsigned int interface; /* 0: a group, or a hole */
	bool dead;
	uint32_t *group;
	size_t group_count;
};

struct dump {
	struct text *out;
	size_t mark; /* where the lines of the table begin that is being read */
	struct network_link *links;
	size_t link_count;
	size_t last;    /* the link that was looked for last: routes come in runs */
	char **tunnels; /* names of WireGuard's */
	size_t tunnel_count;
	struct hop *hops;
	size_t hop_count;
};

static void forget_links(void *data)
{
	struct dump *dump = data;

	for (size_t i = 0; i < dump->link_count; i++)
		free(dump->links[i].name);
	for (size_t i = 0; i < dump->tunnel_count; i++)
		free(dump->tunnels[i]);
	free(dump->links);
	free(dump->tunnels);
	dump->links = NULL;
	dump->tunnels = NULL;
	dump->link_count = dump->tunnel_count = 0;
}

static void forget_hops(void *data)
{
	struct dump *dump = data;

	for (size_t i = 0; i < dump->hop_count; i++)
		free(dump->hops[i].group);
	free(dump->hops);
	dump->hops = NULL;
	dump->hop_count = 0;
}

static void dump_done(struct dump *dump)
{
	forget_links(dump);
	forget_hops(dump);
}

static void forget_lines(void *data)
{
	struct dump *dump = data;

	if (dump->out->data)
		dump->out->data[dump->mark] = '\0';
	dump->out->length = dump->mark;
}

/* --- attributes --- */

struct attrs {
	const struct rtattr *first;
	size_t length;
};

static struct attrs attrs_behind(const void *payload, size_t length, size_t head)
{
	head = NLMSG_ALIGN(head);
	return length > head
		       ? (struct attrs){(const void *)((const char *)payload + head), length - head}
		       : (struct attrs){NULL, 0};
}

static const struct rtattr *find(struct attrs attrs, unsigned int type)
{
	int left = (int)attrs.length;

	for (const struct rtattr *at = attrs.first; at && RTA_OK(at, left); at = RTA_NEXT(at, left))
		if ((at->rta_type & NLA_TYPE_MASK) == type)
			return at;
	return NULL;
}

static struct attrs find_nested(struct attrs attrs, unsigned int type)
{
	const struct rtattr *attr = find(attrs, type);

	return attr ? (struct attrs){RTA_DATA(attr), RTA_PAYLOAD(attr)} : (struct attrs){NULL, 0};
}

static uint32_t find_u32(struct attrs attrs, unsigned int type, uint32_t otherwise)
{
	const struct rtattr *attr = find(attrs, type);
	uint32_t value = otherwise;

	if (attr && RTA_PAYLOAD(attr) >= sizeof(value))
		memcpy(&value, RTA_DATA(attr), sizeof(value));
	return value;
}

/* Heap or NULL. */
static char *find_string(struct attrs attrs, unsigned int type)
{
	const struct rtattr *attr = find(attrs, type);

	return attr ? xasprintf("%.*s", (int)RTA_PAYLOAD(attr), (const char *)RTA_DATA(attr))
		    : NULL;
}

/* --- links --- */

static const char *name_of(struct dump *dump, unsigned int index)
{
	for (size_t i = 0; i < dump->link_count; i++) {
		size_t at = (dump->last + i) % dump->link_count;

		if (dump->links[at].index == index) {
			dump->last = at;
			return dump->links[at].name;
		}
	}
	return NULL;
}

static const struct {
	const char *kind;
	unsigned int remote[2];
} tunnels[] = {
	{"gre", {IFLA_GRE_REMOTE}},
	{"gretap", {IFLA_GRE_REMOTE}},
	{"erspan", {IFLA_GRE_REMOTE}},
	{"ip6gre", {IFLA_GRE_REMOTE}},
	{"ip6gretap", {IFLA_GRE_REMOTE}},
	{"ip6erspan", {IFLA_GRE_REMOTE}},
	{"ipip", {IFLA_IPTUN_REMOTE}},
	{"sit", {IFLA_IPTUN_REMOTE}},
	{"ip6tnl", {IFLA_IPTUN_REMOTE}},
	{"vti", {IFLA_VTI_REMOTE}},
	{"vti6", {IFLA_VTI_REMOTE}},
	{"vxlan", {IFLA_VXLAN_GROUP, IFLA_VXLAN_GROUP6}},
	{"geneve", {IFLA_GENEVE_REMOTE, IFLA_GENEVE_REMOTE6}},
};

/* " to=ADDRESS", but for none, "any" and groups, whose members are not told. */
static void print_remote(struct text *out, const struct rtattr *attr)
{
	static const uint8_t any[16];
	char text[INET6_ADDRSTRLEN];
	const uint8_t *bytes = attr ? RTA_DATA(attr) : NULL;
	size_t length = attr ? RTA_PAYLOAD(attr) : 0;

	if ((length != 4 && length != 16) || memcmp(bytes, any, length) == 0 ||
	    (length == 4 ? bytes[0] >> 4 == 0xe : bytes[0] == 0xff))
		return;
	if (inet_ntop(length == 4 ? AF_INET : AF_INET6, bytes, text, sizeof(text)))
		text_printf(out, " to=%s", text);
}

static void print_remotes(struct text *out, const char *kind, struct attrs info)
{
	for (size_t i = 0; i < sizeof(tunnels) / sizeof(tunnels[0]); i++)
		for (size_t k = 0; strcmp(tunnels[i].kind, kind) == 0 && k < 2; k++)
			if (tunnels[i].remote[k])
				print_remote(out, find(info, tunnels[i].remote[k]));
}

/* First all names, as a link may stand on one that is told of later. */
static void take_link_name(void *data, uint16_t type, const void *payload, size_t length)
{
	struct dump *dump = data;
	const struct ifinfomsg *head = payload;
	auto_free char *name = NULL;

	if (type != RTM_NEWLINK || length < sizeof(*head))
		return;
	name = find_string(attrs_behind(payload, length, sizeof(*head)), IFLA_IFNAME);
	if (!name)
		return;
	array_push(dump->links, dump->link_count,
		   (struct network_link){(unsigned int)head->ifi_index, steal(&name)});
}

static void take_link(void *data, uint16_t type, const void *payload, size_t length)
{
	struct dump *dump = data;
	const struct ifinfomsg *head = payload;
	struct attrs attrs = attrs_behind(payload, length, sizeof(*head));
	struct attrs info = find_nested(attrs, IFLA_LINKINFO);
	auto_free char *name = find_string(attrs, IFLA_IFNAME);
	auto_free char *kind = find_string(info, IFLA_INFO_KIND);
	uint32_t below = find_u32(attrs, IFLA_LINK, 0);

	if (type != RTM_NEWLINK || length < sizeof(*head) || !name || !kind)
		return;
	text_printf(dump->out, "link %s %s", name, kind);
	/* The number is one of that other namespace. */
	if (find(attrs, IFLA_LINK_NETNSID))
		text_printf(dump->out, " elsewhere");
	else if (below && below != (uint32_t)head->ifi_index && name_of(dump, below))
		text_printf(dump->out, " below=%s", name_of(dump, below));
	print_remotes(dump->out, kind, find_nested(info, IFLA_INFO_DATA));
	text_printf(dump->out, "\n");
	if (strcmp(kind, "wireguard") == 0)
		array_push(dump->tunnels, dump->tunnel_count, steal(&name));
}

static int dump_links(struct dump *dump, struct error *err)
{
	const struct ifinfomsg head = {.ifi_family = AF_UNSPEC};
	const struct netlink_request request = {.protocol = NETLINK_ROUTE,
						.type = RTM_GETLINK,
						.head = &head,
						.head_size = sizeof(head)};
	int ret = netlink_dump(&request, forget_links, take_link_name, dump, err);

	dump->mark = dump->out->length;
	return ret < 0 ? ret : netlink_dump(&request, forget_lines, take_link, dump, err);
}

/* --- next hops that are objects of their own (Linux 5.3) --- */

static void take_hop(void *data, uint16_t type, const void *payload, size_t length)
{
	struct dump *dump = data;
	const struct nhmsg *head = payload;
	struct attrs attrs = attrs_behind(payload, length, sizeof(*head));
	const struct rtattr *group = find(attrs, NHA_GROUP);
	struct hop hop = {.id = find_u32(attrs, NHA_ID, 0),
			  .interface = find_u32(attrs, NHA_OIF, 0)};

	if (type != RTM_NEWNEXTHOP || length < sizeof(*head) || !hop.id)
		return;
	hop.dead = head->nh_flags & (RTNH_F_DEAD | RTNH_F_LINKDOWN);
	for (size_t at = 0; group && at + sizeof(struct nexthop_grp) <= RTA_PAYLOAD(group);
	     at += sizeof(struct nexthop_grp)) {
		const struct nexthop_grp *member = (const void *)((char *)RTA_DATA(group) + at);

		array_push(hop.group, hop.group_count, member->id);
	}
	array_push(dump->hops, dump->hop_count, hop);
}

static int dump_hops(struct dump *dump, struct error *err)
{
	const struct nhmsg head = {.nh_family = AF_UNSPEC};
	const struct netlink_request request = {.protocol = NETLINK_ROUTE,
						.type = RTM_GETNEXTHOP,
						.head = &head,
						.head_size = sizeof(head)};
	int ret = netlink_dump(&request, forget_hops, take_hop, dump, err);

	return ret == -EOPNOTSUPP ? 0 : ret;
}

/* --- rules --- */

/* Does it pick some packets only? What this host sends of itself has no mark, as a rule. */
static bool is_special(const struct fib_rule_hdr *head, struct attrs attrs)
{
	static const unsigned int picks[] = {
		FRA_IIFNAME,   FRA_OIFNAME,  FRA_TUN_ID,      FRA_L3MDEV,
		FRA_UID_RANGE, FRA_IP_PROTO, FRA_SPORT_RANGE, FRA_DPORT_RANGE,
	};

	for (size_t i = 0; i < sizeof(picks) / sizeof(picks[0]); i++)
		if (find(attrs, picks[i]))
			return true;
	if (head->tos)
		return true;
	/* "not fwmark 0xca6c", "not from ...": nearly all of them. */
	if (head->flags & FIB_RULE_INVERT)
		return false;
	return head->src_len || head->dst_len || find_u32(attrs, FRA_FWMARK, 0);
}

/* Are the rules behind it not asked any more, or, with a goto, not all of them? */
static bool is_end(const struct fib_rule_hdr *head)
{
	switch (head->action) {
	case FR_ACT_GOTO:
		/* To a rule that is not there: the next one is asked. */
		return !(head->flags & FIB_RULE_UNRESOLVED);
	case FR_ACT_BLACKHOLE:
	case FR_ACT_UNREACHABLE:
	case FR_ACT_PROHIBIT:
		return true;
	default:
		return false;
	}
}

static void take_rule(void *data, uint16_t type, const void *payload, size_t length)
{
	struct dump *dump = data;
	const struct fib_rule_hdr *head = payload;
	struct attrs attrs = attrs_behind(payload, length, sizeof(*head));
	const char *special, version = head->family == AF_INET ? '4' : '6';
	uint32_t suppressed;

	if (type != RTM_NEWRULE || length < sizeof(*head))
		return;
	special = is_special(head, attrs) ? " special" : "";
	if (is_end(head))
		text_printf(dump->out, "rule %c end%s\n", version, special);
	if (head->action != FR_ACT_TO_TBL)
		return;
	text_printf(dump->out, "rule %c %u%s", version, find_u32(attrs, FRA_TABLE, head->table),
		    special);
	suppressed = find_u32(attrs, FRA_SUPPRESS_PREFIXLEN, UINT32_MAX);
	if (suppressed <= 128)
		text_printf(dump->out, " suppress=%u", suppressed);
	text_printf(dump->out, "\n");
}

/* --- routes --- */

/* "KEYWORD 4|6 TABLE BITS ADDRESS METRIC" */
static bool print_target(struct dump *dump, const char *keyword, const struct rtmsg *head,
			 struct attrs attrs)
{
	static const uint8_t any[16];
	const struct rtattr *to = find(attrs, RTA_DST);
	size_t size = head->rtm_family == AF_INET ? 4 : 16;
	char text[INET6_ADDRSTRLEN];

	if (to && RTA_PAYLOAD(to) < size)
		return false;
	if (!inet_ntop(head->rtm_family, to ? RTA_DATA(to) : any, text, sizeof(text)))
		return false;
	text_printf(dump->out, "%s %c %u %u %s %u", keyword, size == 4 ? '4' : '6',
		    find_u32(attrs, RTA_TABLE, head->rtm_table), head->rtm_dst_len, text,
		    find_u32(attrs, RTA_PRIORITY, 0));
	return true;
}

static void print_route(struct dump *dump, const struct rtmsg *head, struct attrs attrs,
			const char *interface, bool dead)
{
	if (interface && print_target(dump, "route", head, attrs))
		text_printf(dump->out, " %s%s\n", interface, dead ? " dead" : "");
}

/* Those for some packets only (by type of service, by source) do not count. */
static void print_hole(struct dump *dump, const struct rtmsg *head, struct attrs attrs)
{
	if (head->rtm_tos || head->rtm_src_len)
		return;
	if (print_target(dump, "hole", head, attrs))
		text_printf(dump->out, "%s\n", head->rtm_type == RTN_THROW ? " throw" : "");
}

static bool is_hole(const struct rtmsg *head)
{
	return head->rtm_type == RTN_BLACKHOLE || head->rtm_type == RTN_UNREACHABLE ||
	       head->rtm_type == RTN_PROHIBIT || head->rtm_type == RTN_THROW;
}

static void print_hop(struct dump *dump, const struct rtmsg *head, struct attrs attrs, uint32_t id,
		      bool in_group)
{
	for (size_t i = 0; i < dump->hop_count; i++) {
		const struct hop *hop = &dump->hops[i];

		if (hop->id != id)
			continue;
		if (hop->interface)
			print_route(dump, head, attrs, name_of(dump, hop->interface), hop->dead);
		for (size_t k = 0; !in_group && k < hop->group_count; k++)
			print_hop(dump, head, attrs, hop->group[k], true);
	}
}

static void print_multipath(struct dump *dump, const struct rtmsg *head, struct attrs attrs,
			    const struct rtattr *multipath)
{
	const struct rtnexthop *hop = RTA_DATA(multipath);
	int left = (int)RTA_PAYLOAD(multipath);

	for (; RTNH_OK(hop, left); left -= (int)RTNH_ALIGN(hop->rtnh_len), hop = RTNH_NEXT(hop))
		print_route(dump, head, attrs, name_of(dump, (unsigned int)hop->rtnh_ifindex),
			    hop->rtnh_flags & (RTNH_F_DEAD | RTNH_F_LINKDOWN));
}

static void take_route(void *data, uint16_t type, const void *payload, size_t length)
{
	struct dump *dump = data;
	const struct rtmsg *head = payload;
	struct attrs attrs = attrs_behind(payload, length, sizeof(*head));
	uint32_t interface = find_u32(attrs, RTA_OIF, 0), hop = find_u32(attrs, RTA_NH_ID, 0);
	const struct rtattr *multipath = find(attrs, RTA_MULTIPATH);

	if (type != RTM_NEWROUTE || length < sizeof(*head) || head->rtm_flags & RTM_F_CLONED)
		return;
	if (head->rtm_type == RTN_LOCAL)
		print_route(dump, head, attrs, "lo", false);
	else if (is_hole(head))
		print_hole(dump, head, attrs);
	/* What goes to everybody on a net is no way to anybody. */
	else if (head->rtm_type != RTN_UNICAST)
		return;
	else if (multipath)
		print_multipath(dump, head, attrs, multipath);
	else if (interface)
		print_route(dump, head, attrs, name_of(dump, interface),
			    head->rtm_flags & (RTNH_F_DEAD | RTNH_F_LINKDOWN));
	/* With net.ipv4.nexthop_compat_mode=0 the number is all that is told. */
	else if (hop)
		print_hop(dump, head, attrs, hop, false);
}

static int dump_family(struct dump *dump, uint16_t type, unsigned char family, netlink_visit *take,
		       struct error *err)
{
	/* The headers of rules and of routes are alike as far as a question needs them. */
	const struct rtmsg head = {.rtm_family = family};
	const struct netlink_request request = {
		.protocol = NETLINK_ROUTE, .type = type, .head = &head, .head_size = sizeof(head)};
	int ret;

	dump->mark = dump->out->length;
	ret = netlink_dump(&request, forget_lines, take, dump, err);
	/* A kernel without this protocol, or without rules. */
	return ret == -EOPNOTSUPP || ret == -EAFNOSUPPORT ? 0 : ret;
}

int network_dump(struct text *out, struct error *err)
{
	cleanup(dump_done) struct dump dump = {.out = out};
	int ret = dump_links(&dump, err);

	if (ret == 0)
		ret = dump_hops(&dump, err);
	if (ret == 0)
		ret = dump_family(&dump, RTM_GETRULE, AF_INET, take_rule, err);
	if (ret == 0)
		ret = dump_family(&dump, RTM_GETRULE, AF_INET6, take_rule, err);
	if (ret == 0)
		ret = dump_family(&dump, RTM_GETROUTE, AF_INET, take_route, err);
	if (ret == 0)
		ret = dump_family(&dump, RTM_GETROUTE, AF_INET6, take_route, err);
	for (size_t i = 0; ret == 0 && i < dump.tunnel_count; i++)
		network_dump_peers(dump.tunnels[i], out);
	return ret;
}
