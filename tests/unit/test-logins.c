// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which connections are logins by ssh, and over which interface they come in.
 */
#include "tests/unit/network-helpers.h"

#include <sys/stat.h>
#include <unistd.h>

#define TCP_HEAD                                                                                   \
	"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n"
#define TCP(local, remote, state, inode)                                                           \
	"   0: " local " " remote " " state                                                        \
	" 00000000:00000000 02:000A7F4A 00000000     0        0 " inode                            \
	" 2 00000000aeca1708 20 4 30 10 -1\n"

static void connections(struct testhost *host, const char *v4, const char *v6)
{
	tree_file(host->root_fd, "proc/net/tcp", TCP_HEAD "%s", v4);
	tree_file(host->root_fd, "proc/net/tcp6", TCP_HEAD "%s", v6);
}

static void process(struct testhost *host, int pid, const char *comm, const char *title,
		    const char *inode)
{
	auto_free char *comm_path = xasprintf("proc/%d/comm", pid);
	auto_free char *title_path = xasprintf("proc/%d/cmdline", pid);
	auto_free char *fd_path = xasprintf("proc/%d/fd/3", pid);
	auto_free char *target = xasprintf("socket:[%s]", inode);

	tree_file(host->root_fd, comm_path, "%s\n", comm);
	tree_file(host->root_fd, title_path, "%s", title);
	tree_remove(host->root_fd, fd_path);
	tree_raw_link(host->root_fd, fd_path, target);
}

#define LISTEN TCP("010200C0:0016", "00000000:0000", "0A", "100")
#define LOGIN TCP("010200C0:0016", "070200C0:D431", "01", "200")

static void with_login(struct testhost *host)
{
	v4_routes(host, NETS);
	connections(host, LISTEN LOGIN, "");
	process(host, 70, "sshd", "sshd: /usr/sbin/sshd [listener] 0 of 10-100 startups", "100");
	process(host, 71, "sshd", "sshd: alice [priv]", "200");
	process(host, 72, "sshd", "sshd: alice@pts/0", "200");
}

static void a_login_by_ssh(void **state)
{
	struct testhost *host = *state;

	with_login(host);
	assert_uses(host, "ssh eth0: carries an ssh login from 192.0.2.7\n");
}

static void a_login_by_ssh_over_a_bridge(void **state)
{
	struct testhost *host = *state;

	with_login(host);
	add_interface(host, "br0", "sys/devices/virtual");
	tree_dir(host->root_fd, "sys/class/net/br0/bridge");
	stack(host, "br0", "eth0");
	v4_routes(host, "br0\t000200C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n");
	assert_uses(host, "upper-interface eth0: is part of bridge br0\n"
			  "ssh eth0: carries an ssh login from 192.0.2.7 by br0\n");
}

static void a_login_over_another_interface(void **state)
{
	struct testhost *host = *state;

	with_login(host);
	connections(host, LISTEN TCP("016433C6:0016", "070200C0:D431", "01", "200"), "");
	/* A longer prefix wins over a better metric. */
	v4_routes(host, NETS "eth1\t070200C0\t00000000\t0005\t0\t0\t900\tFFFFFFFF\t0\t0\t0\n");
	assert_uses(host, "");
	v4_routes(host, NETS "eth1\t000200C0\t00000000\t0001\t0\t0\t50\t00FFFFFF\t0\t0\t0\n");
	assert_uses(host, "");
}

/* Two ways out, the other one in a table of its own, and a login that came in by that one. */
static void a_login_by_policy_routing(void **state)
{
	struct testhost *host = *state;

	with_login(host);
	v4_routes(host, NETS "eth1\t00000000\t016433C6\t0003\t0\t0\t100\t00000000\t0\t0\t0\n");
	connections(host, LISTEN TCP("010200C0:0016", "097100CB:D431", "01", "200"), "");
	assert_uses(host, "ssh eth0: carries an ssh login from 203.0.113.9\n");
	connections(host, LISTEN TCP("016433C6:0016", "097100CB:D431", "01", "200"), "");
	assert_uses(host, "");
	/* 2001:db8:1::1 is ours, and there is a route to it and to its subnet. */
	v6_routes(host,
		  V6_ROUTE("20010db8000100000000000000000001", "80", "00000000", "80200001", "eth0")
			  V6_ROUTE("20010db8000100000000000000000000", "40", "00000100", "00000001",
				   "eth0") V6_ROUTE(ZERO6, "00", "00000400", "00450003", "eth1"));
	connections(host, LISTEN,
		    TCP("B80D0120000001000000000001000000:0016",
			"B80D0120000002000000000009000000:D431", "01", "200"));
	assert_uses(host, "ssh eth0: carries an ssh login from 2001:db8:2::9\n");
}

static void a_login_no_route_leads_to_may_be_carried(void **state)
{
	struct testhost *host = *state;

	with_login(host);
	v4_routes(host, "");
	/* The way of the other protocol is none. */
	v6_routes(host, V6_ROUTE(ZERO6, "00", "00000400", "00450003", "eth1"));
	assert_uses(host, "ssh eth0: may carry an ssh login from 192.0.2.7, to which no route is "
			  "known\n");
}

static void who_is_not_let_in_yet_is_no_login(void **state)
{
	struct testhost *host = *state;

	with_login(host);
	tree_remove(host->root_fd, "proc/72");
	process(host, 71, "sshd", "sshd: root [priv]", "200");
	process(host, 72, "sshd", "sshd: root [net]", "200");
	assert_uses(host, "");
	process(host, 72, "sshd-session", "sshd-session: [accepted]", "200");
	assert_uses(host, "");
	process(host, 72, "sshd-auth", "sshd-auth: [session-auth early]", "200");
	assert_uses(host, "");
	/* Waiting to be accepted. */
	tree_remove(host->root_fd, "proc/71");
	tree_remove(host->root_fd, "proc/72");
	connections(host, LISTEN TCP("010200C0:0016", "070200C0:D431", "01", "0"), "");
	assert_uses(host, "");
}

/* A program with the name of a server, and a file system of its own behind its arguments. */
static void who_does_not_tell_its_title_stops_nobody(void **state)
{
	struct testhost *host = *state;

	with_login(host);
	tree_dir(host->root_fd, "proc/69");
	tree_file(host->root_fd, "proc/69/comm", "sshd\n");
	assert_int_equal(mkfifoat(host->root_fd, "proc/69/cmdline", 0600), 0);
	process(host, 72, "sshd", "sshd: root [net]", "200");
	alarm(30);
	assert_uses(host, "ssh eth0: carries an ssh login from 192.0.2.7\n");
	alarm(0);
}

static void connections_that_are_no_logins(void **state)
{
	struct testhost *host = *state;

	with_login(host);
	/* Closing; from here; from an address of our own; our own login elsewhere; a web server. */
	connections(host,
		    LISTEN TCP("00000000:0050", "00000000:0000", "0A",
			       "101") TCP("010200C0:0016", "070200C0:D431", "06",
					  "200") TCP("0100007F:0016", "0200007F:D431", "01", "201")
			    TCP("010200C0:0016", "010200C0:D431", "01", "202")
				    TCP("010200C0:D431", "070200C0:0016", "01", "203")
					    TCP("010200C0:0050", "070200C0:D431", "01", "204"),
		    "");
	assert_uses(host, "");
}

static void another_port_and_the_other_protocol(void **state)
{
	struct testhost *host = *state;

	v4_routes(host, NETS);
	v6_routes(host, V6_ROUTE("20010db8000000000000000000000000", "20", "00000100", "00000001",
				 "eth0") V6_ROUTE("20010db8000000000000000000000009", "80",
						  "00000100", "80200001", "eth0"));
	process(host, 70, "sshd", "sshd: /usr/sbin/sshd [listener]", "100");
	/* Port 2222: from 192.0.2.7 mapped, from 2001:db8::7, and from our own 2001:db8::9. Port 22
	 * is another program's. */
#define ANY6 ZERO6 ":08AE"
#define MAPPED "0000000000000000FFFF0000"
	connections(host, TCP("010200C0:0016", "080200C0:D431", "01", "300"),
		    TCP(ANY6, ZERO6 ":0000", "0A", "100") TCP(MAPPED "010200C0:08AE",
							      MAPPED "070200C0:D431", "01", "201")
			    TCP("B80D0120000000000000000001000000:08AE",
				"B80D0120000000000000000007000000:D431", "01", "202")
				    TCP("B80D0120000000000000000001000000:08AE",
					"B80D0120000000000000000009000000:D431", "01", "203"));
	assert_uses(host, "ssh eth0: carries an ssh login from 192.0.2.7\n"
			  "ssh eth0: carries an ssh login from 2001:db8::7\n");
}

static void servers_that_cannot_be_found_mean_port_22(void **state)
{
	struct testhost *host = *state;

	v4_routes(host, NETS);
	/* systemd listens, and nobody shows whose the connection is. */
	connections(host,
		    TCP("00000000:0016", "00000000:0000", "0A", "100")
			    TCP("00000000:0050", "00000000:0000", "0A", "101")
				    LOGIN TCP("010200C0:0050", "080200C0:D431", "01", "201"),
		    "");
	process(host, 1, "systemd", "/sbin/init", "100");
	assert_uses(host, "ssh eth0: carries an ssh login from 192.0.2.7\n");
}

static void a_server_that_systemd_starts_for_each_connection(void **state)
{
	struct testhost *host = *state;

	v4_routes(host, NETS);
	connections(host,
		    TCP("00000000:08AE", "00000000:0000", "0A", "100")
			    TCP("010200C0:08AE", "070200C0:D431", "01", "200"),
		    "");
	process(host, 1, "systemd", "/sbin/init", "100");
	process(host, 71, "sshd", "sshd: alice [priv]", "200");
	assert_uses(host, "ssh eth0: carries an ssh login from 192.0.2.7\n");
}

static void connections_that_cannot_be_understood_are_errors(void **state)
{
	struct testhost *host = *state;

	connections(host, "   0: 0100007F:0016 nonsense\n", "");
	expect_failure(host, "/proc/net/tcp: not a socket");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_login_by_ssh),
		TEST(a_login_by_ssh_over_a_bridge),
		TEST(a_login_over_another_interface),
		TEST(a_login_by_policy_routing),
		TEST(a_login_no_route_leads_to_may_be_carried),
		TEST(who_is_not_let_in_yet_is_no_login),
		TEST(who_does_not_tell_its_title_stops_nobody),
		TEST(connections_that_are_no_logins),
		TEST(another_port_and_the_other_protocol),
		TEST(servers_that_cannot_be_found_mean_port_22),
		TEST(a_server_that_systemd_starts_for_each_connection),
		TEST(connections_that_cannot_be_understood_are_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
