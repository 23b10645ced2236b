// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which cards, of those that are reserved, would leave the host without a way into it.
 */
#include "tests/unit/generate-helpers.h"

static void make(const struct known *known, const char *devices, const char *groups,
		 struct draft *ret)
{
	struct generate_wishes wishes = wishes_of(GENERATE_STATIC, devices);

	if (groups)
		assert_int_equal(selection_add_groups(&wishes.selection.include, groups, NULL), 0);
	draft_make(known, &wishes, ret);
}

/* Does the draft refuse to reserve the card with the default route, or only note it? */
static void check_way_in(struct known *known, const char *devices, bool refused)
{
	auto_draft struct draft draft = {0};

	make(known, devices, NULL, &draft);
	if (refused)
		assert_remark(&draft.refusals, "it could not be reached any more");
	else
		assert_remarks(&draft.refusals, "");
}

static void add_outlet(struct known *known, const struct pci_addr *addr, bool dead)
{
	struct snapshot *snapshot = &known->snapshot;
	struct outlet outlet = {.v4 = true, .general = true, .dead = dead, .name = xstrdup("eth1")};

	array_push(outlet.parts, outlet.part_count, (struct outlet_part){*addr, 0});
	array_push(snapshot->outlets, snapshot->outlet_count, outlet);
}

static void what_is_another_way_in(void **state)
{
	static const struct {
		const char *other;
		bool refused;
	} cases[] = {
		{"02:00.0 2 020000 8086:1533 igb\n", false},
		{"02:00.0 2 028000 8086:2723 iwlwifi\n", false},
		{"02:00.0 - 020000 8086:1533 igb\n", false},
		/* Nobody works with it. */
		{"02:00.0 2 020000 8086:1533 none\n", true},
		{"02:00.0 2 020000 8086:1533 vfio-pci\n", true},
		{"02:00.0 2 020000 8086:1533 pci-stub\n", true},
		/* It goes along. */
		{"02:00.0 1 020000 8086:1533 igb\n", true},
		{"02:00.0 2 020000 8086:1520 igbvf vf=01:00.0\n", true},
		{"02:00.0 2 0c0330 1b21:2142 xhci_hcd\n", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		auto_free char *host =
			xasprintf("01:00.0 1 020000 8086:1533 igb\n%s", cases[i].other);
		auto_known struct known *known = known_new(host);

		known_use(known, USE_DEFAULT_ROUTE, "01:00.0", "eth0");
		check_way_in(known, "01:00.0", cases[i].refused);
	}
}

/* Behind a volume management device, or in a Thunderbolt box: it is there with that driver alone.
 */
static void what_is_behind_a_device_goes_with_it(void **state)
{
	auto_known struct known *known = known_new("01:00.0 1 020000 8086:1533 igb\n"
						   "02:00.0 2 020000 8086:1533 igb\n");

	(void)state;
	known_use(known, USE_DEFAULT_ROUTE, "01:00.0", "eth0");
	check_way_in(known, "01:00.0", false);
	known->snapshot.devices[1].is_behind = true;
	known->snapshot.devices[1].behind = known->snapshot.devices[0].addr;
	check_way_in(known, "01:00.0", true);
}

/* What the class does not say, the routes do. */
static void ways_that_are_told_by_routes(void **state)
{
	static const char host[] = "01:00.0 1 0c0330 1b21:2142 xhci_hcd\n"
				   "02:00.0 2 0c0330 1b21:2142 xhci_hcd\n"
				   "03:00.0 3 020000 8086:1533 igb\n";
	const struct pci_addr other = {0, 2, 0, 0}, card = {0, 3, 0, 0};
	auto_known struct known *usb = known_new(host), *dead = known_new(host);
	auto_known struct known *alone = known_new("01:00.0 1 0c0330 1b21:2142 xhci_hcd\n");

	(void)state;
	known_use(alone, USE_SSH, "01:00.0", "eth0");
	check_way_in(alone, "01:00.0", true);
	known_use(usb, USE_DEFAULT_ROUTE, "01:00.0", "eth0");
	check_way_in(usb, "01:00.0,03:00.0", true);
	add_outlet(usb, &other, false);
	check_way_in(usb, "01:00.0,03:00.0", false);
	check_way_in(usb, "01:00.0,02:00.0,03:00.0", true);
	known_use(dead, USE_DEFAULT_ROUTE, "01:00.0", "eth0");
	check_way_in(dead, "01:00.0", false);
	add_outlet(dead, &card, true);
	check_way_in(dead, "01:00.0", true);
	add_outlet(dead, &card, false);
	check_way_in(dead, "01:00.0", false);
}

static void add_link(struct links *links, const struct pci_addr *addr, bool alive, bool routed)
{
	array_push(links->all, links->count,
		   (struct link){.name = xstrdup("eth7"),
				 .has_addr = addr,
				 .function = addr ? *addr : (struct pci_addr){0},
				 .addr = addr ? *addr : (struct pci_addr){0},
				 .alive = alive,
				 .dead = !alive,
				 .routed = routed});
}

/* No cable is in it, and it needs no default route to tell that. */
static void a_card_without_a_link_is_no_way_in(void **state)
{
	static const char host[] = "01:00.0 1 020000 8086:1533 igb\n"
				   "02:00.0 2 020000 8086:1533 igb\n";
	const struct pci_addr other = {0, 2, 0, 0};
	auto_known struct known *known = known_new(host);
	cleanup(links_done) struct links links = {0};

	(void)state;
	known->facts.links = &links;
	known_use(known, USE_DEFAULT_ROUTE, "01:00.0", "eth0");
	check_way_in(known, "01:00.0", false);
	add_link(&links, &other, false, false);
	check_way_in(known, "01:00.0", true);
	/* Its other port has one. */
	add_link(&links, &other, true, false);
	check_way_in(known, "01:00.0", false);
}

/* A default route over it, left from when it had a network, says nothing either. */
static void a_wireless_card_needs_no_link(void **state)
{
	static const char host[] = "01:00.0 1 020000 8086:1533 igb\n"
				   "02:00.0 2 028000 8086:2723 iwlwifi\n";
	const struct pci_addr other = {0, 2, 0, 0};
	auto_known struct known *known = known_new(host);
	cleanup(links_done) struct links links = {0};

	(void)state;
	known->facts.links = &links;
	known_use(known, USE_DEFAULT_ROUTE, "01:00.0", "eth0");
	add_outlet(known, &other, true);
	check_way_in(known, "01:00.0", true);
	add_link(&links, &other, false, false);
	links.all[0].dead = false;
	links.all[0].wireless = true;
	check_way_in(known, "01:00.0", false);
}

/* What is left out stays, and is a way in for the others. */
static void cards_do_not_keep_each_other_out(void **state)
{
	static const char host[] = "01:00.0 1 020000 8086:1533 igb\n"
				   "02:00.0 2 020000 8086:1533 igb\n";
	const struct pci_addr one = {0, 1, 0, 0}, other = {0, 2, 0, 0};
	auto_known struct known *known = known_new(host);
	cleanup(links_done) struct links links = {0};
	auto_draft struct draft draft = {0};

	(void)state;
	known->facts.links = &links;
	add_link(&links, &one, true, true);
	make(known, NULL, "all", &draft);
	/* The other one has a driver, and is none that is known to be dead; but it goes. */
	assert_remark(&draft.notes, "left out: 0000:01:00.0 [8086:1533]: a network is behind its");
	assert_int_equal(draft.promise.devices.count, 1);
	/* The default route stays before a network that comes first. */
	draft_done(&draft);
	known_use(known, USE_DEFAULT_ROUTE, "02:00.0", "eth1");
	make(known, NULL, "all", &draft);
	assert_remark(&draft.notes, "left out: 0000:02:00.0 [8086:1533]: eth1 is in use, and");
	assert_int_equal(draft.promise.devices.count, 1);
	assert_non_null(pins_find(&draft.promise.devices, &one));
	/* Two of a kind: one of them is enough. */
	draft_done(&draft);
	known_use(known, USE_SSH, "01:00.0", "eth0");
	make(known, NULL, "all", &draft);
	assert_remark(&draft.notes, "left out: 0000:01:00.0 [8086:1533]: eth0 is in use, and");
	assert_int_equal(draft.promise.devices.count, 1);
	assert_non_null(pins_find(&draft.promise.devices, &other));
	/* Who names one gets it, as the other one stays. */
	draft_done(&draft);
	make(known, "01:00.0", "all", &draft);
	assert_remarks(&draft.refusals, "");
	assert_remark(&draft.notes, "left out: 0000:02:00.0 [8086:1533]: eth1 is in use, and");
	assert_non_null(pins_find(&draft.promise.devices, &one));
	/* What stays for another reason is a way in, too. */
	draft_done(&draft);
	known->snapshot.devices[1].on_board = true;
	make(known, NULL, "all", &draft);
	assert_remark(&draft.notes, "left out: 0000:02:00.0 [8086:1533] is a part of the chipset");
	assert_non_null(pins_find(&draft.promise.devices, &one));
}

static void assert_no_way_lost(const struct draft *draft)
{
	assert_remarks(&draft->refusals, "");
	for (size_t i = 0; i < draft->notes.count; i++)
		assert_null(strstr(draft->notes.items[i], "could not be reached"));
}

/* Others in a network of its own reach the host by the card, or do so by another one. */
static void a_network_needs_no_default_route(void **state)
{
	static const char host[] = "01:00.0 1 020000 8086:1533 igb\n"
				   "02:00.0 2 0c0330 1b21:2142 xhci_hcd\n"
				   "03:00.0 3 020000 8086:1533 none\n";
	const struct pci_addr card = {0, 1, 0, 0}, usb = {0, 2, 0, 0};
	auto_known struct known *known = known_new(host);
	cleanup(links_done) struct links links = {0}, board = {0};
	auto_draft struct draft draft = {0};

	(void)state;
	known->facts.links = &links;
	add_link(&links, &card, true, false);
	check_way_in(known, "01:00.0", false);
	add_link(&links, &card, true, true);
	make(known, "01:00.0", NULL, &draft);
	assert_remarks(&draft.refusals, "");
	assert_remark(&draft.notes,
		      "0000:01:00.0 [8086:1533]: a network is behind its eth7, and the host would "
		      "have no other network card with a driver and a link: it could not be "
		      "reached any more");
	draft_done(&draft);
	make(known, NULL, "all", &draft);
	assert_remark(&draft.notes, "left out: 0000:01:00.0 [8086:1533]: a network is behind its "
				    "eth7, and the host would have no other network card");
	draft_done(&draft);
	make(known, "02:00.0,03:00.0", NULL, &draft);
	assert_no_way_lost(&draft);
	add_link(&links, &usb, true, true);
	draft_done(&draft);
	make(known, "01:00.0", NULL, &draft);
	assert_no_way_lost(&draft);
	draft_done(&draft);
	make(known, "01:00.0,02:00.0", NULL, &draft);
	assert_remark(&draft.notes, "a network is behind its eth7");
	/* On no PCI device. */
	known->facts.links = &board;
	known_use(known, USE_DEFAULT_ROUTE, "01:00.0", "eth0");
	check_way_in(known, "01:00.0", true);
	add_link(&board, NULL, true, true);
	check_way_in(known, "01:00.0", false);
}

/* Of a disk that comes over two cards, either may go. */
static void a_disk_that_comes_by_two_cards(void **state)
{
	static const char host[] = "01:00.0 1 020000 8086:1533 igb\n"
				   "02:00.0 2 020000 8086:1533 igb\n"
				   "03:00.0 3 020000 8086:1533 igb\n";
	static const char *const addrs[] = {"01:00.0", "02:00.0"};
	auto_known struct known *known = known_new(host);
	struct snapshot *snapshot = &known->snapshot;
	auto_draft struct draft one = {0}, both = {0}, all = {0};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct outlet way = {0};

		array_push(way.parts, way.part_count,
			   (struct outlet_part){snapshot->devices[1 - i].addr, 0});
		known_use(known, USE_NETWORK_ROOT, addrs[i], "eth");
		array_push(snapshot->uses[i].ways, snapshot->uses[i].way_count, way);
	}
	make(known, "01:00.0", NULL, &one);
	assert_remarks(&one.refusals, "");
	assert_remark(&one.notes, "0000:01:00.0 [8086:1533]: its eth is in use; from the next "
				  "start on only another way leads there");
	make(known, "01:00.0,02:00.0", NULL, &both);
	assert_int_equal(both.refusals.count, 2);
	assert_remark(&both.refusals, "the host would not find what it runs from");
	make(known, NULL, "all", &all);
	assert_remarks(&all.refusals, "");
	assert_remark(&all.notes, "left out: 0000:01:00.0 [8086:1533]: its eth is in use");
	assert_int_equal(all.promise.devices.count, 2);
	/* What stays in any case comes first. */
	known_use(known, USE_UPPER, "02:00.0", "eth1");
	draft_done(&all);
	make(known, NULL, "all", &all);
	assert_remark(&all.notes, "left out: 0000:02:00.0 [8086:1533]: its eth1 is in use");
	assert_non_null(pins_find(&all.promise.devices, &snapshot->devices[0].addr));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_another_way_in),
		cmocka_unit_test(what_is_behind_a_device_goes_with_it),
		cmocka_unit_test(ways_that_are_told_by_routes),
		cmocka_unit_test(a_card_without_a_link_is_no_way_in),
		cmocka_unit_test(a_wireless_card_needs_no_link),
		cmocka_unit_test(cards_do_not_keep_each_other_out),
		cmocka_unit_test(a_network_needs_no_default_route),
		cmocka_unit_test(a_disk_that_comes_by_two_cards),
	};

	return cmocka_run_group_tests_name("way-in", tests, NULL, NULL);
}
