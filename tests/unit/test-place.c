// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * To which function a place in sysfs belongs, also where the directories above it are another's.
 */
#include "tests/host/check.h"

#include <errno.h>

#include "parsers/pci/place.h"
#include "tests/host/testhost.h"

static const char host_text[] = "bridge 0000:00:07.0 8086:9a23 bus=2b group=6\n"
				"device 0000:2b:00.0 8086:15f2 class=020000 group=20 driver=igc\n"
				"device 0000:00:0d.2 8086:9a1b class=0c0340 group=5\n"
				"device 0000:00:0e.0 8086:467f class=010400 group=9 driver=vmd\n"
				"bridge 10000:e0:06.0 8086:464d bus=e1 group=9\n"
				"device 10000:e1:00.0 144d:a80c class=010802 group=9 driver=nvme\n"
				"node 10000:e1:00.0 nvme/nvme0 240:0 subsystem=nvme name=nvme0\n"
				"node 0000:2b:00.0 net/eth1 - subsystem=net\n"
				"node devices/virtual/net br0 - subsystem=net\n";

static void expect(const struct place *place, const char *addr)
{
	if (addr)
		assert_string_equal(ADDR(&place->addr), addr);
	assert_int_equal(place->has_addr, addr != NULL);
}

static struct place place_of(const struct testhost *host, const char *link)
{
	struct error err = ERROR_INIT;
	struct place place;

	assert_ok(place_read(&host->host, &place, &err, "%s", link), &err);
	return place;
}

static void by_the_nearest_function(void **state)
{
	auto_testhost struct testhost *host = testhost_new(host_text);
	struct place nic = place_of(host, "class/net/eth1");
	struct place bridge = place_of(host, "class/net/br0");
	struct place gone;

	(void)state;
	expect(&nic, "0000:2b:00.0");
	expect(&bridge, NULL);
	assert_true(place_below(&bridge, "devices/virtual"));
	assert_int_equal(place_read(&host->host, &gone, NULL, "class/net/eth9"), -ENOENT);
}

/* The whole domain is its maker's: devices, ports, and what hangs on them. */
static void by_the_maker_of_a_domain(void **state)
{
	static const char *const links[] = {"class/nvme/nvme0", "bus/pci/devices/10000:e1:00.0",
					    "bus/pci/devices/10000:e0:06.0",
					    "bus/pci/devices/0000:00:0e.0"};
	auto_testhost struct testhost *host = testhost_new(host_text);

	(void)state;
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		struct place place = place_of(host, links[i]);

		expect(&place, "0000:00:0e.0");
	}
}

/* addr NULL: on a root bus. */
static void expect_parent(const struct testhost *host, const char *link, const char *addr)
{
	struct place place = place_of(host, link);
	struct pci_addr parent = {0};

	assert_int_equal(place_parent(&place, &parent), addr != NULL);
	if (addr)
		assert_string_equal(ADDR(&parent), addr);
}

static void what_is_above_a_function(void **state)
{
	auto_testhost struct testhost *host = testhost_new(host_text);

	(void)state;
	expect_parent(host, "bus/pci/devices/0000:00:07.0", NULL);
	expect_parent(host, "bus/pci/devices/0000:2b:00.0", "0000:00:07.0");
	expect_parent(host, "bus/pci/devices/10000:e1:00.0", "10000:e0:06.0");
	expect_parent(host, "bus/pci/devices/10000:e0:06.0", "0000:00:0e.0");
}

static void by_who_carries_it(void **state)
{
	auto_testhost struct testhost *host = testhost_new(host_text);
	struct device controller = {.addr = {0, 0, 0x0d, 2}}, card = {.addr = {0, 0x2b, 0, 0}};
	struct carried carried = {.carrier = controller.addr,
				  .addr = card.addr,
				  .directory = (char *)"devices/pci0000:00/0000:00:07.0/"
						       "0000:2b:00.0"};
	struct snapshot snapshot = {
		.devices = &controller, .device_count = 1, .carried = &carried, .carried_count = 1};
	struct place nic = place_of(host, "class/net/eth1"), other = nic;
	struct place bridge = place_of(host, "class/net/br0");

	(void)state;
	place_carry(&nic, &snapshot);
	expect(&nic, "0000:00:0d.2");
	place_carry(&bridge, &snapshot);
	expect(&bridge, NULL);
	/* The guest names it itself. */
	snapshot.devices = &card;
	place_carry(&other, &snapshot);
	expect(&other, "0000:2b:00.0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_the_nearest_function),
		cmocka_unit_test(by_the_maker_of_a_domain),
		cmocka_unit_test(what_is_above_a_function),
		cmocka_unit_test(by_who_carries_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
