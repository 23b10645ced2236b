// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where a WireGuard interface's peers are, by answers as the module gives them: each list in an
 * attribute that says that it is nested, and long lists in several messages.
 */
#include "tests/host/check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/rtnetlink.h>
#include <linux/wireguard.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/netlink.h"
#include "base/network-peers.h"

#define FAMILY 31

/* --- a message, attribute by attribute --- */

struct message {
	_Alignas(8) char data[512];
	size_t length;
};

static struct message message_new(void)
{
	return (struct message){.length = GENL_HDRLEN};
}

static size_t begin(struct message *message, unsigned int type)
{
	struct rtattr head = {.rta_len = RTA_LENGTH(0), .rta_type = (unsigned short)type};
	size_t start = message->length;

	memcpy(message->data + start, &head, sizeof(head));
	message->length += RTA_LENGTH(0);
	return start;
}

static void end(struct message *message, size_t start)
{
	unsigned short length = (unsigned short)(message->length - start);

	memcpy(message->data + start, &length, sizeof(length));
	message->length = RTA_ALIGN(message->length);
}

static void put(struct message *message, unsigned int type, const void *value, size_t length)
{
	size_t start = begin(message, type);

	memcpy(message->data + message->length, value, length);
	message->length += length;
	end(message, start);
}

static void put_peer(struct message *message, const void *endpoint, size_t length)
{
	static const char key[WG_KEY_LEN] = "A";
	size_t peer = begin(message, 0 | NLA_F_NESTED), list;

	put(message, WGPEER_A_PUBLIC_KEY, key, sizeof(key));
	if (endpoint)
		put(message, WGPEER_A_ENDPOINT, endpoint, length);
	list = begin(message, WGPEER_A_ALLOWEDIPS | NLA_F_NESTED);
	end(message, list);
	end(message, peer);
}

static void put_peer_inet(struct message *message, const char *text)
{
	struct sockaddr_in address = {.sin_family = AF_INET};

	assert_int_equal(inet_pton(AF_INET, text, &address.sin_addr), 1);
	put_peer(message, &address, sizeof(address));
}

static void put_peer_inet6(struct message *message, const char *text)
{
	struct sockaddr_in6 address = {.sin6_family = AF_INET6};

	assert_int_equal(inet_pton(AF_INET6, text, &address.sin6_addr), 1);
	put_peer(message, &address, sizeof(address));
}

/* --- the kernel --- */

static struct message answers[4];
static size_t answer_count;
static int failure, restarts;
static bool has_module;

int __wrap_netlink_ask(const struct netlink_request *request, netlink_visit *visit, void *data,
		       struct error *err);
int __wrap_netlink_dump(const struct netlink_request *request, void (*restart)(void *data),
			netlink_visit *visit, void *data, struct error *err);

int __wrap_netlink_ask(const struct netlink_request *request, netlink_visit *visit, void *data,
		       struct error *err)
{
	struct message message = message_new();
	const uint16_t family = FAMILY;

	assert_int_equal(request->protocol, NETLINK_GENERIC);
	assert_int_equal(request->type, GENL_ID_CTRL);
	assert_string_equal(request->text, "wireguard");
	if (!has_module)
		return error_set(err, ENOENT, "netlink's answer");
	put(&message, CTRL_ATTR_FAMILY_NAME, "wireguard", sizeof("wireguard"));
	put(&message, CTRL_ATTR_FAMILY_ID, &family, sizeof(family));
	visit(data, GENL_ID_CTRL, message.data, message.length);
	return 0;
}

int __wrap_netlink_dump(const struct netlink_request *request, void (*restart)(void *data),
			netlink_visit *visit, void *data, struct error *err)
{
	const struct genlmsghdr *head = request->head;

	assert_true(has_module);
	assert_int_equal(request->type, FAMILY);
	assert_int_equal(head->cmd, WG_CMD_GET_DEVICE);
	assert_int_equal(request->attribute, WGDEVICE_A_IFNAME);
	assert_string_equal(request->text, "wg0");
	for (int i = 0; i <= restarts; i++) {
		if (i > 0)
			restart(data);
		for (size_t j = 0; j < answer_count; j++)
			visit(data, FAMILY, answers[j].data, answers[j].length);
	}
	return failure ? error_set(err, failure, "netlink's answer") : 0;
}

static int fresh(void **state)
{
	(void)state;
	answer_count = 0;
	failure = restarts = 0;
	has_module = true;
	return 0;
}

/* One message; flags: those of the list of peers. */
static struct message *answer(unsigned int flags, size_t *ret_list)
{
	struct message *message = &answers[answer_count++];

	*message = message_new();
	put(message, WGDEVICE_A_IFNAME, "wg0", sizeof("wg0"));
	*ret_list = begin(message, WGDEVICE_A_PEERS | flags);
	return message;
}

static void assert_peers(const char *expected)
{
	auto_text struct text text = TEXT_INIT;

	text_append(&text, "link 5 wg0\n", strlen("link 5 wg0\n"));
	network_dump_peers("wg0", &text);
	assert_memory_equal(text.data, "link 5 wg0\n", strlen("link 5 wg0\n"));
	assert_text(text.data + strlen("link 5 wg0\n"), expected);
}

static void nested_lists(void **state)
{
	struct message *message;
	size_t list;

	(void)state;
	message = answer(NLA_F_NESTED, &list);
	put_peer_inet(message, "192.0.2.7");
	put_peer(message, NULL, 0);
	put_peer_inet6(message, "2001:db8::7");
	end(message, list);
	assert_peers("peer wg0 192.0.2.7\npeer wg0 2001:db8::7\n");
}

/* Kernels before 5.2 did not say of a list that it is nested. */
static void lists_without_the_flag(void **state)
{
	struct message *message;
	size_t list;

	(void)state;
	message = answer(0, &list);
	put_peer_inet(message, "192.0.2.7");
	end(message, list);
	assert_peers("peer wg0 192.0.2.7\n");
}

static void two_messages(void **state)
{
	static const char *const peers[] = {"192.0.2.7", "192.0.2.8"};
	size_t list;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct message *message = answer(NLA_F_NESTED, &list);

		put_peer_inet(message, peers[i]);
		end(message, list);
	}
	assert_peers("peer wg0 192.0.2.7\npeer wg0 192.0.2.8\n");
}

/* Half of the peers would pass for all of them. */
static void what_is_not_whole_is_not_told(void **state)
{
	struct message *message;
	size_t list;

	(void)state;
	message = answer(NLA_F_NESTED, &list);
	put_peer_inet(message, "192.0.2.7");
	end(message, list);
	restarts = 2;
	assert_peers("peer wg0 192.0.2.7\n");
	failure = EAGAIN;
	assert_peers("");
	has_module = false;
	assert_peers("");
}

/* An address of neither kind, and one that is cut off. */
static void endpoints_that_are_none(void **state)
{
	struct sockaddr_in6 other = {.sin6_family = AF_UNIX}, cut = {.sin6_family = AF_INET6};
	struct message *message;
	size_t list;

	(void)state;
	message = answer(NLA_F_NESTED, &list);
	put_peer(message, &other, sizeof(other));
	put_peer(message, &cut, sizeof(struct sockaddr_in));
	put_peer(message, &cut, 2);
	end(message, list);
	assert_peers("");
}

#define test(name) cmocka_unit_test_setup(name, fresh)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(nested_lists),
		test(lists_without_the_flag),
		test(two_messages),
		test(what_is_not_whole_is_not_told),
		test(endpoints_that_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
