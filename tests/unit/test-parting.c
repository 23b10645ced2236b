// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is advised where devices share a group: nobody is told to move what is built in.
 */
#include "model/parting.h"
#include "tests/unit/usage.h"

/* A card in a slot, another one, the chipset's functions beside a bridge, one on the root bus. */
#define HOST                                                                                       \
	"bridge 0000:00:01.1 8086:1901 bus=01 group=1\n"                                           \
	"bridge 0000:00:01.2 8086:1902 bus=02 group=1\n"                                           \
	"bridge 0000:00:01.3 8086:1903 bus=03 group=1\n"                                           \
	"device 0000:00:1f.3 8086:a348 class=040300 group=1 driver=snd_hda_intel\n"                \
	"device 0000:01:00.0 10de:2204 class=030000 group=1 driver=nvidia\n"                       \
	"device 0000:02:00.0 8086:10d3 class=020000 group=1 driver=igb\n"                          \
	"device 0000:03:00.0 1022:43d5 class=0c0330 group=1 driver=xhci_hcd\n"                     \
	"bridge 0000:03:00.2 1022:43c6 bus=04 group=1\n"                                           \
	"module vfio-pci registers=vfio-pci\n"
#define CARD "0000:01:00.0"
#define NIC "0000:02:00.0"
#define CHIPSET_USB "0000:03:00.0"
#define SOUND "0000:00:1f.3"

static void assert_parting(const char *addr, const char *mate, const char *other,
			   const char *expected)
{
	struct pci_addr addrs[] = {usage_addr(mate), usage_addr(other ? other : mate)};
	struct pci_addr named = usage_addr(addr);
	auto_usage struct usage usage;
	auto_free char *advice = NULL;

	usage_open(&usage, HOST, "hostdev " CARD " managed\n");
	advice = parting_by_slot(&usage.snapshot, &named, addrs, other ? 2 : 1);
	if (expected)
		assert_text(advice, expected);
	else
		assert_null(advice);
}

static void what_is_in_a_slot_is_moved(void **state)
{
	(void)state;
	assert_parting(CARD, CHIPSET_USB, NULL, "Put the card into another slot");
	/* It may be soldered: nothing tells. */
	assert_parting(NIC, CARD, NULL, "Put it into another slot, if it is a card");
}

static void of_what_is_built_in_the_others_are_moved(void **state)
{
	(void)state;
	assert_parting(SOUND, CARD, NULL, "Put " CARD " into another slot");
	assert_parting(CHIPSET_USB, CARD, NIC, "Put " CARD " and " NIC " into other slots");
}

static void what_is_built_in_no_slot_parts(void **state)
{
	(void)state;
	assert_parting(SOUND, CHIPSET_USB, NULL, NULL);
	assert_parting(SOUND, CARD, CHIPSET_USB, NULL);
}

static void a_refusal_says_so(void **state)
{
	struct pci_addr card = usage_addr(CARD);
	auto_usage struct usage usage;

	(void)state;
	usage_open(&usage, HOST, "hostdev " SOUND " managed\n");
	usage_check_refused(&usage, "As no slot parts what is built in, name in the guest too: ");
	snapshot_add_use(&usage.snapshot, USE_MOUNT, &card, xstrdup("p1"), xstrdup("mounted on /"));
	usage_check_refused(&usage, "shares IOMMU group 1 with " CARD,
			    "No slot parts what is built in; a setting of the firmware (ACS) may: "
			    "with this one would go " CARD " (p1 is mounted on /).");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_in_a_slot_is_moved),
		cmocka_unit_test(of_what_is_built_in_the_others_are_moved),
		cmocka_unit_test(what_is_built_in_no_slot_parts),
		cmocka_unit_test(a_refusal_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
