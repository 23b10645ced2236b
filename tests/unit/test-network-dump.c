// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What this machine's own kernel tells over netlink, in a network namespace that the test makes;
 * and that the same lines, on a made-up machine, lead to the right answer.
 */
#include "tests/unit/network-helpers.h"

#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/netlink.h"
#include "base/network-dump.h"

static void sh(const char *command)
{
	int status = system(command);

	if (status != 0)
		print_error("%s: status %d\n", command, status);
	assert_int_equal(status, 0);
}

static bool sh_can(const char *command)
{
	auto_free char *quiet = xasprintf("%s > /dev/null 2>&1", command);

	return system(quiet) == 0;
}

/* eth0 and eth1 of the made-up machine are one end each of a pair. */
static int fresh_network(void **state)
{
	/* Who is not root may have networks in a namespace of users. */
	if (unshare(geteuid() ? CLONE_NEWUSER | CLONE_NEWNET : CLONE_NEWNET) < 0) {
		print_error("no network namespace: %s\n", strerror(errno));
		return -1;
	}
	sh("ip link set lo up");
	sh("ip link add eth0 type veth peer name far0 && ip link add eth1 type veth peer name "
	   "far1");
	sh("for i in eth0 far0 eth1 far1; do ip link set $i up || exit; done");
	sh("ip address add 192.0.2.1/24 dev eth0 && ip address add 198.51.100.1/24 dev eth1");
	sh("ip address add 2001:db8::1/64 dev eth0 nodad");
	return fresh(state);
}

static char *dumped(void)
{
	struct text text = TEXT_INIT;
	struct error err = ERROR_INIT;

	assert_ok(network_dump(&text, &err), &err);
	assert_non_null(text.data);
	return text.data;
}

static void assert_told(const char *text, const char *line)
{
	auto_free char *whole = xasprintf("\n%s", text), *wanted = xasprintf("\n%s\n", line);

	if (!strstr(whole, wanted))
		print_error("not told: %s\nbut:\n%s", line, text);
	assert_non_null(strstr(whole, wanted));
}

static void assert_not_told(const char *text, const char *part)
{
	if (strstr(text, part))
		print_error("told: %s:\n%s", part, text);
	assert_null(strstr(text, part));
}

/* The made-up machine's kernel says what this one says. */
static char *uses_told(struct testhost *host)
{
	auto_free char *text = dumped();

	tree_file(host->root_fd, "network", "%s", text);
	return uses_of(host, "");
}

#define assert_uses_told(host, expected)                                                           \
	do {                                                                                       \
		auto_free char *uses_ = uses_told(host);                                           \
		assert_text(uses_, expected);                                                      \
	} while (0)

static void nothing_leads_out(void **state)
{
	auto_free char *text = dumped();

	assert_told(text, "route 4 254 24 192.0.2.0 0 eth0");
	assert_told(text, "route 4 255 32 192.0.2.1 0 lo");
	assert_told(text, "route 6 254 64 2001:db8:: 256 eth0");
	assert_told(text, "rule 4 255");
	assert_told(text, "rule 4 254");
	assert_told(text, "rule 6 254");
	assert_told(text, "link eth0 veth below=far0");
	assert_not_told(text, " ff00::");
	assert_uses_told(*state, "");
}

static void two_default_routes_and_holes(void **state)
{
	auto_free char *text = NULL;

	sh("ip route add default via 192.0.2.254 metric 100");
	sh("ip route add default via 198.51.100.254 metric 600");
	sh("ip route add unreachable default metric 700 && ip route add blackhole 203.0.113.0/24");
	sh("ip -6 route add default via 2001:db8::ff dev eth0");
	text = dumped();
	assert_told(text, "route 4 254 0 0.0.0.0 100 eth0");
	assert_told(text, "route 4 254 0 0.0.0.0 600 eth1");
	assert_told(text, "hole 4 254 24 203.0.113.0 0");
	assert_told(text, "hole 4 254 0 0.0.0.0 700");
	assert_uses_told(*state, "default-route eth0: carries the default route of IPv4\n"
				 "default-route eth0: carries the default route of IPv6\n");
}

static void a_default_route_without_a_carrier_is_dead(void **state)
{
	auto_free char *text = NULL;

	(void)state;
	sh("ip route add default via 192.0.2.254 && ip link set far0 down");
	for (int i = 0; i < 100; i++) {
		free(text);
		text = dumped();
		if (strstr(text, "0.0.0.0 0 eth0 dead\n"))
			return;
		usleep(20000);
	}
	assert_told(text, "route 4 254 0 0.0.0.0 0 eth0 dead");
}

static void a_table_of_policy_routing(void **state)
{
	auto_free char *text = NULL;

	sh("ip route add default via 192.0.2.254 table 100 && ip rule add from 10.0.0.0/8 table "
	   "100");
	sh("ip route add default via 198.51.100.254 table 200 && ip rule add not fwmark 7 table "
	   "200");
	sh("ip rule add fwmark 9 prohibit && ip rule add blackhole priority 40000");
	sh("ip route add throw 10.9.0.0/16 table 100");
	sh("ip rule add table main suppress_prefixlength 0");
	sh("ip rule add goto 32766 priority 100 && ip rule add goto 50000 priority 101");
	text = dumped();
	assert_told(text, "route 4 100 0 0.0.0.0 0 eth0");
	assert_told(text, "hole 4 100 16 10.9.0.0 0 throw");
	assert_told(text, "rule 4 255\nrule 4 end\nrule 4 254 suppress=0\nrule 4 end special");
	assert_told(text, "rule 4 254\nrule 4 253\nrule 4 end");
	assert_told(text, "rule 4 100 special");
	assert_told(text, "rule 4 200");
	assert_told(text, "rule 4 254 suppress=0");
	assert_uses_told(*state, "default-route eth0: carries the default route of IPv4 (table "
				 "100)\n");
}

static void several_next_hops(void **state)
{
	auto_free char *text = NULL;

	sh("ip route add default nexthop via 198.51.100.254 nexthop via 192.0.2.254");
	text = dumped();
	assert_told(text, "route 4 254 0 0.0.0.0 0 eth0");
	assert_told(text, "route 4 254 0 0.0.0.0 0 eth1");
	assert_uses_told(*state, "default-route eth0: carries the default route of IPv4\n");
}

static void next_hops_that_are_objects(void **state)
{
	sh("ip nexthop add id 1 via 198.51.100.254 dev eth1 && "
	   "ip nexthop add id 2 via 192.0.2.254 dev eth0 && ip nexthop add id 10 group 1/2");
	sh("ip route add default nhid 10");
	assert_uses_told(*state, "default-route eth0: carries the default route of IPv4\n");
	/* Then the number of the object is all that a route tells. */
	sh("echo 0 > /proc/sys/net/ipv4/nexthop_compat_mode");
	assert_uses_told(*state, "default-route eth0: carries the default route of IPv4\n");
}

static void a_tunnel_by_the_route_to_its_other_end(void **state)
{
	struct testhost *host = *state;
	auto_free char *text = NULL;

	sh("ip link add vx0 type vxlan id 5 remote 203.0.113.7 dstport 4789 && ip link set vx0 up");
	sh("ip route add 203.0.113.7 via 192.0.2.254 && ip route add default dev vx0");
	add_interface(host, "vx0", "sys/devices/virtual");
	text = dumped();
	assert_told(text, "link vx0 vxlan to=203.0.113.7");
	assert_uses_told(host, "default-route eth0: carries the default route of IPv4 by vx0\n");
	sh("ip route del 203.0.113.7 && ip route add 203.0.113.7 via 198.51.100.254");
	assert_uses_told(host, "");
}

/* By its own answer where this kernel has it; where it has not, as one of a program. */
static void wireguard_or_a_program_s_tunnel(void **state)
{
	struct testhost *host = *state;
	bool has = sh_can("ip link add wg0 type wireguard");
	const char *peer = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
	auto_free char *set = xasprintf("wg set wg0 peer %s endpoint 203.0.113.7:51820 allowed-ips "
					"0.0.0.0/0",
					peer);

	if (has && sh_can("command -v wg"))
		sh(set);
	else if (!has)
		sh("ip tuntap add wg0 mode tun");
	sh("ip link set wg0 up && ip route add 203.0.113.7 via 192.0.2.254");
	sh("ip route add default dev wg0");
	add_interface(host, "wg0", "sys/devices/virtual");
	assert_uses_told(host, has && sh_can("command -v wg")
				       ? "default-route eth0: carries the default route of IPv4 by "
					 "wg0\n"
				       : "default-route eth0: may carry the default route of IPv4 "
					 "by wg0\n");
}

static void the_other_end_of_a_pair_is_a_port_of_a_bridge(void **state)
{
	struct testhost *host = *state;

	sh("ip link add br0 type bridge && ip link add v0 type veth peer name v1");
	sh("ip link set v1 master br0 && ip link set v0 up && ip route add default dev v0");
	add_interface(host, "br0", "sys/devices/virtual");
	add_interface(host, "v0", "sys/devices/virtual");
	add_interface(host, "v1", "sys/devices/virtual");
	tree_dir(host->root_fd, "sys/class/net/br0/bridge");
	stack(host, "br0", "v1");
	stack(host, "br0", "eth0");
	assert_uses_told(host, "default-route eth0: carries the default route of IPv4 by v0\n"
			       "upper-interface eth0: is part of bridge br0\n");
}

static void names_that_look_like_something_else(void **state)
{
	struct testhost *host = *state;
	auto_free char *text = NULL;

	sh("ip link add 'to=1.2.3.4' type veth peer name '-' && ip link set 'to=1.2.3.4' up && "
	   "ip link set dev - up && ip route add default dev 'to=1.2.3.4'");
	text = dumped();
	assert_told(text, "link to=1.2.3.4 veth below=-");
	assert_uses_told(host, "");
}

static void thousands_of_routes(void **state)
{
	uint64_t before;

	sh("i=0; while [ $i -lt 20000 ]; do echo route add 10.$((i / 256)).$((i % 256)).0/24 via "
	   "192.0.2.254; i=$((i + 1)); done | ip -batch -");
	sh("ip route add default via 192.0.2.254");
	before = host_now_ms();
	assert_uses_told(*state, "default-route eth0: carries the default route of IPv4\n");
	assert_true(host_now_ms() - before < 5000);
}

struct changing {
	int tries, links;
};

static void begin_again(void *data)
{
	struct changing *changing = data;

	changing->tries++;
	changing->links = 0;
}

/* While the first try reads the first part of the answer, what the next parts tell changes. */
static void change_links(void *data, uint16_t type, const void *payload, size_t length)
{
	struct changing *changing = data;

	(void)type;
	(void)payload;
	(void)length;
	if (changing->links++ == 0 && changing->tries == 1)
		sh("ip link add new0 type veth peer name new1");
}

static void links_that_change_while_they_are_told(void **state)
{
	const struct ifinfomsg head = {.ifi_family = AF_UNSPEC};
	const struct netlink_request request = {.protocol = NETLINK_ROUTE,
						.type = RTM_GETLINK,
						.head = &head,
						.head_size = sizeof(head)};
	struct changing changing = {.tries = 1};
	struct error err = ERROR_INIT;

	(void)state;
	sh("i=0; while [ $i -lt 60 ]; do echo link add a$i type veth peer name b$i; i=$((i + 1)); "
	   "done | ip -batch -");
	assert_ok(netlink_dump(&request, begin_again, change_links, &changing, &err), &err);
	assert_int_equal(changing.tries, 2);
	assert_true(changing.links >= 1 + 4 + 120 + 2);
}

/* The kernel gives an address of IPv6 its route a little later, which may come between two looks.
 */
#define LOOKS 50

static void the_real_machine_s_operation_answers(void **state)
{
	cleanup(host_close) struct host host = {0};
	auto_free char *text = NULL, *same = NULL;
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(host_open(&host, "/", &host_ops_readonly, NULL, &err), &err);
	for (int i = 0; i < LOOKS && (!text || strcmp(text, same) != 0); i++) {
		free(same);
		free(text);
		text = NULL;
		same = dumped();
		assert_ok(host_network_read(&host, &text, &err), &err);
	}
	assert_text(text, same);
	host.ops = NULL;
	assert_int_equal(host_network_read(&host, &text, &err), -ENOSYS);
}

#define NET_TEST(name) cmocka_unit_test_setup_teardown(name, fresh_network, stale)

int main(void)
{
	const struct CMUnitTest tests[] = {
		NET_TEST(nothing_leads_out),
		NET_TEST(two_default_routes_and_holes),
		NET_TEST(a_default_route_without_a_carrier_is_dead),
		NET_TEST(a_table_of_policy_routing),
		NET_TEST(several_next_hops),
		NET_TEST(next_hops_that_are_objects),
		NET_TEST(a_tunnel_by_the_route_to_its_other_end),
		NET_TEST(wireguard_or_a_program_s_tunnel),
		NET_TEST(the_other_end_of_a_pair_is_a_port_of_a_bridge),
		NET_TEST(names_that_look_like_something_else),
		NET_TEST(thousands_of_routes),
		NET_TEST(links_that_change_while_they_are_told),
		NET_TEST(the_real_machine_s_operation_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
