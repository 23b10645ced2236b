/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * A made-up machine with two network adapters, eth0 and eth1, of which a guest wants the first; and
 * the tables of its routes as the kernel prints them.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "parsers/network/network.h"
#include "parsers/pci/pci.h"
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

static inline void add_interface(struct testhost *host, const char *name, const char *device_dir)
{
	auto_free char *dir = xasprintf("%s/net/%s", device_dir, name);
	auto_free char *link = xasprintf("sys/class/net/%s", name);

	tree_dir(host->root_fd, dir);
	tree_link(host->root_fd, link, dir);
}

static inline void stack(struct testhost *host, const char *upper, const char *lower)
{
	auto_free char *up = xasprintf("sys/class/net/%s/upper_%s", lower, upper);
	auto_free char *down = xasprintf("sys/class/net/%s/lower_%s", upper, lower);

	tree_raw_link(host->root_fd, up, "../there");
	tree_raw_link(host->root_fd, down, "../there");
}

static inline int fresh(void **state)
{
	struct testhost *host = testhost_new(host_text);

	add_interface(host, "eth0", NIC_DIR);
	add_interface(host, "eth1", OTHER_DIR);
	add_interface(host, "lo", "sys/devices/virtual");
	*state = host;
	return 0;
}

static inline int stale(void **state)
{
	struct testhost *host = *state;

	testhost_free(&host);
	return 0;
}

static inline void print_use(const struct use *use, struct text *out)
{
	text_printf(out, "%s %s: %s", use_allow_name(use->kind), use->what, use->how);
	for (size_t i = 0; i < use->way_count; i++)
		for (size_t k = 0; k < use->ways[i].part_count; k++)
			text_printf(out, "%s%s", k > 0 ? "+" : " | ",
				    ADDR(&use->ways[i].parts[k].addr));
	text_printf(out, "\n");
}

/* "KIND WHAT: HOW", and " | ADDR+ADDR" for each other way; a line each; heap. */
static inline char *uses_of(struct testhost *host, const char *hostdevs)
{
	auto_free char *text = xasprintf("%s%s", guest_text, hostdevs);
	auto_guest struct guest guest = guest_make(text);
	auto_snapshot struct snapshot snapshot = {0};
	struct text out = TEXT_INIT;
	struct error err = ERROR_INIT;

	assert_ok(pci_snapshot(&host->host, &guest, &snapshot, &err), &err);
	assert_ok(network_read(&host->host, &guest, &snapshot, &err), &err);
	text_append(&out, "", 0);
	for (size_t i = 0; i < snapshot.use_count; i++)
		print_use(&snapshot.uses[i], &out);
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

static inline void v4_routes(struct testhost *host, const char *routes)
{
	tree_file(host->root_fd, "proc/net/route", V4_HEAD "%s", routes);
}

#define ZERO6 "00000000000000000000000000000000"
#define V6_ROUTE(to, bits, metric, flags, interface)                                               \
	to " " bits " " ZERO6 " 00 fe800000000000000000000000000001 " metric                       \
	   " 00000001 00000000 " flags "     " interface "\n"

static inline void v6_routes(struct testhost *host, const char *routes)
{
	tree_file(host->root_fd, "proc/net/ipv6_route", "%s", routes);
}

/* 192.0.2.0/24 is behind eth0, 198.51.100.0/24 behind eth1; 192.0.2.7 logs in. */
#define NETS                                                                                       \
	"eth0\t000200C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n"                           \
	"eth1\t006433C6\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n"

static inline void expect_failure(struct testhost *host, const char *part)
{
	auto_guest struct guest guest = guest_make(guest_text);
	auto_snapshot struct snapshot snapshot = {0};
	struct error err = ERROR_INIT;

	assert_ok(pci_snapshot(&host->host, &guest, &snapshot, &err), &err);
	assert_int_equal(network_read(&host->host, &guest, &snapshot, &err), -EBADMSG);
	assert_contains(err.text, part);
	assert_int_equal(snapshot.use_count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh, stale)
