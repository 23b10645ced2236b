// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which interfaces have a link and a network of the host's behind it.
 */
#include "tests/host/check.h"

#include <stdlib.h>
#include <string.h>

#include "parsers/network/links.h"
#include "parsers/pci/pci.h"
#include "tests/host/lending.h"
#include "tests/host/testhost.h"

#define ETH0 "0000:02:00.0"
#define ETH1 "0000:03:00.0"
#define USB "0000:04:00.0"
#define WLAN0 "0000:02:00.1"
#define MACHINE                                                                                    \
	"bridge 0000:00:1c.0 8086:a338 bus=02 group=8\n"                                           \
	"device " ETH0 " 8086:1533 class=020000 group=15 driver=igb\n"                             \
	"device " ETH1 " 8086:1533 class=020000 group=16 driver=igb\n"                             \
	"device " USB " 1b21:2142 class=0c0330 group=17 driver=xhci_hcd\n"                         \
	"node " ETH0 " net/eth0 - subsystem=net ifindex=2\n"                                       \
	"node " ETH1 " net/eth1 - subsystem=net ifindex=3\n"                                       \
	"node " USB " usb1/1-1/1-1:1.0/net/usb0 - subsystem=net ifindex=4\n"                       \
	"node devices/platform/soc net/end0 - subsystem=net ifindex=5\n"                           \
	"node devices/virtual/net br0 - subsystem=net ifindex=9\n"
#define STATE(dir, name, state, flags)                                                             \
	"file sys/devices/" dir "/" name "/operstate\n\t" state "\n"                               \
	"file sys/devices/" dir "/" name "/flags\n\t" flags "\n"
#define ETH0_IS(state, flags) STATE("pci0000:00/0000:00:1c.0/" ETH0 "/net", "eth0", state, flags)
#define TOLD(lines) "file network\n" lines
#define ROUTE(to, bits, name) "\troute 4 254 " bits " " to " 0 " name "\n"

/* "eth0 alive routed" of each that has something to say. Heap. */
static char *links_of(const char *machine)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	auto_guest struct guest guest =
		guest_make("hostdev " ETH0 "\nhostdev " ETH1 "\nhostdev " USB "\n");
	auto_snapshot struct snapshot snapshot = {0};
	cleanup(links_done) struct links links = {0};
	struct error err = ERROR_INIT;
	struct text out = TEXT_INIT;

	assert_ok(pci_snapshot(&host->host, &guest, &snapshot, &err), &err);
	assert_ok(links_read(&host->host, &snapshot, &links, &err), &err);
	text_append(&out, "", 0);
	for (size_t i = 0; i < links.count; i++) {
		const struct link *link = &links.all[i];

		assert_false(link->dead && link->alive);
		if (link->dead || link->alive || link->routed)
			text_printf(&out, "%s%s%s%s%s%s\n", link->name, link->dead ? " dead" : "",
				    link->alive ? " alive" : "", link->routed ? " routed" : "",
				    link->has_addr ? " of " : "",
				    link->has_addr ? ADDR(&link->function) : "");
	}
	return out.data;
}

#define assert_links(machine, expected)                                                            \
	do {                                                                                       \
		auto_free char *links_ = links_of(MACHINE machine);                                \
		assert_text(links_, expected);                                                     \
	} while (0)

static void a_cable_is_known_where_the_interface_is_up(void **state)
{
	(void)state;
	assert_links("", "");
	assert_links(ETH0_IS("up", "0x1003"), "eth0 alive of " ETH0 "\n");
	assert_links(ETH0_IS("unknown", "0x1003"), "eth0 alive of " ETH0 "\n");
	assert_links(ETH0_IS("down", "0x1003"), "eth0 dead of " ETH0 "\n");
	assert_links(ETH0_IS("lowerlayerdown", "0x1003"), "eth0 dead of " ETH0 "\n");
	/* Nobody has switched it on. */
	assert_links(ETH0_IS("down", "0x1002"), "");
}

/* Nobody has told it a network yet, or it is out of reach just now. */
static void what_is_wireless_is_never_known_to_have_none(void **state)
{
	(void)state;
	assert_links(ETH0_IS("down", "0x1003") "dir sys/class/net/eth0/phy80211\n", "");
	assert_links(ETH0_IS("down", "0x1003") "dir sys/class/net/eth0/wireless\n", "");
	assert_links(ETH0_IS("up", "0x1003") "dir sys/class/net/eth0/wireless\n",
		     "eth0 alive of " ETH0 "\n");
	assert_links("device " WLAN0 " 8086:2723 class=028000 group=15 driver=iwlwifi\n"
		     "node " WLAN0 " net/wlan0 - subsystem=net ifindex=6\n" STATE(
			     "pci0000:00/0000:00:1c.0/" WLAN0 "/net", "wlan0", "down", "0x1003"),
		     "");
}

static void a_network_is_behind_it(void **state)
{
	(void)state;
	assert_links(TOLD(ROUTE("192.168.2.0", "24", "eth0")), "eth0 routed of " ETH0 "\n");
	assert_links(TOLD(ROUTE("0.0.0.0", "0", "eth0")), "eth0 routed of " ETH0 "\n");
	assert_links(TOLD("\troute 6 254 64 fd00:: 256 eth0\n"), "eth0 routed of " ETH0 "\n");
	/* What every interface has. */
	assert_links(TOLD("\troute 6 254 64 fe80:: 256 eth0\n\troute 6 255 8 ff00:: 256 eth0\n"),
		     "");
	assert_links(TOLD(ROUTE("169.254.0.0", "16", "usb0")), "");
	assert_links(TOLD(ROUTE("224.0.0.0", "4", "usb0") ROUTE("239.1.2.0", "24", "usb0")), "");
	assert_links(TOLD(ROUTE("192.0.0.0", "3", "usb0")), "usb0 routed of " USB "\n");
	assert_links(TOLD(ROUTE("10.0.0.0", "8", "usb0")), "usb0 routed of " USB "\n");
}

static void by_way_of_what_stands_on_it(void **state)
{
	(void)state;
	assert_links("link sys/devices/virtual/net/br0/lower_eth1 ../there\n" TOLD(
			     ROUTE("192.168.2.0", "24", "br0")),
		     "eth1 routed of " ETH1 "\n");
	/* A bridge of guests stands on nothing. */
	assert_links(TOLD(ROUTE("192.168.122.0", "24", "br0")), "");
}

static void what_is_no_pci_device(void **state)
{
	(void)state;
	assert_links(STATE("platform/soc/net", "end0", "up", "0x1003")
			     TOLD(ROUTE("192.168.2.0", "24", "end0")),
		     "end0 alive routed\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cable_is_known_where_the_interface_is_up),
		cmocka_unit_test(what_is_wireless_is_never_known_to_have_none),
		cmocka_unit_test(a_network_is_behind_it),
		cmocka_unit_test(by_way_of_what_stands_on_it),
		cmocka_unit_test(what_is_no_pci_device),
	};

	return cmocka_run_group_tests_name("links", tests, NULL, NULL);
}
