// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the planner refuses: the kind, the device, the mate; all reasons at once, and no step then.
 */
#include "tests/host/check.h"

#include <stdlib.h>

#include "tests/host/lending.h"

static const char *const kind_names[REFUSAL_KINDS] = {
	[REFUSAL_IOMMU_OFF] = "iommu-off",
	[REFUSAL_MISSING] = "missing",
	[REFUSAL_NO_GROUP] = "no-group",
	[REFUSAL_NOIOMMU] = "noiommu",
	[REFUSAL_BRIDGE] = "bridge",
	[REFUSAL_PF] = "pf",
	[REFUSAL_CLAIMED] = "claimed",
	[REFUSAL_GROUP_CLAIMED] = "group-claimed",
	[REFUSAL_MATE] = "mate",
	[REFUSAL_MATE_PF] = "mate-pf",
	[REFUSAL_MATE_CHIPSET] = "mate-chipset",
	[REFUSAL_COMPANION] = "companion",
	[REFUSAL_BEHIND] = "behind",
	[REFUSAL_CARRIED] = "carried",
	[REFUSAL_DRIVER] = "driver",
};

static void add_mates(const struct refusal *refusal, struct text *text)
{
	bool any = refusal->mate.bus || refusal->mate.slot;

	text_printf(text, " %s", any ? ADDR(&refusal->mate) : "-");
	for (size_t i = 0; i < refusal->more_mate_count; i++)
		text_printf(text, ",%s", ADDR(&refusal->more_mates[i]));
}

/* "KIND ADDRESS MATE,... GUEST" a refusal, with "-" where there is none. */
static void check_refusals(const char *host_text, const char *guest_text, const char *expected)
{
	auto_testhost struct testhost *host = testhost_new(host_text);
	auto_guest struct guest guest = guest_make(guest_text);
	auto_snapshot struct snapshot snapshot = {0};
	auto_plan struct plan plan = {0};
	auto_text struct text text = TEXT_INIT;
	struct error err = ERROR_INIT;

	assert_ok(lending_plan(host, &guest, &snapshot, &plan, &err), &err);
	text_append(&text, "", 0);
	for (size_t i = 0; i < plan.refusal_count; i++) {
		const struct refusal *refusal = &plan.refusals[i];

		text_printf(&text, "%s %s", kind_names[refusal->kind], ADDR(&refusal->addr));
		add_mates(refusal, &text);
		text_printf(&text, " %s\n", refusal->guest ? refusal->guest : "-");
	}
	assert_text(text.data, expected);
	if (plan.refusal_count > 0) {
		assert_int_equal(plan.step_count, 0);
		assert_int_equal(plan.claim_count, 0);
	}
}

#define NIC "device 0000:02:00.0 8086:10d3 group=15 driver=e1000e\n"
#define NIC_GUEST "hostdev 0000:02:00.0 managed\n"

static void without_an_iommu(void **state)
{
	(void)state;
	check_refusals("iommu off\n" NIC, NIC_GUEST "hostdev 0000:09:00.0\n",
		       "iommu-off 0000:00:00.0 - -\n");
}

static void missing_and_groupless_devices(void **state)
{
	(void)state;
	check_refusals(NIC "device 0000:04:00.0 8086:10d3 driver=e1000e\n",
		       NIC_GUEST "hostdev 0000:09:00.0\nhostdev 0000:04:00.0\n",
		       "missing 0000:09:00.0 - -\n"
		       "no-group 0000:04:00.0 - -\n");
}

static void no_iommu_groups(void **state)
{
	(void)state;
	check_refusals(NIC "group 15 name=vfio-noiommu\n", NIC_GUEST, "noiommu 0000:02:00.0 - -\n");
}

static void bridges(void **state)
{
	(void)state;
	check_refusals("bridge 0000:00:01.0 8086:1901 bus=02 group=1\n" NIC,
		       "hostdev 0000:00:01.0 managed\n", "bridge 0000:00:01.0 - -\n");
}

static void physical_functions_in_use(void **state)
{
	static const char host[] =
		"device 0000:03:00.0 8086:10fb group=20 driver=ixgbe sriov=4\n"
		"device 0000:03:00.1 8086:10fb group=21 driver=ixgbe sriov=4\n"
		"vf 0000:03:10.0 8086:10ed of=0000:03:00.0 group=22 driver=ixgbevf\n";

	(void)state;
	check_refusals(host, "hostdev 0000:03:00.0 managed\n", "pf 0000:03:00.0 - -\n");
	check_refusals(host, "hostdev 0000:03:00.1 managed\n", "");
	check_refusals("device 0000:03:00.0 8086:10fb group=20 driver=ixgbe\n"
		       "device 0000:03:00.1 8086:10fb group=20 driver=ixgbe sriov=4\n"
		       "vf 0000:03:10.1 8086:10ed of=0000:03:00.1 group=22 driver=ixgbevf\n",
		       "hostdev 0000:03:00.0 managed\n", "mate-pf 0000:03:00.0 0000:03:00.1 -\n");
}

#define BUS                                                                                        \
	"bridge 0000:00:1e.0 8086:244e bus=05 group=7\n"                                           \
	"device 0000:05:01.0 8086:100e group=7 driver=e1000\n"                                     \
	"device 0000:05:02.0 8086:100e group=7 driver=e1000\n"                                     \
	"device 0000:05:03.0 1234:11e8 class=00ff00 group=7\n"

static void mates_on_other_slots(void **state)
{
	(void)state;
	check_refusals(BUS, "hostdev 0000:05:01.0 managed\n", "mate 0000:05:01.0 0000:05:02.0 -\n");
	check_refusals(BUS, "hostdev 0000:05:01.0 managed\nhostdev 0000:05:03.0 managed\n",
		       "mate 0000:05:01.0 0000:05:02.0 -\n");
	check_refusals(BUS, "hostdev 0000:05:01.0\npolicy group whole\n", "");
	check_refusals(BUS, "hostdev 0000:05:01.0\nhostdev 0000:05:02.0\nhostdev 0000:05:03.0\n",
		       "");
}

/* Only in its own group does a named device take its slot's other functions along. */
static void mates_in_the_slot_of_another_group(void **state)
{
	static const char host[] = "device 0000:05:01.0 8086:100e group=7 driver=e1000\n"
				   "device 0000:06:00.0 8086:10fb group=8 driver=ixgbe\n"
				   "device 0000:06:00.1 8086:10fb group=7 driver=ixgbe\n";

	(void)state;
	check_refusals(host, "hostdev 0000:05:01.0 managed\nhostdev 0000:06:00.0 managed\n",
		       "mate 0000:05:01.0 0000:06:00.1 -\n");
}

/* On vfio-pci already, whoever put it there: the group is viable with it. */
static void mates_that_do_no_harm(void **state)
{
	(void)state;
	check_refusals("device 0000:05:01.0 8086:100e group=7 driver=e1000\n"
		       "device 0000:05:02.0 8086:100e group=7 driver=vfio-pci override=vfio-pci\n"
		       "device 0000:05:03.0 8086:100e group=7 driver=pci-stub\n"
		       "device 0000:05:04.0 8086:100e group=7\n"
		       "device 0000:05:05.0 8086:100e group=7 driver=vendors\n"
		       "node 0000:05:05.0 vfio-dev/vfio0 511:0 subsystem=vfio-dev\n",
		       "hostdev 0000:05:01.0 managed\n", "");
}

static void parts_of_the_chipset(void **state)
{
	static const char host[] =
		"device 0000:00:1f.0 8086:2918 class=060100 group=12 driver=lpc_ich\n"
		"device 0000:00:1f.2 8086:2922 class=010601 group=12 driver=ahci\n";

	(void)state;
	check_refusals(host, "hostdev 0000:00:1f.2 managed\n",
		       "mate-chipset 0000:00:1f.2 0000:00:1f.0 -\n");
}

/* Base class 06 alone makes no bridge: that has a bridge's header, or is one of three kinds. */
static void bridges_and_what_is_called_so(void **state)
{
	static const char host[] =
		"device 0000:00:00.0 8086:1111 class=060000 group=1\n"
		"device 0000:00:1f.0 8086:1112 class=060100 group=2\n"
		"bridge 0000:00:02.0 8086:1113 class=068000 bus=04 group=3\n"
		"device 0000:04:00.0 10de:22a3 class=068000 group=4 driver=nvidia-nvswitch\n"
		"device 0000:04:01.0 10de:22a3 class=068000 group=4 driver=nvidia-nvswitch\n";

	(void)state;
	check_refusals(host,
		       "hostdev 0000:00:00.0\nhostdev 0000:00:1f.0\nhostdev 0000:00:02.0\n"
		       "hostdev 0000:04:00.0\n",
		       "bridge 0000:00:00.0 - -\n"
		       "bridge 0000:00:1f.0 - -\n"
		       "bridge 0000:00:02.0 - -\n"
		       "mate 0000:04:00.0 0000:04:01.0 -\n");
}

#define JOURNAL(claim)                                                                             \
	"file run/hostdev-hook/" OTHER_UUID ".journal\n"                                           \
	"\thostdev-hook journal 1\n"                                                               \
	"\tboot 0d9e2c1e-5b7a-4f0e-9d55-6a1f3c2b4e10\n"                                            \
	"\tguest games\n"                                                                          \
	"\tuuid " OTHER_UUID "\n"                                                                  \
	"\tclaim " claim "\n"

static void devices_of_other_guests(void **state)
{
	static const char card[] =
		"device 0000:01:00.0 10de:2204 class=030000 group=14 driver=nvidia\n"
		"device 0000:01:00.1 10de:1aef class=040300 group=14 driver=snd_hda_intel\n";
	auto_free char *mate = xasprintf("%s%s", card, JOURNAL("0000:01:00.1"));

	(void)state;
	check_refusals(NIC JOURNAL("0000:02:00.0"), NIC_GUEST, "claimed 0000:02:00.0 - games\n");
	check_refusals(NIC JOURNAL("0000:03:00.0"), NIC_GUEST, "");
	check_refusals(mate, "hostdev 0000:01:00.0 managed\n",
		       "group-claimed 0000:01:00.0 0000:01:00.1 games\n");
	check_refusals("boot 11111111-5b7a-4f0e-9d55-6a1f3c2b4e10\n" NIC JOURNAL("0000:02:00.0"),
		       NIC_GUEST, "");
}

static void claims_hold_for_interfaces_too(void **state)
{
	(void)state;
	check_refusals(
		"device 0000:03:00.0 8086:10fb group=20 driver=ixgbe sriov=4\n"
		"vf 0000:03:10.0 8086:10ed of=0000:03:00.0 group=22 driver=ixgbevf\n" JOURNAL(
			"0000:03:10.0"),
		"interface 0000:03:10.0 managed\n", "claimed 0000:03:10.0 - games\n");
}

static void companions_of_other_groups(void **state)
{
	static const char host[] =
		"device 0000:00:1d.0 8086:2934 class=0c0300 group=6 driver=uhci_hcd\n"
		"device 0000:00:1d.7 8086:293a class=0c0320 group=7 driver=ehci_hcd\n";

	(void)state;
	check_refusals(host, "hostdev 0000:00:1d.7 managed\n",
		       "companion 0000:00:1d.7 0000:00:1d.0 -\n");
	check_refusals(host, "hostdev 0000:00:1d.0 managed\n",
		       "companion 0000:00:1d.0 0000:00:1d.7 -\n");
	/* No driver of the host's meets it then. */
	check_refusals("device 0000:00:1d.0 8086:2934 class=0c0300 group=6 driver=vfio-pci\n"
		       "device 0000:00:1d.1 8086:2935 class=0c0300 group=7 driver=vendors\n"
		       "node 0000:00:1d.1 vfio-dev/vfio0 511:0 subsystem=vfio-dev\n"
		       "device 0000:00:1d.7 8086:293a class=0c0320 group=8 driver=ehci_hcd\n",
		       "hostdev 0000:00:1d.7 managed\n", "");
	/* xHCI has no companions, and another slot's EHCI is none of ours. */
	check_refusals("device 0000:00:14.0 8086:a36d class=0c0330 group=5 driver=xhci_hcd\n"
		       "device 0000:00:14.2 8086:a36f class=0c0320 group=6 driver=ehci_hcd\n",
		       "hostdev 0000:00:14.0 managed\n", "");
	check_refusals("device 0000:00:1a.7 8086:293c class=0c0320 group=4 driver=ehci_hcd\n"
		       "device 0000:00:1d.7 8086:293a class=0c0320 group=7 driver=ehci_hcd\n",
		       "hostdev 0000:00:1d.7 managed\n", "");
}

static void behind_a_volume_management_device(void **state)
{
	static const char host[] =
		"device 0000:00:0e.0 8086:467f class=010400 group=9 driver=vmd\n"
		"bridge 10000:e0:06.0 8086:464d bus=e1 group=9\n"
		"device 10000:e1:00.0 144d:a80c class=010802 group=9 driver=nvme\n"
		"bridge 10000:e0:07.0 8086:464d bus=e2 group=9\n"
		"device 10000:e2:00.0 8086:10d3 group=9 driver=e1000e\n";

	(void)state;
	check_refusals(host, "hostdev 0000:00:0e.0 managed\n", "");
	check_refusals(host, "hostdev 0000:00:0e.0 managed\npolicy group whole\n", "");
	check_refusals(host, "hostdev 10000:e1:00.0 managed\n",
		       "behind 10000:e1:00.0 0000:00:0e.0 -\n");
	/* A port, too: the device behind it would be no better. */
	check_refusals(host, "hostdev 10000:e0:06.0 managed\n",
		       "behind 10000:e0:06.0 0000:00:0e.0 -\n");
	check_refusals(host, "hostdev 0000:00:0e.0 managed\nhostdev 10000:e1:00.0 managed\n",
		       "behind 10000:e1:00.0 0000:00:0e.0 -\n");
}

/* Who has it goes by its class; what is in its group besides is a mate like any other. */
static void beside_a_volume_management_device(void **state)
{
	static const char host[] =
		"device 0000:00:0e.0 8086:467f class=010400 group=9 driver=vmd\n"
		"device 0000:00:0f.0 8086:10d3 group=9 driver=e1000e\n"
		"device 10000:e1:00.0 144d:a80c class=010802 group=9 driver=nvme\n";

	(void)state;
	check_refusals(host, "hostdev 0000:00:0f.0 managed\n",
		       "mate 0000:00:0f.0 0000:00:0e.0 -\n");
	check_refusals(host, "hostdev 0000:00:0f.0 managed\npolicy group whole\n", "");
}

#define CHIP                                                                                       \
	"bridge 0000:00:1c.4 8086:a33c bus=04 group=8\n"                                           \
	"bridge 0000:04:00.0 8086:15ea bus=05 group=10\n"                                          \
	"bridge 0000:05:00.0 8086:15ea bus=06 group=11\n"                                          \
	"bridge 0000:05:01.0 8086:15ea bus=07 group=12\n"                                          \
	"bridge 0000:05:02.0 8086:15ea bus=3a group=13\n"                                          \
	"device 0000:06:00.0 8086:15eb class=088000 group=14 driver=thunderbolt\n"                 \
	"device 0000:3a:00.0 8086:15ec class=0c0330 group=15 driver=xhci_hcd\n"                    \
	"bridge 0000:07:00.0 8086:15d3 bus=08 group=16\n"                                          \
	"bridge 0000:08:01.0 8086:15d3 bus=09 group=17\n"                                          \
	"device 0000:09:00.0 144d:a80a class=010802 group=18 driver=nvme\n"

static void reached_through_thunderbolt(void **state)
{
	(void)state;
	check_refusals(CHIP, "hostdev 0000:06:00.0 managed\n", "");
	check_refusals(CHIP, "hostdev 0000:09:00.0 managed\n", "");
	check_refusals(CHIP, "hostdev 0000:06:00.0 managed\nhostdev 0000:09:00.0 managed\n",
		       "behind 0000:09:00.0 0000:06:00.0 -\n");
	/* The chip as a whole. */
	check_refusals(CHIP, "hostdev 0000:06:00.0 managed\nhostdev 0000:3a:00.0 managed\n", "");
	check_refusals(CHIP JOURNAL("0000:09:00.0"), "hostdev 0000:06:00.0 managed\n",
		       "carried 0000:06:00.0 0000:09:00.0 games\n");
	check_refusals(CHIP JOURNAL("0000:3a:00.0"), "hostdev 0000:06:00.0 managed\n", "");
}

static void drivers_of_other_hypervisors(void **state)
{
	(void)state;
	check_refusals(NIC, "hostdev 0000:02:00.0 name=xen\n", "driver 0000:02:00.0 - -\n");
	check_refusals(NIC, "hostdev 0000:02:00.0 name=vfio\n", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_an_iommu),
		cmocka_unit_test(missing_and_groupless_devices),
		cmocka_unit_test(no_iommu_groups),
		cmocka_unit_test(bridges),
		cmocka_unit_test(physical_functions_in_use),
		cmocka_unit_test(mates_on_other_slots),
		cmocka_unit_test(mates_in_the_slot_of_another_group),
		cmocka_unit_test(mates_that_do_no_harm),
		cmocka_unit_test(parts_of_the_chipset),
		cmocka_unit_test(bridges_and_what_is_called_so),
		cmocka_unit_test(devices_of_other_guests),
		cmocka_unit_test(claims_hold_for_interfaces_too),
		cmocka_unit_test(companions_of_other_groups),
		cmocka_unit_test(behind_a_volume_management_device),
		cmocka_unit_test(beside_a_volume_management_device),
		cmocka_unit_test(reached_through_thunderbolt),
		cmocka_unit_test(drivers_of_other_hypervisors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
