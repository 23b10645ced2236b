// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where the other ends of a WireGuard tunnel are: not in the table of links, but in an answer of
 * the module's own, which takes CAP_NET_ADMIN.
 */
#include "base/network-peers.h"

#include <arpa/inet.h>
#include <linux/genetlink.h>
#include <linux/rtnetlink.h>
#include <linux/wireguard.h>
#include <string.h>

#include "base/netlink.h"

struct wireguard_peers {
	const char *name;
	struct text *out;
	size_t mark;
	uint16_t family;
};

static const struct rtattr *behind(const void *payload, size_t length, int *ret_left)
{
	if (length < GENL_HDRLEN)
		length = GENL_HDRLEN;
	*ret_left = (int)(length - GENL_HDRLEN);
	return (const void *)((const char *)payload + GENL_HDRLEN);
}

static void take_family(void *data, uint16_t type, const void *payload, size_t length)
{
	struct wireguard_peers *peers = data;
	int left;

	(void)type;
	for (const struct rtattr *at = behind(payload, length, &left); RTA_OK(at, left);
	     at = RTA_NEXT(at, left))
		if (at->rta_type == CTRL_ATTR_FAMILY_ID && RTA_PAYLOAD(at) >= sizeof(peers->family))
			memcpy(&peers->family, RTA_DATA(at), sizeof(peers->family));
}

static void print_endpoint(const struct wireguard_peers *peers, const struct rtattr *endpoint)
{
	const struct sockaddr *address = RTA_DATA(endpoint);
	char text[INET6_ADDRSTRLEN] = "";

	if (RTA_PAYLOAD(endpoint) >= sizeof(struct sockaddr_in) && address->sa_family == AF_INET)
		inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)address)->sin_addr,
			  text, sizeof(text));
	if (RTA_PAYLOAD(endpoint) >= sizeof(struct sockaddr_in6) && address->sa_family == AF_INET6)
		inet_ntop(AF_INET6,
			  &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, text,
			  sizeof(text));
	if (*text)
		text_printf(peers->out, "peer %s %s\n", peers->name, text);
}

static void take_peer(const struct wireguard_peers *peers, const struct rtattr *peer)
{
	int left = (int)RTA_PAYLOAD(peer);

	for (const struct rtattr *at = RTA_DATA(peer); RTA_OK(at, left); at = RTA_NEXT(at, left))
		if ((at->rta_type & NLA_TYPE_MASK) == WGPEER_A_ENDPOINT)
			print_endpoint(peers, at);
}

static void take_device(void *data, uint16_t type, const void *payload, size_t length)
{
	struct wireguard_peers *peers = data;
	int left, within;

	if (type != peers->family)
		return;
	for (const struct rtattr *at = behind(payload, length, &left); RTA_OK(at, left);
	     at = RTA_NEXT(at, left)) {
		if ((at->rta_type & NLA_TYPE_MASK) != WGDEVICE_A_PEERS)
			continue;
		within = (int)RTA_PAYLOAD(at);
		for (const struct rtattr *peer = RTA_DATA(at); RTA_OK(peer, within);
		     peer = RTA_NEXT(peer, within))
			take_peer(peers, peer);
	}
}

static void restart(void *data)
{
	struct wireguard_peers *peers = data;

	if (peers->out->data)
		peers->out->data[peers->mark] = '\0';
	peers->out->length = peers->mark;
}

void network_dump_peers(const char *name, struct text *out)
{
	struct wireguard_peers peers = {.name = name, .out = out, .mark = out->length};
	const struct genlmsghdr find = {.cmd = CTRL_CMD_GETFAMILY, .version = 1};
	const struct genlmsghdr get = {.cmd = WG_CMD_GET_DEVICE, .version = WG_GENL_VERSION};
	struct netlink_request request = {.protocol = NETLINK_GENERIC,
					  .type = GENL_ID_CTRL,
					  .head = &find,
					  .head_size = sizeof(find),
					  .attribute = CTRL_ATTR_FAMILY_NAME,
					  .text = WG_GENL_NAME};

	if (netlink_ask(&request, take_family, &peers, NULL) < 0 || !peers.family)
		return;
	request.type = peers.family;
	request.head = &get;
	request.attribute = WGDEVICE_A_IFNAME;
	request.text = name;
	/* Without an answer its endpoints are not known, which is how it is then treated. */
	if (netlink_dump(&request, restart, take_device, &peers, NULL) < 0)
		restart(&peers);
}
