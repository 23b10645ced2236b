// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which groups the wishes mean: whole ones, by whatever they are named.
 */
#include "tests/unit/generate-helpers.h"

#include "generator/obstacle.h"

#define HOST                                                                                       \
	"00:01.0 1 060400 8086:1901 pcieport bridge\n"                                             \
	"00:02.0 2 030000 8086:3e92 i915\n"                                                        \
	"00:1f.0 3 060100 8086:a305 none\n"                                                        \
	"01:00.0 14 030000 10de:2204 nvidia\n"                                                     \
	"01:00.1 14 040300 10de:1aef snd_hda_intel\n"                                              \
	"02:00.0 15 010802 144d:a80a nvme\n"                                                       \
	"03:00.0 16 0c0330 1b21:2142 xhci_hcd\n"                                                   \
	"04:00.0 - 020000 8086:1533 igb\n"

struct asked {
	const char *devices, *groups, *drivers, *ids;
};

static void take(struct selection_list *list, const struct asked *asked)
{
	if (asked->devices)
		assert_int_equal(selection_add_devices(list, asked->devices, NULL), 0);
	if (asked->groups)
		assert_int_equal(selection_add_groups(list, asked->groups, NULL), 0);
	if (asked->drivers)
		assert_int_equal(selection_add_drivers(list, asked->drivers, NULL), 0);
	if (asked->ids)
		assert_int_equal(selection_add_ids(list, asked->ids, NULL), 0);
}

static void check_past(const char *host, const struct homes *homes, const struct asked *include,
		       const struct asked *exclude, const char *groups, const char *problems)
{
	auto_known struct known *known = known_new(host);
	struct selection_wishes wishes = {0};
	auto_selection struct selection selection = {0};
	auto_text struct text found = TEXT_INIT, told = TEXT_INIT;

	take(&wishes.include, include);
	if (exclude)
		take(&wishes.exclude, exclude);
	known->facts.homes = homes;
	selection_make(&known->facts, &wishes, &selection);
	obstacles_find(&selection);
	selection_wishes_done(&wishes);
	for (size_t i = 0; i < selection.group_count; i++)
		if (selection.groups[i].selected)
			text_printf(&found, "%d ", selection.groups[i].group->number);
	for (size_t i = 0; i < selection.problem_count; i++)
		text_printf(&told, "%s\n", selection.problems[i]);
	assert_text(found.data ? found.data : "", groups);
	assert_text(told.data ? told.data : "", problems);
}

static void check(const struct asked *include, const struct asked *exclude, const char *groups)
{
	check_past(HOST, NULL, include, exclude, groups, "");
}

#define ASKED(...) (&(const struct asked){__VA_ARGS__})

static void groups_are_taken_whole_by_any_of_their_names(void **state)
{
	(void)state;
	check(ASKED(.devices = "01:00.1"), NULL, "14 ");
	check(ASKED(.groups = "14-16"), NULL, "14 15 16 ");
	/* Of a range not every number need be there. */
	check(ASKED(.groups = "4-14,16-99"), NULL, "14 16 ");
	check(ASKED(.drivers = "xhci-hcd,nvme"), NULL, "15 16 ");
	check(ASKED(.ids = "10de:1aef"), NULL, "14 ");
	check(ASKED(.devices = "02:00.0", .drivers = "nvidia"), NULL, "14 15 ");
	/* By address, not by group. */
	check(ASKED(.groups = "all"), NULL, "2 14 15 16 ");
	check(ASKED(.drivers = "radeon"), NULL, "");
}

static void bridges_are_no_endpoints(void **state)
{
	(void)state;
	check(ASKED(.drivers = "pcieport"), NULL, "");
	check(ASKED(.groups = "1"), NULL, "");
	/* Of the chipset, with an ordinary header. */
	check(ASKED(.groups = "3"), NULL, "");
}

static void no_vga_is_all_but_graphics(void **state)
{
	(void)state;
	check(ASKED(.groups = "no-vga"), NULL, "15 16 ");
	/* But for what is named. */
	check(ASKED(.groups = "no-vga,14"), NULL, "14 15 16 ");
	check(ASKED(.groups = "all"), ASKED(.groups = "no-vga"), "2 14 ");
}

static void what_is_left_out_stays(void **state)
{
	(void)state;
	check(ASKED(.groups = "all"), ASKED(.devices = "01:00.0", .drivers = "nvme"), "2 16 ");
	check(ASKED(.groups = "all"), ASKED(.ids = "10de:1aef", .groups = "2-3"), "15 16 ");
	check(ASKED(.groups = "14-16"), ASKED(.groups = "all"), "");
	check(ASKED(.devices = "01:00.0"), ASKED(.devices = "01:00.0"), "");
	check(ASKED(.drivers = "nvidia"), ASKED(.drivers = "snd_hda_intel"), "");
}

static void what_cannot_be_is_told(void **state)
{
	(void)state;
	check_past(HOST, NULL, ASKED(.devices = "09:00.0"), NULL, "",
		   "no PCI device is at 0000:09:00.0\n");
	check_past(HOST, NULL, ASKED(.devices = "00:01.0"), NULL, "",
		   "0000:00:01.0 [8086:1901] is a bridge, which no guest can have; the devices "
		   "behind it can be named\n");
	check_past(HOST, NULL, ASKED(.devices = "00:1f.0"), NULL, "",
		   "0000:00:1f.0 [8086:a305] is a bridge, which no guest can have; the devices "
		   "behind it can be named\n");
	check_past(HOST, NULL, ASKED(.devices = "04:00.0"), NULL, "",
		   "0000:04:00.0 [8086:1533] is in no IOMMU group: the IOMMU is off, or not there; "
		   "\"hostdevctl generate dynamic\" says what this host needs for it\n");
	check_past(HOST, NULL, ASKED(.groups = "77,14"), NULL, "14 ",
		   "this host has no IOMMU group 77\n");
	check_past(HOST, NULL, ASKED(.devices = "01:00.0"), ASKED(.devices = "01:00.1"), "",
		   "0000:01:00.0 [10de:2204] is in one IOMMU group with 0000:01:00.1 [10de:1aef], "
		   "which is left out: a group is reserved whole; leave out neither, or both\n");
}

/* What a wrong word would leave out is reserved, and nobody sees it. */
static void what_is_to_stay_must_be_there(void **state)
{
	(void)state;
	check_past(HOST, NULL, ASKED(.groups = "all"), ASKED(.drivers = "nvidia,xhci_pci"),
		   "2 15 16 ",
		   "no device of this host has the driver xhci_pci, and so nothing is left out by "
		   "it: mend that option\n");
	check_past(HOST, NULL, ASKED(.groups = "all"), ASKED(.devices = "03:00.1"), "2 14 15 16 ",
		   "no PCI device is at 0000:03:00.1, and so nothing is left out by it: mend that "
		   "option\n");
	check_past(
		HOST, NULL, ASKED(.groups = "14"), ASKED(.ids = "10DE:ffff", .groups = "7,50-60"),
		"14 ",
		"this host has no IOMMU group 7, and so nothing is left out by it: mend that "
		"option\n"
		"no device of this host has the ids 10de:ffff, and so nothing is left out by it: "
		"mend that option\n");
}

/* Of several the others may be there: a script may name the drivers of several hosts. */
static void what_is_not_there_is_noted(void **state)
{
	auto_known struct known *known = known_new(HOST);
	struct selection_wishes wishes = {0};
	auto_selection struct selection selection = {0};

	(void)state;
	strcpy(known->snapshot.devices[6].bound.module, "xhci_pci");
	take(&wishes.include, ASKED(.drivers = "nvidia,xhci-pci", .ids = "144d:a80a,0001:0002"));
	selection_make(&known->facts, &wishes, &selection);
	obstacles_find(&selection);
	assert_int_equal(selection.problem_count, 0);
	assert_int_equal(selection.note_count, 2);
	assert_text(selection.notes[0],
		    "no device of this host has the driver xhci-pci (the module "
		    "xhci-pci has the driver xhci_hcd)");
	assert_text(selection.notes[1], "no device of this host has the ids 0001:0002");
	selection_wishes_done(&wishes);
}

static void a_host_without_groups(void **state)
{
	static const char host[] = "01:00.0 - 030000 10de:2204 nvidia\n";
	static const char told[] = "this host has no IOMMU groups: the IOMMU is off, or not there; "
				   "\"hostdevctl generate dynamic\" says what this host needs for "
				   "it\n";

	(void)state;
	check_past(host, NULL, ASKED(.groups = "all"), NULL, "", told);
	check_past(host, NULL, ASKED(.groups = "no-vga"), NULL, "", told);
	check_past(host, NULL, ASKED(.groups = "1,7-9"), NULL, "", told);
}

/* Once they are reserved all have one driver; the record knows better. */
static void home_drivers_count_for_what_is_reserved(void **state)
{
	static const char host[] = "01:00.0 14 030000 10de:2204 vfio-pci\n"
				   "02:00.0 15 010802 144d:a80a vfio-pci\n"
				   "03:00.0 16 0c0330 1b21:2142 xhci_hcd\n";
	auto_homes struct homes homes = {0};

	(void)state;
	array_push(homes.all, homes.count,
		   (struct home){.addr = {0, 1, 0, 0},
				 .driver = xstrdup("nvidia"),
				 .modalias = xstrdup(""),
				 .ours = true});
	array_push(homes.all, homes.count,
		   (struct home){.addr = {0, 2, 0, 0},
				 .driver = xstrdup("nvme"),
				 .modalias = xstrdup("")});
	array_push(homes.all, homes.count,
		   (struct home){.addr = {0, 3, 0, 0},
				 .driver = xstrdup("nvidia"),
				 .modalias = xstrdup("")});
	check_past(host, &homes, ASKED(.drivers = "nvidia"), NULL, "14 ", "");
	check_past(host, &homes, ASKED(.drivers = "xhci_hcd"), NULL, "16 ", "");
	/* What somebody else keeps has two names. */
	check_past(host, &homes, ASKED(.drivers = "vfio-pci"), NULL, "15 ", "");
	check_past(host, &homes, ASKED(.drivers = "nvme"), NULL, "15 ", "");
	check_past(host, NULL, ASKED(.drivers = "nvidia"), NULL, "", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups_are_taken_whole_by_any_of_their_names),
		cmocka_unit_test(bridges_are_no_endpoints),
		cmocka_unit_test(no_vga_is_all_but_graphics),
		cmocka_unit_test(what_is_left_out_stays),
		cmocka_unit_test(what_cannot_be_is_told),
		cmocka_unit_test(what_is_to_stay_must_be_there),
		cmocka_unit_test(what_is_not_there_is_noted),
		cmocka_unit_test(a_host_without_groups),
		cmocka_unit_test(home_drivers_count_for_what_is_reserved),
	};

	return cmocka_run_group_tests_name("selection", tests, NULL, NULL);
}
