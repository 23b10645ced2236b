// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * When the host would be cut off: which default routes go with what a guest takes, and whether
 * another one stays.
 */
#include "tests/host/check.h"

#include <stdlib.h>
#include <string.h>

#include "tests/host/lending.h"
#include "tests/host/testhost.h"
#include "tests/host/tree.h"

#define ETH0 "0000:02:00.0"
#define ETH1 "0000:03:00.0"
#define MACHINE                                                                                    \
	"bridge 0000:00:1c.0 8086:a338 bus=02 group=8\n"                                           \
	"bridge 0000:00:1d.0 8086:a339 bus=03 group=9\n"                                           \
	"device " ETH0 " 8086:1533 class=020000 group=15 driver=igb\n"                             \
	"device " ETH1 " 8086:1533 class=020000 group=16 driver=igb\n"                             \
	"module vfio-pci\n"                                                                        \
	"node " ETH0 " net/eth0 - subsystem=net ifindex=2\n"                                       \
	"node " ETH1 " net/eth1 - subsystem=net ifindex=3\n"

/* An interface of the kernel's own, on others of that kind. */
#define VIRTUAL(name) "node devices/virtual/net " name " - subsystem=net ifindex=9\n"
#define LOWER(upper, lower) "link sys/devices/virtual/net/" upper "/lower_" lower " ../there\n"
#define STATE(dir, name, state) "file sys/devices/" dir "/" name "/operstate\n\t" state "\n"

#define TOLD(lines) "file network\n" lines
#define DEFAULT(name) "\troute 4 254 0 0.0.0.0 0 " name "\n"

/* "ETH0: refused, evidence" without all that stands around it; notes; or "free". Heap. */
static char *outcome(const char *machine, const char *hostdevs)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	auto_guest struct guest guest = guest_make(hostdevs);
	auto_snapshot struct snapshot snapshot = {0};
	auto_plan struct plan plan = {0};
	struct error err = ERROR_INIT;
	struct text out = TEXT_INIT;

	assert_ok(lending_plan(host, &guest, &snapshot, &plan, &err), &err);
	text_append(&out, "", 0);
	for (size_t i = 0; i < plan.refusal_count; i++)
		text_printf(&out, "%s\n", plan.refusals[i].evidence);
	for (size_t i = 0; plan.refusal_count == 0 && i < plan.note_count; i++)
		text_printf(&out, "# %s\n", plan.notes[i]);
	return out.data;
}

#define assert_outcome(machine, hostdevs, expected)                                                \
	do {                                                                                       \
		auto_free char *outcome_ = outcome(MACHINE machine, hostdevs);                     \
		assert_text(outcome_, expected);                                                   \
	} while (0)

#define TAKE0 "hostdev " ETH0 "\n"
#define TAKE1 "hostdev " ETH1 "\n"

static void the_last_way_out_is_not_lent(void **state)
{
	(void)state;
	assert_outcome(TOLD(DEFAULT("eth0")), TAKE0, "eth0 carries the default route of IPv4\n");
	assert_outcome(TOLD(DEFAULT("eth0")), TAKE1, "");
}

static void with_another_way_it_is_told(void **state)
{
	(void)state;
	assert_outcome(TOLD(DEFAULT("eth0") DEFAULT("eth1")), TAKE0,
		       "# the default route of IPv4 by eth0 ends, the one by eth1 stays\n");
	assert_outcome(TOLD(DEFAULT("eth0") DEFAULT("eth1")), TAKE0 TAKE1,
		       "eth0 carries the default route of IPv4\n"
		       "eth1 carries the default route of IPv4\n");
}

static void each_protocol_has_a_way_of_its_own(void **state)
{
	(void)state;
	assert_outcome(TOLD(DEFAULT("eth0") "\troute 6 254 0 :: 1024 eth1\n"), TAKE1,
		       "eth1 carries the default route of IPv6\n");
}

static void a_dead_way_is_none(void **state)
{
	(void)state;
	assert_outcome(TOLD(DEFAULT("eth0") "\troute 4 254 0 0.0.0.0 600 eth1 dead\n"), TAKE0,
		       "eth0 carries the default route of IPv4\n");
	assert_outcome(TOLD(DEFAULT("eth0") "\troute 4 254 0 0.0.0.0 600 eth1 dead\n"), TAKE1,
		       "# the default route of IPv4 by eth1 ends, the one by eth0 stays\n");
	assert_outcome("file sys/devices/pci0000:00/0000:00:1d.0/" ETH1 "/net/eth1/operstate\n"
		       "\tdown\n" TOLD(DEFAULT("eth0") DEFAULT("eth1")),
		       TAKE0, "eth0 carries the default route of IPv4\n");
}

static void what_some_packets_only_take_is_no_way_for_all(void **state)
{
	static const char rules[] =
		MACHINE TOLD("\trule 4 255\n"
			     "\trule 4 100 special\n"
			     "\trule 4 254\n" DEFAULT("eth0") "\troute 4 100 0 0.0.0.0 0 "
							      "eth1\n");
	auto_free char *kept = outcome(rules, TAKE1), *lost = outcome(rules, TAKE0);

	(void)state;
	assert_text(kept, "# the default route of IPv4 by eth1 (table 100) ends, the one by eth0 "
			  "stays\n");
	assert_text(lost, "eth0 carries the default route of IPv4\n");
	/* It is all there is. */
	assert_outcome(TOLD("\trule 4 254\n\trule 4 100 special\n\troute 4 100 0 0.0.0.0 0 eth1\n"),
		       TAKE1, "eth1 carries the default route of IPv4 (table 100)\n");
}

#define BOTH DEFAULT("eth0") "\troute 4 254 0 0.0.0.0 600 eth1\n"
#define TWO_TABLES                                                                                 \
	"\troute 4 100 0 0.0.0.0 100 eth0\n"                                                       \
	"\troute 4 254 0 0.0.0.0 0 eth1\n"
#define REFUSED "eth0 carries the default route of IPv4\n"
#define STAYS "# the default route of IPv4 by eth0 ends, the one by eth1 stays\n"

static void what_is_behind_a_hole_does_not_stay(void **state)
{
	(void)state;
	assert_outcome(TOLD(BOTH "\thole 4 254 0 0.0.0.0 300\n"), TAKE0, REFUSED);
	assert_outcome(TOLD(BOTH "\thole 4 254 0 0.0.0.0 300\n"), TAKE1, "");
	assert_outcome(
		TOLD("\trule 4 100\n\trule 4 254\n" TWO_TABLES "\thole 4 100 0 0.0.0.0 700\n"),
		TAKE0, REFUSED);
	assert_outcome(TOLD("\trule 4 100\n\trule 4 end\n\trule 4 254\n" TWO_TABLES), TAKE0,
		       REFUSED);
	assert_outcome(TOLD("\trule 4 100\n\trule 4 254 suppress=0\n" TWO_TABLES), TAKE0, REFUSED);
}

static void a_hole_behind_or_beside_the_way_does_not_matter(void **state)
{
	(void)state;
	assert_outcome(TOLD(BOTH "\thole 4 254 0 0.0.0.0 700\n"), TAKE0, STAYS);
	assert_outcome(TOLD(BOTH "\thole 4 254 8 10.0.0.0 0\n"), TAKE0, STAYS);
	assert_outcome(TOLD(BOTH "\thole 4 254 1 128.0.0.0 0\n"), TAKE0, STAYS);
	assert_outcome(TOLD(BOTH "\thole 6 254 0 :: 0\n\trule 6 end\n"), TAKE0, STAYS);
	assert_outcome(TOLD("\trule 4 end special\n\trule 4 254\n\trule 4 end\n" BOTH), TAKE0,
		       STAYS);
	assert_outcome(TOLD("\trule 4 100\n\trule 4 254\n" TWO_TABLES
			    "\thole 4 100 0 0.0.0.0 700 throw\n"),
		       TAKE0, STAYS);
	/* What the rule suppresses stands before the hole of the main table. */
	assert_outcome(TOLD("\trule 4 254 suppress=0\n\trule 4 100\n\trule 4 254\n"
			    "\troute 4 100 0 0.0.0.0 0 eth1\n" DEFAULT(
				    "eth0") "\thole 4 254 0 0.0.0.0 700\n"),
		       TAKE0, STAYS);
}

static void halves_are_a_whole(void **state)
{
	(void)state;
	assert_outcome(VIRTUAL("tun0") TOLD("\troute 4 254 1 0.0.0.0 0 tun0\n"
					    "\troute 4 254 1 128.0.0.0 0 tun0\n"),
		       TAKE0, "eth0 may carry the default route of IPv4 by tun0\n");
	/* The way below it stays, and with it that of the VPN's program. */
	assert_outcome(VIRTUAL("tun0") TOLD("\troute 4 254 1 0.0.0.0 0 tun0\n"
					    "\troute 4 254 1 128.0.0.0 0 tun0\n" DEFAULT("eth1")),
		       TAKE0, "# the default route of IPv4 by tun0 ends, the one by eth1 stays\n");
	assert_outcome(TOLD("\troute 4 254 1 0.0.0.0 0 eth0\n"), TAKE0, "");
	assert_outcome(TOLD("\troute 6 254 3 2000:: 0 eth0\n"), TAKE0,
		       "eth0 carries the default route of IPv6\n");
}

#define TUNNEL(kind)                                                                               \
	VIRTUAL("t0")                                                                              \
	TOLD("\tlink t0 " kind "\n\troute 4 254 24 198.51.100.0 0 eth0\n" DEFAULT("t0"))

static void a_tunnel_stands_on_the_route_to_its_end(void **state)
{
	(void)state;
	assert_outcome(TUNNEL("gre to=198.51.100.7"), TAKE0,
		       "eth0 carries the default route of IPv4 by t0\n");
	assert_outcome(TUNNEL("gre to=198.51.100.7"), TAKE1, "");
	assert_outcome(TUNNEL("wireguard\n\tpeer t0 198.51.100.7"), TAKE0,
		       "eth0 carries the default route of IPv4 by t0\n");
	assert_outcome(TUNNEL("ipip below=eth1"), TAKE1,
		       "eth1 carries the default route of IPv4 by t0\n");
	/* To where there is no way; without an end; on what is elsewhere. */
	assert_outcome(TUNNEL("gre to=203.0.113.7"), TAKE0,
		       "eth0 may carry the default route of IPv4 by t0\n");
	assert_outcome(TUNNEL("sit"), TAKE0, "eth0 may carry the default route of IPv4 by t0\n");
	assert_outcome(TUNNEL("veth elsewhere below=eth0"), TAKE1,
		       "eth1 may carry the default route of IPv4 by t0\n");
	assert_outcome(TUNNEL("dummy"), TAKE1, "");
}

static void a_program_s_tunnel_goes_by_what_has_routes(void **state)
{
	(void)state;
	assert_outcome(TUNNEL("wireguard"), TAKE0,
		       "eth0 may carry the default route of IPv4 by t0\n");
	assert_outcome(TUNNEL("wireguard"), TAKE1, "");
	assert_outcome("file sys/devices/virtual/net/t0/tun_flags\n\t0x1001\n" TUNNEL("tun"), TAKE1,
		       "");
	assert_outcome("file sys/devices/virtual/net/t0/tun_flags\n\t0x1002\n" TUNNEL("tun"), TAKE1,
		       "eth1 may carry the default route of IPv4 by t0\n");
}

static void an_adapter_on_no_pci_bus_stays(void **state)
{
	(void)state;
	assert_outcome(
		"node devices/platform/fd580000.ethernet net/end0 - subsystem=net ifindex=7\n" TOLD(
			DEFAULT("end0")),
		TAKE0, "");
	assert_outcome("node devices/platform/fd580000.ethernet net/end0 - subsystem=net "
		       "ifindex=7\n" VIRTUAL("br0") LOWER("br0", "end0") LOWER("br0", "vnet0")
			       VIRTUAL("vnet0") TOLD(DEFAULT("br0")),
		       TAKE0, "");
}

/* wg-quick: all but the tunnel's own packets are sent to its table. */
static void a_tunnel_that_takes_all_but_its_own_packets(void **state)
{
	static const char machine[] =
		MACHINE VIRTUAL("wg0") TOLD("\tlink wg0 wireguard\n"
					    "\tpeer wg0 203.0.113.7\n"
					    "\trule 4 255\n"
					    "\trule 4 254 suppress=0\n"
					    "\trule 4 51820\n"
					    "\trule 4 254\n"
					    "\troute 4 51820 0 0.0.0.0 0 wg0\n" DEFAULT("eth0"));
	auto_free char *lost = outcome(machine, TAKE0), *kept = outcome(machine, TAKE1);

	(void)state;
	/* The tunnel's and its own: one cause. */
	assert_text(lost, "eth0 carries the default route of IPv4 by wg0\n");
	assert_text(kept, "");
}

static void an_internal_port_of_a_virtual_switch(void **state)
{
	static const char told[] = MACHINE VIRTUAL("ovs-system") LOWER("ovs-system", "eth0")
		VIRTUAL("br-ex") TOLD("\tlink ovs-system openvswitch\n"
				      "\tlink br-ex openvswitch\n" DEFAULT("br-ex"));
	auto_free char *port = outcome(told, TAKE0), *other = outcome(told, TAKE1);

	(void)state;
	assert_text(port, "eth0 carries the default route of IPv4 by br-ex\n");
	assert_text(other, "");
	assert_outcome(VIRTUAL("ovs-system") LOWER("ovs-system", "eth0") LOWER("ovs-system", "eth1")
			       VIRTUAL("br-ex") TOLD("\tlink ovs-system openvswitch\n"
						     "\tlink br-ex openvswitch\n" DEFAULT("br-ex")),
		       TAKE1, "eth1 may carry the default route of IPv4 by br-ex\n");
}

static void a_bridge_with_an_adapter_does_not_lead_elsewhere(void **state)
{
	(void)state;
	assert_outcome(VIRTUAL("br0") LOWER("br0", "eth0") LOWER("br0", "vnet0") VIRTUAL("vnet0")
			       TOLD("\tlink vnet0 tun\n" DEFAULT("br0")),
		       TAKE1, "");
	assert_outcome(VIRTUAL("br0") LOWER("br0", "vnet0") VIRTUAL("vnet0")
			       TOLD("\tlink vnet0 tun\n" DEFAULT("br0")),
		       TAKE1, "eth1 may carry the default route of IPv4 by br0\n");
}

#define BOND                                                                                       \
	VIRTUAL("bond0")                                                                           \
	LOWER("bond0", "eth0") LOWER("bond0", "eth1") TOLD("\tlink bond0 bond\n" DEFAULT("bond0"))

static void a_bond_ends_with_its_last_port(void **state)
{
	(void)state;
	assert_outcome(BOND, TAKE0, "");
	assert_outcome(BOND, TAKE0 TAKE1,
		       "eth0 carries the default route of IPv4 by bond0\n"
		       "eth1 carries the default route of IPv4 by bond0\n");
	/* A port without a carrier does not stand in. */
	assert_outcome("file sys/devices/pci0000:00/0000:00:1d.0/" ETH1 "/net/eth1/operstate\n"
		       "\tdown\n" BOND,
		       TAKE0, "eth0 carries the default route of IPv4 by bond0\n");
}

static void tunnels_in_a_ring_end(void **state)
{
	(void)state;
	assert_outcome(VIRTUAL("t0") VIRTUAL("t1")
			       TOLD("\tlink t0 gre to=198.51.100.7\n"
				    "\tlink t1 gre to=203.0.113.7\n"
				    "\troute 4 254 24 198.51.100.0 0 t1\n"
				    "\troute 4 254 24 203.0.113.0 0 t0\n" DEFAULT("t0")),
		       TAKE0, "eth0 may carry the default route of IPv4 by t0\n");
}

static void a_modem_s_line_carries_ppp(void **state)
{
	static const char machine[] =
		MACHINE "device 0000:00:14.0 8086:a36d class=0c0330 group=17 driver=xhci_hcd\n"
			"driver xhci_hcd module=xhci_pci\n"
			"node 0000:00:14.0 usb1/1-1/1-1:1.0/ttyACM0/tty/ttyACM0 166:0 "
			"subsystem=tty name=ttyACM0\n" VIRTUAL("ppp0") TOLD(DEFAULT("ppp0"));
	auto_free char *with = xasprintf("%sprocess 901 comm=pppd holds=ttyACM0\n", machine);
	auto_free char *mixed = xasprintf("%sprocess 902 comm=pppd\n", with);
	auto_free char *line = outcome(with, "hostdev 0000:00:14.0\n");
	auto_free char *adapter = outcome(with, TAKE0), *any = outcome(mixed, TAKE0);
	auto_free char *none = outcome(machine, "hostdev 0000:00:14.0\n");

	(void)state;
	assert_contains(line, "ttyACM0 carries the default route of IPv4 by ppp0\n");
	assert_text(adapter, "");
	assert_text(any, "eth0 may carry the default route of IPv4 by ppp0\n");
	assert_text(none, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_way_out_is_not_lent),
		cmocka_unit_test(with_another_way_it_is_told),
		cmocka_unit_test(each_protocol_has_a_way_of_its_own),
		cmocka_unit_test(a_dead_way_is_none),
		cmocka_unit_test(what_some_packets_only_take_is_no_way_for_all),
		cmocka_unit_test(what_is_behind_a_hole_does_not_stay),
		cmocka_unit_test(a_hole_behind_or_beside_the_way_does_not_matter),
		cmocka_unit_test(halves_are_a_whole),
		cmocka_unit_test(a_tunnel_stands_on_the_route_to_its_end),
		cmocka_unit_test(a_program_s_tunnel_goes_by_what_has_routes),
		cmocka_unit_test(an_adapter_on_no_pci_bus_stays),
		cmocka_unit_test(a_tunnel_that_takes_all_but_its_own_packets),
		cmocka_unit_test(an_internal_port_of_a_virtual_switch),
		cmocka_unit_test(a_bridge_with_an_adapter_does_not_lead_elsewhere),
		cmocka_unit_test(a_bond_ends_with_its_last_port),
		cmocka_unit_test(tunnels_in_a_ring_end),
		cmocka_unit_test(a_modem_s_line_carries_ppp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
