// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a Thunderbolt controller carries, by each way in which sysfs tells of it; and that nobody
 * else carries anything.
 */
#include "tests/host/check.h"

#include <stdlib.h>
#include <string.h>

#include "scan/carried.h"
#include "tests/host/testhost.h"
#include "tests/host/tree.h"

#define NHI "0000:00:0d.2"
#define ROOT "devices/pci0000:00/"

/* A controller of the processor's, a port with a dock behind it, one with a disk inside. */
static const char host_text[] =
	"device " NHI " 8086:9a1b class=0c0340 group=5 driver=thunderbolt\n"
	"device 0000:00:0d.0 8086:9a13 class=0c0330 group=4 driver=xhci_hcd\n"
	"driver xhci_hcd module=xhci_pci\n"
	"bridge 0000:00:06.0 8086:9a09 bus=01 group=2\n"
	"device 0000:01:00.0 144d:a80a class=010802 group=3 driver=nvme\n"
	"bridge 0000:00:07.0 8086:9a23 bus=2b group=6\n"
	"bridge 0000:2b:00.0 8086:15ef bus=2c group=20\n"
	"device 0000:2c:00.0 8086:15f2 class=020000 group=20 driver=igc\n";

#define DOCK ROOT "0000:00:07.0/0000:2b:00.0"
#define NIC DOCK "/0000:2c:00.0"

static const char *const kinds[] = {
	[CARRIED_FUNCTION] = "function",
	[CARRIED_BESIDE] = "beside",
	[CARRIED_USB] = "usb",
};

/* "KIND DIRECTORY" each, in the order found. */
static void expect(const struct testhost *host, const char *carrier, const char *expected)
{
	auto_text struct text text = TEXT_INIT;
	struct error err = ERROR_INIT;
	struct carried *list = NULL;
	struct pci_addr addr;
	size_t count = 0;

	assert_true(pci_addr_parse(carrier, &addr));
	assert_ok(carried_read(&host->host, &addr, &list, &count, &err), &err);
	text_append(&text, "", 0);
	for (size_t i = 0; i < count; i++) {
		assert_true(pci_addr_equal(&list[i].carrier, &addr));
		text_printf(&text, "%s %s\n", kinds[list[i].kind], list[i].directory);
	}
	assert_text(text.data, expected);
	carried_free(&list, &count);
}

static void expect_with(const char *more, const char *carrier, const char *expected)
{
	auto_free char *text = xasprintf("%s%s", host_text, more);
	auto_testhost struct testhost *host = testhost_new(text);

	expect(host, carrier, expected);
}

#define LINK(consumer) "link sys/" ROOT NHI "/consumer:" consumer " ../../virtual/devlink/x\n"
#define ROUTER(authorized)                                                                         \
	"node " ROOT NHI "/domain0 0-0 - subsystem=thunderbolt\n"                                  \
	"file sys/" ROOT NHI "/domain0/0-0/authorized\n\t1\n"                                      \
	"node " ROOT NHI "/domain0/0-0 0-1 - subsystem=thunderbolt\n"                              \
	"file sys/" ROOT NHI "/domain0/0-0/0-1/authorized\n\t" authorized "\n"
#define REMOVABLE                                                                                  \
	"file sys/" DOCK "/removable\n\tremovable\n"                                               \
	"file sys/" NIC "/removable\n\tremovable\n"
#define HOTPLUG "dir sys/" ROOT "0000:00:07.0/0000:00:07.0:pcie004\n"
#define ALL "function " DOCK "\nfunction " NIC "\n"

static void by_device_links(void **state)
{
	(void)state;
	expect_with(LINK("pci:0000:00:07.0"), NHI, ALL);
	/* Before Linux 5.11. */
	expect_with(LINK("0000:00:07.0"), NHI, ALL);
	/* Whatever else may hang on it, and a port that has gone. */
	expect_with(LINK("platform:USBC000:00") LINK("pci:0000:00:07.3"), NHI, "");
	/* With links there is nothing to guess. */
	expect_with(LINK("pci:0000:00:06.0") REMOVABLE ROUTER("1"), NHI,
		    "function " ROOT "0000:00:06.0/0000:01:00.0\n");
	expect_with("link sys/" ROOT "0000:00:07.0/supplier:pci:" NHI " ../../virtual/devlink/x\n",
		    NHI, ALL);
}

#define HUB(name, minor, speed)                                                                    \
	"node 0000:00:0d.0 " name " 189:" minor " subsystem=usb name=bus/usb/" minor "\n"          \
	"file sys/" ROOT "0000:00:0d.0/" name "/speed\n\t" speed "\n"

static void usb_by_device_links(void **state)
{
	static const char hubs[] = HUB("usb1", "0", "480") HUB("usb2", "128", "10000");
	static const char slower[] = HUB("usb1", "0", "480") HUB("usb2", "128", "5000");
	auto_free char *first = xasprintf("%s%s%s", slower, LINK("pci:0000:00:0d.0"), ROUTER("0"));
	auto_free char *natively = xasprintf("%s%s", hubs, LINK("pci:0000:00:0d.0"));
	auto_free char *tunnelled = xasprintf("%s%s", natively, ROUTER("0"));
	auto_free char *each = xasprintf("%s%s%s", hubs, LINK("usb:2-1"),
					 "node 0000:00:0d.0 usb2/2-1 189:1 subsystem=usb "
					 "name=bus/usb/00y\n");

	(void)state;
	expect_with(natively, NHI, "");
	expect_with(tunnelled, NHI, "usb " ROOT "0000:00:0d.0/usb2\n");
	/* USB 3.0, the slowest that is tunnelled. */
	expect_with(first, NHI, "usb " ROOT "0000:00:0d.0/usb2\n");
	expect_with(each, NHI, "usb " ROOT "0000:00:0d.0/usb2/2-1\n");
}

/* Light Ridge to Titan Ridge, Maple Ridge, and others' chips. */
static void by_the_switch_of_a_chip(void **state)
{
	static const char chip[] =
		"bridge 0000:00:1c.4 8086:a33c bus=04 group=8\n"
		"bridge 0000:04:00.0 8086:15ea bus=05 group=10\n"
		"bridge 0000:05:00.0 8086:15ea bus=06 group=11\n"
		"bridge 0000:05:01.0 8086:15ea bus=07 group=12\n"
		"bridge 0000:05:02.0 8086:15ea bus=3a group=13\n"
		"device 0000:06:00.0 8086:15eb class=088000 group=14 driver=thunderbolt\n"
		"device 0000:3a:00.0 8086:15ec class=0c0330 group=15 driver=xhci_hcd\n"
		"bridge 0000:07:00.0 8086:15d3 bus=08 group=16\n"
		"device 0000:08:00.0 8086:15ec class=0c0330 group=17 driver=xhci_hcd\n";

	(void)state;
	expect_with(chip, "0000:06:00.0",
		    "function " ROOT "0000:00:1c.4/0000:04:00.0/0000:05:01.0/0000:07:00.0\n"
		    "function " ROOT
		    "0000:00:1c.4/0000:04:00.0/0000:05:01.0/0000:07:00.0/0000:08:00.0\n"
		    "beside " ROOT "0000:00:1c.4/0000:04:00.0/0000:05:02.0/0000:3a:00.0\n");
	/* The processor's own behind a root port (AMD) has no switch. */
	expect_with("bridge 0000:00:08.3 1022:14b9 bus=c4 group=8\n"
		    "device 0000:c4:00.3 1022:15d6 class=0c0330 group=9 driver=xhci_hcd\n"
		    "device 0000:c4:00.6 1022:162f class=0c0340 group=9 driver=thunderbolt\n",
		    "0000:c4:00.6", "");
}

static void where_nothing_tells(void **state)
{
	(void)state;
	expect_with(ROUTER("1") REMOVABLE, NHI, ALL);
	expect_with(ROUTER("2") REMOVABLE, NHI, ALL);
	expect_with(ROUTER("1") HOTPLUG, NHI, ALL);
	/* What the firmware calls removable is better known than what it calls a hot-plug port. */
	expect_with(ROUTER("1") REMOVABLE "dir sys/" ROOT "0000:00:06.0/0000:00:06.0:pcie004\n",
		    NHI, ALL);
	/* A port without anything behind it: the dock has no PCI device. */
	expect_with(ROUTER("1") "dir sys/" ROOT "0000:00:06.1/0000:00:06.1:pcie004\n"
				"bridge 0000:00:06.1 8086:9a09 bus=05 group=2\n",
		    NHI, "");
	/* Nothing is plugged in there, or it may have no PCI tunnel. */
	expect_with(REMOVABLE HOTPLUG, NHI, "");
	expect_with(ROUTER("0") REMOVABLE HOTPLUG, NHI, "");
}

static void where_not_even_ports_tell(void **state)
{
	(void)state;
	/* Whatever is behind a switch, of this PCI domain; or else behind a port. */
	expect_with(ROUTER("1") "device 10000:e1:00.0 144d:a80a group=3 driver=nvme\n"
				"bridge 0000:2c:01.0 8086:15ef bus=2d group=20\n"
				"device 0000:2d:00.0 8086:15f2 class=020000 group=20\n",
		    NHI, "function " DOCK "/0000:2c:01.0/0000:2d:00.0\n");
	expect_with(ROUTER("1"), NHI, "function " ROOT "0000:00:06.0/0000:01:00.0\n" ALL);
	expect_with("", NHI, "");
}

static void only_what_is_plugged_in_there(void **state)
{
	(void)state;
	expect_with(
		"device 0000:00:0d.3 8086:9a1d class=0c0340 group=5 driver=thunderbolt\n" ROUTER(
			"1") REMOVABLE,
		"0000:00:0d.3", "");
	/* Without its driver nobody knows. */
	expect_with("device 0000:00:0d.3 8086:9a1d class=0c0340 group=5\n" REMOVABLE,
		    "0000:00:0d.3", ALL);
}

static void nobody_else(void **state)
{
	(void)state;
	expect_with("link sys/" ROOT "0000:00:0d.0/consumer:pci:0000:00:07.0 ../x\n",
		    "0000:00:0d.0", "");
	expect_with(
		"device 0000:00:15.0 8086:9999 class=088000 group=9 driver=idxd\n" REMOVABLE ROUTER(
			"1"),
		"0000:00:15.0", "");
	expect_with("", "0000:09:00.0", "");
}

/* --- nodes --- */

static void expect_nodes(const char *more, const char *expected)
{
	auto_free char *all = xasprintf("%s%s", host_text, more);
	auto_testhost struct testhost *host = testhost_new(all);
	auto_text struct text text = TEXT_INIT;
	struct error err = ERROR_INIT;
	struct node *nodes = NULL;
	struct pci_addr addr;
	size_t count = 0;

	assert_true(pci_addr_parse(NHI, &addr));
	assert_ok(carried_nodes_read(&host->host, &addr, &nodes, &count, &err), &err);
	text_append(&text, "", 0);
	for (size_t i = 0; i < count; i++) {
		assert_true(pci_addr_equal(&nodes[i].addr, &addr));
		text_printf(&text, "%s\n", nodes[i].name);
		node_done(&nodes[i]);
	}
	free(nodes);
	assert_text(text.data, expected);
}

#define STICK "usb3/3-1/3-1:1.0/host6/target6:0:0/6:0:0:0/block/sdb 242:0 block name=sdb\n"

static void nodes_but_for_plugs(void **state)
{
	(void)state;
	expect_nodes(LINK("pci:0000:00:07.0") "node 0000:2c:00.0 ptp/ptp1 248:1 subsystem=ptp "
					      "name=ptp1\n",
		     "ptp1\n");
	expect_nodes(LINK("pci:0000:00:07.0") "node 0000:2c:00.0 usb3/3-1 189:9 subsystem=usb "
					      "name=bus/usb/003/002\n"
					      "node 0000:2c:00.0 " STICK,
		     "sdb\n");
	/* On the host's own controller: what is below the tunnelled device alone. */
	expect_nodes(LINK("usb:3-1") "node 0000:00:0d.0 usb3/3-1 189:9 subsystem=usb "
				     "name=bus/usb/003/002\n"
				     "node 0000:00:0d.0 " STICK
				     "node 0000:00:0d.0 usb3/3-2/block/sdc 242:16 block name=sdc\n",
		     "sdb\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_device_links),
		cmocka_unit_test(usb_by_device_links),
		cmocka_unit_test(by_the_switch_of_a_chip),
		cmocka_unit_test(where_nothing_tells),
		cmocka_unit_test(where_not_even_ports_tell),
		cmocka_unit_test(only_what_is_plugged_in_there),
		cmocka_unit_test(nobody_else),
		cmocka_unit_test(nodes_but_for_plugs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
