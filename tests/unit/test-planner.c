// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The planner's steps: which functions go along, what is left alone, and in which order cells are
 * set. What it refuses is in test-planner-refusals.c.
 */
#include "tests/host/check.h"

#include <stdlib.h>
#include <string.h>

#include "model/planner.h"
#include "tests/host/lending.h"

#define VFIO "driver vfio-pci module=vfio-pci\n"
#define CARD                                                                                       \
	"device 0000:01:00.0 10de:2204 class=030000 group=14 driver=nvidia power=auto\n"           \
	"device 0000:01:00.1 10de:1aef class=040300 group=14 driver=snd_hda_intel\n"

#define GATE(addrs)                                                                                \
	"holders " addrs " free -> free,wait=5000 # nobody may hold them when their drivers let "  \
	"go\n"

static void check_plan(const char *host_text, const char *guest_text, const char *expected)
{
	auto_testhost struct testhost *host = testhost_new(host_text);
	auto_guest struct guest guest = guest_make(guest_text);
	auto_free char *plan = lending_plan_text(host, &guest);

	assert_text(plan, expected);
	assert_int_equal(testhost_operations(host), 0);
}

static void check_claims(const char *host_text, const char *guest_text, const char *expected)
{
	auto_testhost struct testhost *host = testhost_new(host_text);
	auto_guest struct guest guest = guest_make(guest_text);
	auto_snapshot struct snapshot snapshot = {0};
	auto_plan struct plan plan = {0};
	auto_text struct text text = TEXT_INIT;
	struct error err = ERROR_INIT;

	assert_ok(lending_plan(host, &guest, &snapshot, &plan, &err), &err);
	text_append(&text, "", 0);
	for (size_t i = 0; i < plan.claim_count; i++)
		text_printf(&text, "%s ", ADDR(&plan.claims[i]));
	assert_text(text.data, expected);
}

static void phases_go_over_all_devices(void **state)
{
	(void)state;
	check_plan(
		CARD "module vfio-pci unloaded\n",
		"hostdev 0000:01:00.0 managed\nhostdev 0000:01:00.1 managed\n",
		"module vfio-pci absent -> loaded # VFIO driver for 0000:01:00.0\n"
		"power 0000:01:00.0 auto,d3cold=1 -> on,d3cold=1 # awake while its driver "
		"changes\n"
		"power 0000:01:00.1 on,d3cold=1 -> on,d3cold=1 # awake while its driver "
		"changes\n" GATE(
			"0000:01:00.0,0000:01:00.1") "driver 0000:01:00.0 nvidia -> "
						     "none,override=vfio-pci # hostdev device of "
						     "win11\n"
						     "driver 0000:01:00.1 snd_hda_intel -> "
						     "none,override=vfio-pci # hostdev device "
						     "of win11\n"
						     "driver 0000:01:00.0 none,override=vfio-pci "
						     "-> vfio-pci,override=vfio-pci # "
						     "hostdev device of win11\n"
						     "driver 0000:01:00.1 none,override=vfio-pci "
						     "-> vfio-pci,override=vfio-pci # "
						     "hostdev device of win11\n");
}

static void siblings_of_slot_and_group_go_along(void **state)
{
	(void)state;
	check_claims(CARD VFIO, "hostdev 0000:01:00.0 managed\n", "0000:01:00.0 0000:01:00.1 ");
	check_claims(CARD VFIO, "hostdev 0000:01:00.1 managed\n", "0000:01:00.0 0000:01:00.1 ");
	/* Named twice (two disks on one controller) is one device. */
	check_claims(CARD VFIO, "nvme 0000:01:00.0 managed\nnvme 0000:01:00.0 managed\n",
		     "0000:01:00.0 0000:01:00.1 ");
}

/* A mate is judged by the slots of all named devices, in whatever order they are named. */
static void siblings_of_another_named_device_go_along(void **state)
{
	static const char host[] =
		VFIO "device 0000:01:00.0 8086:10d3 group=9 driver=e1000e\n"
		     "device 0000:02:00.0 10de:2204 class=030000 group=9 driver=nvidia\n"
		     "device 0000:02:00.1 10de:1aef class=040300 group=9 driver=snd_hda_intel\n";

	(void)state;
	check_claims(host, "hostdev 0000:02:00.0 managed\nhostdev 0000:01:00.0 managed\n",
		     "0000:01:00.0 0000:02:00.0 0000:02:00.1 ");
	check_claims(host, "hostdev 0000:01:00.0 managed\nhostdev 0000:02:00.0 managed\n",
		     "0000:01:00.0 0000:02:00.0 0000:02:00.1 ");
}

static void functions_of_other_groups_are_not_touched(void **state)
{
	static const char host[] =
		VFIO "device 0000:03:00.0 8086:10fb group=20 driver=ixgbe\n"
		     "device 0000:03:00.1 8086:10fb group=21 driver=ixgbe\n"
		     "device 0000:04:00.0 8086:10fb group=22 driver=ixgbe sriov=4\n"
		     "vf 0000:04:10.0 8086:10ed of=0000:04:00.0 group=23 driver=ixgbevf\n";

	(void)state;
	check_claims(host, "hostdev 0000:03:00.0 managed\n", "0000:03:00.0 ");
	check_claims(host, "hostdev 0000:04:10.0 managed\n", "0000:04:10.0 ");
}

static void bridges_are_left_alone(void **state)
{
	static const char host[] =
		"bridge 0000:00:01.0 8086:1901 bus=01 group=14\n"
		"device 0000:00:1f.0 8086:2918 class=060100 group=14\n" CARD VFIO;

	(void)state;
	check_claims(host, "hostdev 0000:01:00.0 managed\n", "0000:01:00.0 0000:01:00.1 ");
}

static void a_whole_group_goes_where_policy_says_so(void **state)
{
	static const char host[] = VFIO "bridge 0000:00:1e.0 8086:244e bus=05 group=7\n"
					"device 0000:05:01.0 8086:100e group=7 driver=e1000\n"
					"device 0000:05:02.0 8086:100e group=7 driver=e1000\n"
					"device 0000:05:03.0 1234:11e8 class=00ff00 group=7\n";

	(void)state;
	check_claims(host, "hostdev 0000:05:01.0 managed\npolicy group whole\n",
		     "0000:05:01.0 0000:05:02.0 0000:05:03.0 ");
}

/* What may be bound at once stands together: the first of each group, then the second. */
static void groups_are_bound_side_by_side(void **state)
{
	static const char text[] =
		VFIO "device 0000:01:00.0 10de:2204 class=030000 group=14 driver=nvidia\n"
		     "device 0000:01:00.1 10de:1aef class=040300 group=14 driver=snd_hda_intel\n"
		     "device 0000:02:00.0 10de:2204 class=030000 group=15 driver=nvidia\n"
		     "device 0000:02:00.1 10de:1aef class=040300 group=15 driver=snd_hda_intel\n";
	auto_testhost struct testhost *host = testhost_new(text);
	auto_guest struct guest guest = guest_make("hostdev 0000:01:00.0 managed\n"
						   "hostdev 0000:02:00.0 managed\n");
	auto_snapshot struct snapshot snapshot = {0};
	auto_plan struct plan plan = {0};
	auto_text struct text order = TEXT_INIT;
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(lending_plan(host, &guest, &snapshot, &plan, &err), &err);
	for (size_t i = 0; i < plan.step_count; i++)
		if (strncmp(plan.steps[i].after, "vfio-pci", strlen("vfio-pci")) == 0)
			text_printf(&order, "%s ", plan.steps[i].target);
	assert_text(order.data, "0000:01:00.0 0000:02:00.0 0000:01:00.1 0000:02:00.1 ");
}

static void a_device_on_the_wanted_driver_stays(void **state)
{
	static const char host[] =
		VFIO "device 0000:01:00.0 10de:2204 group=14 driver=vfio-pci override=vfio-pci\n"
		     "device 0000:01:00.1 10de:1aef group=14 driver=vfio-pci\n";

	(void)state;
	check_plan(host, "hostdev 0000:01:00.0 managed\nhostdev 0000:01:00.1\n", "");
	check_claims(host, "hostdev 0000:01:00.0 managed\n", "0000:01:00.0 0000:01:00.1 ");
}

static void only_those_that_differ_have_steps(void **state)
{
	(void)state;
	check_plan(VFIO "device 0000:01:00.0 10de:2204 group=14 driver=vfio-pci override=vfio-pci\n"
			"device 0000:01:00.1 10de:1aef group=14 d3cold=NONE\n",
		   "hostdev 0000:01:00.0 managed\n",
		   "power 0000:01:00.1 on -> on # awake while its driver changes\n"
		   "driver 0000:01:00.1 none -> none,override=vfio-pci # same slot and group as "
		   "0000:01:00.0\n"
		   "driver 0000:01:00.1 none,override=vfio-pci -> vfio-pci,override=vfio-pci # "
		   "same slot and group as 0000:01:00.0\n");
}

static void a_managed_interface_is_only_claimed(void **state)
{
	static const char host[] =
		"device 0000:03:00.0 8086:10fb group=20 driver=ixgbe sriov=4\n"
		"vf 0000:03:10.0 8086:10ed of=0000:03:00.0 group=21 driver=ixgbevf\n" VFIO;

	(void)state;
	check_plan(host, "interface 0000:03:10.0 managed\n", "");
	check_claims(host, "interface 0000:03:10.0 managed\n", "0000:03:10.0 ");
	check_plan(host, "interface 0000:03:10.0\n",
		   "power 0000:03:10.0 on,d3cold=1 -> on,d3cold=1 # awake while its driver "
		   "changes\n" GATE("0000:03:10.0") "driver 0000:03:10.0 ixgbevf -> "
						    "none,override=vfio-pci # interface device of "
						    "win11\n"
						    "driver 0000:03:10.0 none,override=vfio-pci -> "
						    "vfio-pci,override=vfio-pci # "
						    "interface device of win11\n");
}

static void usb2_companions_of_a_group_go_along(void **state)
{
	(void)state;
	check_claims(VFIO "device 0000:00:1d.0 8086:2934 class=0c0300 group=6 driver=uhci_hcd\n"
			  "device 0000:00:1d.1 8086:2935 class=0c0300 group=6 driver=uhci_hcd\n"
			  "device 0000:00:1d.7 8086:293a class=0c0320 group=6 driver=ehci_hcd\n",
		     "hostdev 0000:00:1d.1 managed\n", "0000:00:1d.0 0000:00:1d.1 0000:00:1d.7 ");
	check_claims(VFIO "device 0000:00:1d.0 8086:2934 class=0c0300 group=6 driver=uhci_hcd\n"
			  "device 0000:00:1d.7 8086:293a class=0c0320 group=7 driver=ehci_hcd\n",
		     "hostdev 0000:00:1d.0 managed\nhostdev 0000:00:1d.7 managed\n",
		     "0000:00:1d.0 0000:00:1d.7 ");
}

#define VARIANT                                                                                    \
	"device 0000:01:00.0 10de:2342 class=030200 group=14 driver=nvidia d3cold=NONE\n"          \
	"alias vfio_pci:v000010DEd00002342sv*sd*bc*sc*i* nvgrace_gpu_vfio_pci\n"

static void a_variant_driver_is_found(void **state)
{
	(void)state;
	check_plan(
		VARIANT "module nvgrace_gpu_vfio_pci unloaded\n", "hostdev 0000:01:00.0 managed\n",
		"module nvgrace_gpu_vfio_pci absent -> loaded # VFIO driver for 0000:01:00.0\n"
		"power 0000:01:00.0 on -> on # awake while its driver changes\n" GATE(
			"0000:01:00.0") "driver 0000:01:00.0 nvidia -> "
					"none,override=nvgrace_gpu_vfio_pci # hostdev "
					"device of win11\n"
					"driver 0000:01:00.0 none,override=nvgrace_gpu_vfio_pci -> "
					"nvgrace_gpu_vfio_pci,override=nvgrace_gpu_vfio_pci # "
					"hostdev device of "
					"win11\n");
}

static void the_model_attribute_wins(void **state)
{
	(void)state;
	check_plan(VARIANT VFIO "module nvgrace_gpu_vfio_pci unloaded\n",
		   "hostdev 0000:01:00.0 model=vfio-pci name=vfio\n",
		   "power 0000:01:00.0 on -> on # awake while its driver changes\n" GATE(
			   "0000:01:00.0") "driver 0000:01:00.0 nvidia -> none,override=vfio-pci # "
					   "hostdev device of "
					   "win11\n"
					   "driver 0000:01:00.0 none,override=vfio-pci -> "
					   "vfio-pci,override=vfio-pci # "
					   "hostdev device of win11\n");
	/* The other spelling of a driver that is registered is its own in the plan. */
	check_plan("device 0000:01:00.0 10de:2342 group=14 driver=vfio-pci override=vfio-pci\n",
		   "hostdev 0000:01:00.0 model=vfio_pci\n", "");
}

static void an_override_of_before_is_part_of_the_cell(void **state)
{
	(void)state;
	check_plan(VFIO "device 0000:02:00.0 8086:10d3 group=15 driver=e1000e override=e1000e "
			"d3cold=NONE\n",
		   "hostdev 0000:02:00.0 managed\n",
		   "power 0000:02:00.0 on -> on # awake while its driver changes\n" GATE(
			   "0000:02:00.0") "driver 0000:02:00.0 e1000e,override=e1000e -> "
					   "none,override=vfio-pci # "
					   "hostdev device of win11\n"
					   "driver 0000:02:00.0 none,override=vfio-pci -> "
					   "vfio-pci,override=vfio-pci # "
					   "hostdev device of win11\n");
}

static void a_guest_without_host_devices_has_no_plan(void **state)
{
	(void)state;
	check_plan("iommu off\n", "", "");
	check_plan(CARD VFIO, "", "");
}

/* Each step's "before" is what the steps before it leave, starting from the snapshot. */
static void steps_of_a_cell_join(void **state)
{
	auto_testhost struct testhost *host = testhost_new(CARD VFIO);
	auto_guest struct guest guest = guest_make("hostdev 0000:01:00.0 managed\n");
	auto_snapshot struct snapshot snapshot = {0};
	auto_plan struct plan plan = {0};
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(lending_plan(host, &guest, &snapshot, &plan, &err), &err);
	for (size_t i = 0; i < plan.step_count; i++) {
		for (size_t j = i; j-- > 0;) {
			if (plan.steps[i].kind != plan.steps[j].kind ||
			    strcmp(plan.steps[i].target, plan.steps[j].target) != 0)
				continue;
			assert_string_equal(plan.steps[i].before, plan.steps[j].after);
			break;
		}
	}
}

static void the_same_facts_give_the_same_plan(void **state)
{
	auto_testhost struct testhost *host = testhost_new(CARD VFIO);
	auto_guest struct guest guest =
		guest_make("hostdev 0000:01:00.1 managed\nhostdev 0000:01:00.0 managed\n");
	auto_free char *first = lending_plan_text(host, &guest);

	(void)state;
	for (int i = 0; i < 5; i++) {
		auto_free char *again = lending_plan_text(host, &guest);

		assert_text(again, first);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(phases_go_over_all_devices),
		cmocka_unit_test(siblings_of_slot_and_group_go_along),
		cmocka_unit_test(siblings_of_another_named_device_go_along),
		cmocka_unit_test(functions_of_other_groups_are_not_touched),
		cmocka_unit_test(bridges_are_left_alone),
		cmocka_unit_test(a_whole_group_goes_where_policy_says_so),
		cmocka_unit_test(groups_are_bound_side_by_side),
		cmocka_unit_test(a_device_on_the_wanted_driver_stays),
		cmocka_unit_test(only_those_that_differ_have_steps),
		cmocka_unit_test(a_managed_interface_is_only_claimed),
		cmocka_unit_test(usb2_companions_of_a_group_go_along),
		cmocka_unit_test(a_variant_driver_is_found),
		cmocka_unit_test(the_model_attribute_wins),
		cmocka_unit_test(an_override_of_before_is_part_of_the_cell),
		cmocka_unit_test(a_guest_without_host_devices_has_no_plan),
		cmocka_unit_test(steps_of_a_cell_join),
		cmocka_unit_test(the_same_facts_give_the_same_plan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
