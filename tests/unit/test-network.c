// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What hangs on a network interface: each way is made up as the kernel shows it, with what looks
 * like it and is none beside it.
 */
#include "tests/unit/network-helpers.h"

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
	/* Nobody tells what it stands on. */
	assert_uses(host, "default-route eth0: may carry the default route of IPv4 by dsl0\n");
	tree_file(host->root_fd, "proc/net/pppoe",
		  "Id       Address              Device\n"
		  "0000002A 52:54:00:12:34:56     eth1\n"
		  "0000002B 52:54:00:12:34:57     eth0\n");
	assert_uses(host, "default-route eth0: carries the default route of IPv4 by dsl0\n");
	/* Another one's sessions. */
	tree_file(host->root_fd, "sys/class/net/dsl0/uevent", "DEVTYPE=wwan\nINTERFACE=dsl0\n");
	assert_uses(host, "default-route eth0: may carry the default route of IPv4 by dsl0\n");
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

#define HIDDEN(driver)                                                                             \
	"hidden-interface its interface: cannot be seen here, though driver " driver " is bound\n"

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
	assert_text(uses, HIDDEN("iwlwifi") HIDDEN("mlx5_core"));
}

#define BLIND(why)                                                                                 \
	"default-route eth0: may carry the default route: the routes cannot be read (" why ")\n"

static void routes_that_are_not_known_may_be_lost(void **state)
{
	struct testhost *host = *state;

	v4_routes(host, "eth0\tnonsense\n");
	assert_uses(host, BLIND("/proc/net/route: not a route: eth0\tnonsense"));
	v4_routes(host, NETS);
	v6_routes(host, "00000000 00\n");
	assert_uses(host, BLIND("/proc/net/ipv6_route: not a route: 00000000 00"));
	tree_file(host->root_fd, "network", "error the kernel says EBUSY\n");
	assert_uses(host, BLIND("the kernel says EBUSY"));
	tree_file(host->root_fd, "network", "route 4 254 33 0.0.0.0 0 eth0\n");
	assert_uses(host, BLIND("netlink: not understood: route 4 254 33 0.0.0.0 0 eth0"));
}

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
		TEST(an_interface_that_is_not_to_be_seen),
		cmocka_unit_test(only_adapters_with_a_driver_of_the_host_have_one_to_hide),
		TEST(routes_that_are_not_known_may_be_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
