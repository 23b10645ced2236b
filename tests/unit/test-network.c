// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What hangs on a network interface: each way is made up as the kernel shows it, with what looks
 * like it and is none beside it.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "parsers/network.h"
#include "parsers/pci.h"
#include "tests/host/lending.h"
#include "tests/host/testhost.h"
#include "tests/host/tree.h"

#define NIC "0000:01:00.0"
#define NIC_DIR "sys/devices/pci0000:00/0000:00:01.0/0000:01:00.0"
#define OTHER_DIR "sys/devices/pci0000:00/0000:00:19.0"

static const char host_text[] = "bridge 0000:00:01.0 8086:1901 bus=01 group=14\n"
				"device " NIC " 8086:10d3 class=020000 group=14 driver=e1000e\n"
				"device 0000:00:19.0 8086:1502 class=020000 driver=e1000e\n"
				"device 0000:02:00.0 1b36:000d class=0c0330 driver=xhci_hcd\n"
				"driver xhci_hcd module=xhci_pci\n";

static const char guest_text[] = "hostdev " NIC "\n";

static void add_interface(struct testhost *host, const char *name, const char *device_dir)
{
	auto_free char *dir = xasprintf("%s/net/%s", device_dir, name);
	auto_free char *link = xasprintf("sys/class/net/%s", name);

	tree_dir(host->root_fd, dir);
	tree_link(host->root_fd, link, dir);
}

static void stack(struct testhost *host, const char *upper, const char *lower)
{
	auto_free char *up = xasprintf("sys/class/net/%s/upper_%s", lower, upper);
	auto_free char *down = xasprintf("sys/class/net/%s/lower_%s", upper, lower);

	tree_raw_link(host->root_fd, up, "../there");
	tree_raw_link(host->root_fd, down, "../there");
}

static int fresh(void **state)
{
	struct testhost *host = testhost_new(host_text);

	add_interface(host, "eth0", NIC_DIR);
	add_interface(host, "eth1", OTHER_DIR);
	add_interface(host, "lo", "sys/devices/virtual");
	*state = host;
	return 0;
}

static int stale(void **state)
{
	struct testhost *host = *state;

	testhost_free(&host);
	return 0;
}

/* "KIND WHAT: HOW", a line each; heap. */
static char *uses_of(struct testhost *host, const char *hostdevs)
{
	auto_free char *text = xasprintf("%s%s", guest_text, hostdevs);
	auto_guest struct guest guest = guest_make(text);
	auto_snapshot struct snapshot snapshot = {0};
	struct text out = TEXT_INIT;
	struct error err = ERROR_INIT;

	assert_ok(pci_snapshot(&host->host, &guest, &snapshot, &err), &err);
	assert_ok(network_read(&host->host, &snapshot, &err), &err);
	text_append(&out, "", 0);
	for (size_t i = 0; i < snapshot.use_count; i++)
		text_printf(&out, "%s %s: %s\n", use_allow_name(snapshot.uses[i].kind),
			    snapshot.uses[i].what, snapshot.uses[i].how);
	return out.data;
}

#define assert_uses(host, expected)                                                                \
	do {                                                                                       \
		auto_free char *uses_ = uses_of(host, "");                                         \
		assert_text(uses_, expected);                                                      \
	} while (0)

/* --- tables as the kernel prints them --- */

#define V4_HEAD                                                                                    \
	"Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"

static void v4_routes(struct testhost *host, const char *routes)
{
	tree_file(host->root_fd, "proc/net/route", V4_HEAD "%s", routes);
}

#define ZERO6 "00000000000000000000000000000000"
#define V6_ROUTE(to, bits, metric, flags, interface)                                               \
	to " " bits " " ZERO6 " 00 fe800000000000000000000000000001 " metric                       \
	   " 00000001 00000000 " flags "     " interface "\n"

static void v6_routes(struct testhost *host, const char *routes)
{
	tree_file(host->root_fd, "proc/net/ipv6_route", "%s", routes);
}

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

/* 192.0.2.0/24 is behind eth0, 198.51.100.0/24 behind eth1; 192.0.2.7 logs in. */
#define NETS                                                                                       \
	"eth0\t000200C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n"                           \
	"eth1\t006433C6\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n"
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

/* --- tests --- */

static void an_idle_interface_has_no_uses(void **state)
{
	struct testhost *host = *state;

	v4_routes(host, NETS);
	v6_routes(host, V6_ROUTE("fe800000000000000000000000000000", "40", "00000100", "00000001",
				 "eth0") V6_ROUTE(ZERO6, "00", "ffffffff", "00200200", "lo"));
	assert_uses(host, "");
}

static void without_tables_nothing_is_said(void **state)
{
	assert_uses(*state, "");
}

static void default_routes_of_both_protocols(void **state)
{
	struct testhost *host = *state;

	v4_routes(host, "eth0\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
			"eth0\t00000000\t020200C0\t0003\t0\t0\t200\t00000000\t0\t0\t0\n");
	v6_routes(host, V6_ROUTE(ZERO6, "00", "00000400", "00450003", "eth0"));
	assert_uses(host, "default-route eth0: carries the default route of IPv4\n"
			  "default-route eth0: carries the default route of IPv6\n");
}

static void a_default_route_that_leads_elsewhere_or_nowhere(void **state)
{
	struct testhost *host = *state;

	/* Another interface; down; rejecting; half of one. */
	v4_routes(host, "eth1\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
			"eth0\t00000000\t010200C0\t0002\t0\t0\t100\t00000000\t0\t0\t0\n"
			"*\t00000000\t00000000\t0201\t0\t0\t0\t00000000\t0\t0\t0\n"
			"eth0\t00000000\t010200C0\t0003\t0\t0\t100\t00000080\t0\t0\t0\n");
	v6_routes(host, V6_ROUTE(ZERO6, "00", "00000400", "00000203", "eth0"));
	assert_uses(host, "");
}

static void two_default_routes_both_count(void **state)
{
	struct testhost *host = *state;

	v4_routes(host, "eth1\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
			"eth0\t00000000\t010200C0\t0003\t0\t0\t900\t00000000\t0\t0\t0\n");
	assert_uses(host, "default-route eth0: carries the default route of IPv4\n");
}

static void a_default_route_over_a_vlan_of_a_bond(void **state)
{
	struct testhost *host = *state;

	add_interface(host, "bond0", "sys/devices/virtual");
	add_interface(host, "bond0.5", "sys/devices/virtual");
	tree_dir(host->root_fd, "sys/class/net/bond0/bonding");
	stack(host, "bond0", "eth0");
	stack(host, "bond0.5", "bond0");
	v4_routes(host, "bond0.5\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n");
	assert_uses(host, "default-route eth0: carries the default route of IPv4 by bond0.5\n"
			  "upper-interface eth0: is part of bond bond0\n");
}

static void what_stands_on_it_by_kind(void **state)
{
	struct testhost *host = *state;
	static const char *const names[] = {"br0", "eth0.5", "mv0", "vlan6", "x0"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		add_interface(host, names[i], "sys/devices/virtual");
		stack(host, names[i], "eth0");
	}
	tree_dir(host->root_fd, "sys/class/net/br0/bridge");
	tree_file(host->root_fd, "proc/net/vlan/eth0.5", "\n");
	tree_file(host->root_fd, "sys/class/net/mv0/uevent", "DEVTYPE=macvlan\nINTERFACE=mv0\n");
	tree_file(host->root_fd, "sys/class/net/vlan6/uevent", "DEVTYPE=vlan\n");
	assert_uses(host, "upper-interface eth0: is part of bridge br0\n"
			  "upper-interface eth0: carries VLAN eth0.5\n"
			  "upper-interface eth0: carries macvlan mv0\n"
			  "upper-interface eth0: carries VLAN vlan6\n"
			  "upper-interface eth0: carries interface x0\n");
}

static void interfaces_that_stand_on_each_other_in_a_ring_end(void **state)
{
	struct testhost *host = *state;

	add_interface(host, "br0", "sys/devices/virtual");
	add_interface(host, "br1", "sys/devices/virtual");
	stack(host, "br0", "br1");
	stack(host, "br1", "br0");
	v4_routes(host, "br0\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n");
	assert_uses(host, "");
}

static void a_default_route_by_ppp_over_ethernet(void **state)
{
	struct testhost *host = *state;

	add_interface(host, "dsl0", "sys/devices/virtual");
	tree_file(host->root_fd, "sys/class/net/dsl0/uevent", "DEVTYPE=ppp\nINTERFACE=dsl0\n");
	v4_routes(host, "dsl0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0\n");
	assert_uses(host, "");
	tree_file(host->root_fd, "proc/net/pppoe",
		  "Id       Address              Device\n"
		  "0000002A 52:54:00:12:34:56     eth1\n"
		  "0000002B 52:54:00:12:34:57     eth0\n");
	assert_uses(host, "default-route eth0: carries the default route of IPv4 by dsl0\n");
	tree_file(host->root_fd, "sys/class/net/dsl0/uevent", "DEVTYPE=wwan\nINTERFACE=dsl0\n");
	assert_uses(host, "");
}

static void an_adapter_behind_usb_is_its_controllers(void **state)
{
	struct testhost *host = *state;
	auto_free char *uses = NULL;

	add_interface(host, "usb0", "sys/devices/pci0000:00/0000:02:00.0/usb1/1-2/1-2:1.0");
	v4_routes(host, "usb0\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n");
	uses = uses_of(host, "hostdev 0000:02:00.0\n");
	assert_text(uses, "default-route usb0: carries the default route of IPv4\n");
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
	/* A longer prefix wins over a better metric. */
	v4_routes(host, NETS "eth1\t070200C0\t00000000\t0005\t0\t0\t900\tFFFFFFFF\t0\t0\t0\n");
	assert_uses(host, "");
	v4_routes(host, NETS "eth1\t000200C0\t00000000\t0001\t0\t0\t50\t00FFFFFF\t0\t0\t0\n");
	assert_uses(host, "");
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

static void a_root_file_system_over_nfs(void **state)
{
	struct testhost *host = *state;

	v4_routes(host, NETS);
	tree_file(host->root_fd, "proc/1/mountinfo",
		  "22 28 0:21 / /proc rw,nosuid - proc proc rw\n"
		  "28 1 0:25 / / rw,relatime shared:1 - nfs4 nas:/srv/root "
		  "rw,vers=4.2,clientaddr=192.0.2.1,local_lock=none,addr=192.0.2.5\n"
		  "40 28 0:40 / /home rw - nfs4 nas:/home rw,addr=192.0.2.6\n");
	tree_file(host->root_fd, "proc/self/mountinfo", "28 1 0:25 / / rw - ext4 /dev/sda1 rw\n");
	assert_uses(host, "network-root eth0: carries the file system on / (nfs4 nas:/srv/root)\n");
	tree_remove(host->root_fd, "proc/1");
	assert_uses(host, "");
	tree_file(host->root_fd, "proc/self/mountinfo",
		  "28 1 0:25 / /usr rw - nfs nas:/usr rw,addr=nas\n");
	assert_uses(host, "network-root eth0: may carry the file system on /usr (nfs nas:/usr), to "
			  "which no route is known\n");
}

static void iscsi_disks(void **state)
{
	struct testhost *host = *state;

	v4_routes(host, NETS);
	tree_file(host->root_fd, "sys/class/iscsi_connection/connection1:0/address", "192.0.2.9\n");
	tree_file(host->root_fd, "sys/class/iscsi_connection/connection2:0/persistent_address",
		  "198.51.100.9\n");
	assert_uses(host, "network-root eth0: carries the iSCSI disks of 192.0.2.9\n");
}

#define HIDDEN(driver)                                                                             \
	"hidden-interface its interface: is not to be seen here although driver " driver           \
	" is bound: it is in another network namespace, or the driver makes none\n"

static void an_interface_that_is_not_to_be_seen(void **state)
{
	struct testhost *host = *state;

	tree_remove(host->root_fd, "sys/class/net/eth0");
	assert_uses(host, HIDDEN("e1000e"));
	testhost_rebind(host, NIC, NULL);
	assert_uses(host, "");
	/* A kernel without networks hides nothing. */
	testhost_rebind(host, NIC, "e1000e");
	assert_uses(host, HIDDEN("e1000e"));
	tree_remove(host->root_fd, "sys/class/net");
	assert_uses(host, "");
}

static void only_adapters_with_a_driver_of_the_host_have_one_to_hide(void **state)
{
	auto_testhost struct testhost *host =
		testhost_new("device " NIC " 8086:10d3 class=020000 driver=vfio-pci\n"
			     "device 0000:02:00.0 8086:2723 class=028000 driver=iwlwifi\n"
			     "device 0000:03:00.0 15b3:1017 class=020700 driver=mlx5_core\n"
			     "device 0000:04:00.0 8086:10d3 class=020000 driver=uio_pci_generic\n"
			     "dir sys/class/net\n");
	auto_free char *uses = NULL;

	(void)state;
	uses = uses_of(host, "hostdev 0000:02:00.0\n"
			     "hostdev 0000:03:00.0\n"
			     "hostdev 0000:04:00.0\n");
	assert_text(uses, HIDDEN("iwlwifi"));
}

static void expect_failure(struct testhost *host, const char *part)
{
	auto_guest struct guest guest = guest_make(guest_text);
	auto_snapshot struct snapshot snapshot = {0};
	struct error err = ERROR_INIT;

	assert_ok(pci_snapshot(&host->host, &guest, &snapshot, &err), &err);
	assert_int_equal(network_read(&host->host, &snapshot, &err), -EBADMSG);
	assert_contains(err.text, part);
	assert_int_equal(snapshot.use_count, 0);
}

static void tables_that_cannot_be_understood_are_errors(void **state)
{
	struct testhost *host = *state;

	v4_routes(host, "eth0\tnonsense\n");
	expect_failure(host, "/proc/net/route: not a route: eth0");
	v4_routes(host, NETS);
	v6_routes(host, "00000000 00\n");
	expect_failure(host, "/proc/net/ipv6_route");
	v6_routes(host, "");
	connections(host, "   0: 0100007F:0016 nonsense\n", "");
	expect_failure(host, "/proc/net/tcp: not a socket");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh, stale)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_idle_interface_has_no_uses),
		TEST(without_tables_nothing_is_said),
		TEST(default_routes_of_both_protocols),
		TEST(a_default_route_that_leads_elsewhere_or_nowhere),
		TEST(two_default_routes_both_count),
		TEST(a_default_route_over_a_vlan_of_a_bond),
		TEST(what_stands_on_it_by_kind),
		TEST(interfaces_that_stand_on_each_other_in_a_ring_end),
		TEST(a_default_route_by_ppp_over_ethernet),
		TEST(an_adapter_behind_usb_is_its_controllers),
		TEST(a_login_by_ssh),
		TEST(a_login_by_ssh_over_a_bridge),
		TEST(a_login_over_another_interface),
		TEST(a_login_no_route_leads_to_may_be_carried),
		TEST(who_is_not_let_in_yet_is_no_login),
		TEST(connections_that_are_no_logins),
		TEST(another_port_and_the_other_protocol),
		TEST(servers_that_cannot_be_found_mean_port_22),
		TEST(a_server_that_systemd_starts_for_each_connection),
		TEST(a_root_file_system_over_nfs),
		TEST(iscsi_disks),
		TEST(an_interface_that_is_not_to_be_seen),
		cmocka_unit_test(only_adapters_with_a_driver_of_the_host_have_one_to_hide),
		TEST(tables_that_cannot_be_understood_are_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
