// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What keeps a device from being reserved from boot on, and what is only told of it.
 */
#include "tests/unit/generate-helpers.h"

#define HOST                                                                                       \
	"01:00.0 1 020000 8086:1533 igb\n"                                                         \
	"02:00.0 2 020000 8086:1533 igb\n"                                                         \
	"03:00.0 3 010802 144d:a80a nvme\n"                                                        \
	"04:00.0 4 0c0330 1b21:2142 xhci_hcd\n"                                                    \
	"05:00.0 5 030000 1002:73bf amdgpu\n"                                                      \
	"06:00.0 6 030000 1002:7550 amdgpu\n"                                                      \
	"06:00.1 6 040300 1002:ab40 snd_hda_intel\n"                                               \
	"07:10.0 7 020000 8086:1520 igbvf vf=02:00.0\n"

static void make(const struct known *known, const char *devices, const char *groups, bool early,
		 struct draft *ret)
{
	struct generate_wishes wishes = wishes_of(GENERATE_STATIC, devices);

	if (groups)
		assert_int_equal(selection_add_groups(&wishes.selection.include, groups, NULL), 0);
	wishes.headless = true;
	wishes.allow_early = early;
	draft_make(known, &wishes, ret);
}

static void the_disk_that_the_host_runs_from_is_refused(void **state)
{
	auto_known struct known *known = known_new(HOST);
	auto_draft struct draft named = {0}, all = {0};

	(void)state;
	known_use(known, USE_MOUNT, "03:00.0", "nvme0n1p2 (/)");
	make(known, "03:00.0", NULL, false, &named);
	assert_remarks(
		&named.refusals,
		"0000:03:00.0 [144d:a80a]: its nvme0n1p2 (/) is in use; the host would not find "
		"it at its next start: leave it out\n");
	/* What only "all" brings is left out. */
	make(known, NULL, "3-4", false, &all);
	assert_remark(&all.refusals, "0000:03:00.0");
	draft_done(&all);
	make(known, NULL, "no-vga", false, &all);
	assert_remarks(&all.refusals, "");
	assert_remark(&all.notes, "left out: 0000:03:00.0 [144d:a80a]: its nvme0n1p2 (/)");
	assert_null(pins_find(&all.promise.devices, &(struct pci_addr){0, 3, 0, 0}));
	assert_non_null(pins_find(&all.promise.devices, &(struct pci_addr){0, 4, 0, 0}));
}

static void some_network_card_must_stay(void **state)
{
	auto_known struct known *known = known_new(HOST);
	auto_draft struct draft one = {0}, both = {0}, all = {0};

	(void)state;
	known_use(known, USE_DEFAULT_ROUTE, "01:00.0", "its eth0 with the default route");
	make(known, "01:00.0", NULL, false, &one);
	assert_remarks(&one.refusals, "");
	assert_remark(&one.notes, "from the next start on the host is without it");
	/* The other one is no way in when it goes as well. */
	make(known, "01:00.0,02:00.0", NULL, false, &both);
	assert_remark(
		&both.refusals,
		"0000:01:00.0 [8086:1533]: its eth0 with the default route is in use, and the "
		"host would have no other network card with a driver and a link: it could not "
		"be reached any more (\"allow = default-route\" in hostdev-hook.conf lifts that): "
		"leave it out");
	make(known, NULL, "no-vga", false, &all);
	assert_remark(&all.notes, "left out: 0000:01:00.0 [8086:1533]: its eth0 with the default "
				  "route is in use, and the host would have no other network card");
	assert_null(pins_find(&all.promise.devices, &(struct pci_addr){0, 1, 0, 0}));
}

/* They are its driver's, and go with it. */
static void uses_of_virtual_functions(void **state)
{
	auto_known struct known *known = known_new(HOST);
	auto_draft struct draft used = {0}, claimed = {0};
	auto_policy struct policy policy = POLICY_INIT;

	(void)state;
	known_use(known, USE_UPPER, "07:10.0", "eth0");
	make(known, "02:00.0", NULL, false, &used);
	assert_remarks(
		&used.refusals,
		"0000:02:00.0 [8086:1533] with its virtual function 0000:07:10.0: its eth0 is "
		"in use; what stands on it would be missing at the next start (\"allow = "
		"upper-interface\" in hostdev-hook.conf lifts that): leave it out\n");
	/* By either of the two. */
	known->facts.policy = &policy;
	for (size_t i = 0; i < 2; i++) {
		const struct pci_addr addrs[] = {{0, 2, 0, 0}, {0, 7, 0x10, 0}};
		auto_draft struct draft allowed = {0};

		assert_int_equal(
			policy_set(&policy, &addrs[i], "allow", "upper-interface", "here", NULL),
			0);
		make(known, "02:00.0", NULL, false, &allowed);
		assert_remarks(&allowed.refusals, "");
		assert_remark(&allowed.notes, "its eth0 is in use; what stands on it");
		policy_done(&policy);
		policy = (struct policy)POLICY_INIT;
	}
	known->facts.policy = NULL;
	known->snapshot.claims = array_grow(NULL, 0, sizeof(struct claim));
	known->snapshot.claims[known->snapshot.claim_count++] =
		(struct claim){.addr = {0, 7, 0x10, 0}, .guest = xstrdup("win11"), .uuid = "1"};
	known->snapshot.uses[0].kind = USE_CONSOLE;
	make(known, "02:00.0", NULL, false, &claimed);
	assert_remarks(&claimed.refusals, "");
	assert_remark(&claimed.notes, "guest win11 has 0000:07:10.0 [8086:1520] now, and keeps it");
}

static void a_virtual_function_is_not_there_yet(void **state)
{
	auto_known struct known *known = known_new(HOST);
	auto_draft struct draft draft = {0};

	(void)state;
	make(known, "07:10.0", NULL, false, &draft);
	assert_remark(&draft.refusals, "0000:07:10.0 [8086:1520] is a virtual function");
}

static void cards_that_their_driver_must_set_up_first(void **state)
{
	auto_known struct known *known = known_new(HOST);
	auto_draft struct draft refused = {0}, insisted = {0};

	(void)state;
	make(known, "06:00.0", NULL, false, &refused);
	assert_remark(&refused.refusals,
		      "0000:06:00.0 [1002:7550] is a Radeon of the RX 9000 series");
	assert_int_equal(refused.refusals.count, 1);
	make(known, "05:00.0,06:00.0", NULL, true, &insisted);
	assert_remarks(&insisted.refusals, "");
	assert_remark(&insisted.notes,
		      "0000:05:00.0 [1002:73bf] is a Radeon of the RX 6000 series");
}

/* The first and the last of each of the generation's ranges, and what stands beside them. */
static void models_are_told_by_their_ids(void **state)
{
	static const struct {
		unsigned int product;
		bool told;
	} cases[] = {{0x739f, false}, {0x73a0, true}, {0x73ff, true}, {0x7400, false},
		     {0x741f, false}, {0x7420, true}, {0x743f, true}, {0x7440, false}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		auto_free char *host =
			xasprintf("05:00.0 5 030000 1002:%04x amdgpu\n", cases[i].product);
		auto_known struct known *known = known_new(host);
		auto_draft struct draft draft = {0};

		make(known, "05:00.0", NULL, false, &draft);
		if (cases[i].told)
			assert_remark(&draft.notes, "is a Radeon of the RX 6000 series");
		else
			assert_remarks(&draft.notes, "");
	}
}

/* A kind of use is a loss, or else it is none; and of a disk nobody may say that he means it. */
static void each_loss_is_refused(void **state)
{
	static const struct {
		const char *loss;
		enum use_kind kind;
		bool lifted;
	} cases[] = {
		{"the host would not find it at its next start", USE_MOUNT, false},
		{"the host would not find it at its next start", USE_SWAP, false},
		{"the host would not find what stands on it", USE_STACKED, false},
		{"the host would not find it whole", USE_MEMBER, false},
		{"what uses it would be missing", USE_CLAIMED, false},
		{"whoever uses it from there would lose it", USE_EXPORTED, false},
		{"what the host would miss at its next start is not known", USE_UNREADABLE, false},
		{"the host would lose that memory", USE_MEMORY, false},
		{"the host would not find what it runs from", USE_NETWORK_ROOT, true},
		{"the host would not find it at its next start", USE_NETWORK_MOUNT, true},
		{"what stands on it would be missing", USE_UPPER, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		auto_known struct known *known = known_new(HOST);
		auto_draft struct draft refused = {0}, allowed = {0};
		struct policy policy = POLICY_INIT;

		known_use(known, cases[i].kind, "03:00.0", "part");
		make(known, "03:00.0", NULL, false, &refused);
		assert_remark(&refused.refusals, cases[i].loss);
		/* As far as the words of the configuration go. */
		for (enum use_kind kind = 0; kind < USE_KINDS; kind++)
			if (use_allow_name(kind))
				policy.all.allow |= 1u << kind;
		known->facts.policy = &policy;
		make(known, "03:00.0", NULL, false, &allowed);
		if (!cases[i].lifted) {
			assert_remark(&allowed.refusals, cases[i].loss);
			assert_null(strstr(allowed.refusals.items[0], "allow = "));
			continue;
		}
		assert_remarks(&allowed.refusals, "");
		assert_remark(&allowed.notes, cases[i].loss);
	}
}

/* The words that a device still needs are told at once; they count for what is named. */
static void what_the_policy_allows(void **state)
{
	auto_known struct known *known = known_new("01:00.0 1 020000 8086:1533 igb\n"
						   "03:00.0 3 010802 144d:a80a nvme\n");
	auto_draft struct draft none = {0}, some = {0}, other = {0}, all = {0}, whole = {0};
	struct policy policy = POLICY_INIT;

	(void)state;
	known->facts.policy = &policy;
	known_use(known, USE_SSH, "01:00.0", "eth0");
	known_use(known, USE_DEFAULT_ROUTE, "01:00.0", "eth0");
	known_use(known, USE_DEFAULT_ROUTE, "01:00.0", "eth0.7");
	known_use(known, USE_UPPER, "01:00.0", "eth0");
	known_use(known, USE_CONSOLE, "01:00.0", "ttyS4");
	make(known, "01:00.0", NULL, false, &none);
	assert_remark(&none.refusals, "(\"allow = default-route,ssh,upper-interface\" in "
				      "hostdev-hook.conf lifts that): leave it out");
	policy.all.allow = 1u << USE_SSH | 1u << USE_DEFAULT_ROUTE;
	make(known, "01:00.0", NULL, false, &some);
	assert_remark(&some.refusals, "its eth0 is in use; what stands on it would be missing");
	/* For one device only. */
	policy.all.allow = 0;
	assert_int_equal(policy_set(&policy, &(struct pci_addr){0, 3, 0, 0}, "allow",
				    "default-route,ssh,upper-interface", "here", NULL),
			 0);
	make(known, "01:00.0", NULL, false, &other);
	assert_int_equal(other.refusals.count, 1);
	assert_int_equal(policy_set(&policy, &(struct pci_addr){0, 1, 0, 0}, "allow",
				    "default-route,ssh,upper-interface", "here", NULL),
			 0);
	make(known, "01:00.0", NULL, false, &all);
	assert_remarks(&all.refusals, "");
	assert_remark(&all.notes, "its eth0 is in use; what stands on it would be missing");
	assert_remark(&all.notes, ": eth0.7 is in use, and the host would have no other");
	assert_non_null(pins_find(&all.promise.devices, &(struct pci_addr){0, 1, 0, 0}));
	/* Who says "all" has not thought of it, and the word would not help there. */
	make(known, NULL, "all", false, &whole);
	assert_remarks(&whole.refusals, "");
	assert_remark(&whole.notes, "left out: 0000:01:00.0 [8086:1533]: ");
	for (size_t i = 0; i < whole.notes.count; i++)
		assert_null(strstr(whole.notes.items[i], "allow = "));
	assert_null(pins_find(&whole.promise.devices, &(struct pci_addr){0, 1, 0, 0}));
	policy_done(&policy);
}

static void what_ends_with_a_restart_is_no_obstacle(void **state)
{
	auto_known struct known *known = known_new(HOST);
	auto_draft struct draft draft = {0};

	(void)state;
	known_use(known, USE_CONSOLE, "04:00.0", "ttyUSB0");
	make(known, "04:00.0", NULL, false, &draft);
	assert_remarks(&draft.refusals, "");
	assert_remark(&draft.notes, "ttyUSB0 is in use; from the next start on");
}

/* It may be in a container, or in none. */
static void an_interface_that_is_not_to_be_seen(void **state)
{
	auto_known struct known *known = known_new(HOST);
	auto_draft struct draft draft = {0};

	(void)state;
	known_use(known, USE_NETNS, "02:00.0", "its interface");
	make(known, "02:00.0", NULL, false, &draft);
	assert_remarks(&draft.refusals, "");
	assert_remark(&draft.notes,
		      "0000:02:00.0 [8086:1533]: its interface is in use; if it is in a container, "
		      "that is without it from the next start on");
}

/* It goes with the controller, which stands in another group. */
static void a_network_in_a_dock(void **state)
{
	auto_known struct known *known = known_new("00:0d.2 5 0c0340 8086:9a1b thunderbolt\n"
						   "2d:00.0 20 020000 8086:15f2 igc\n");
	const struct pci_addr controller = {0, 0, 0x0d, 2}, card = {0, 0x2d, 0, 0};
	auto_draft struct draft named = {0}, all = {0}, allowed = {0}, unused = {0};
	auto_policy struct policy policy = POLICY_INIT;
	cleanup(links_done) struct links links = {0};

	(void)state;
	known->snapshot.carried = array_grow(NULL, 0, sizeof(struct carried));
	known->snapshot.carried[known->snapshot.carried_count++] =
		(struct carried){.kind = CARRIED_FUNCTION,
				 .carrier = controller,
				 .addr = card,
				 .directory = xstrdup("devices")};
	make(known, "00:0d.2", NULL, false, &unused);
	assert_remarks(&unused.refusals, "");
	known->facts.links = &links;
	array_push(links.all, links.count,
		   (struct link){.name = xstrdup("eth1"),
				 .has_addr = true,
				 .function = card,
				 .addr = card,
				 .alive = true,
				 .routed = true});
	draft_done(&unused);
	make(known, "00:0d.2", NULL, false, &unused);
	assert_remarks(&unused.refusals, "");
	assert_remark(
		&unused.notes,
		"0000:00:0d.2 [8086:9a1b, Thunderbolt/USB4 controller], which carries 0000:2d:00.0 "
		"[8086:15f2]: a network is behind its eth1, and the host");
	known_use(known, USE_UPPER, "2d:00.0", "eth1");
	known_use(known, USE_DEFAULT_ROUTE, "2d:00.0", "eth1");
	/* The parsers tell of disks that it carries as of its own. */
	known_use(known, USE_MOUNT, "2d:00.0", "nothing");
	make(known, "00:0d.2", NULL, false, &named);
	assert_remarks(&named.refusals,
		       "0000:00:0d.2 [8086:9a1b, Thunderbolt/USB4 controller], which carries "
		       "0000:2d:00.0 [8086:15f2]: its eth1 "
		       "is in use; what stands on it would be missing at the next start (\"allow = "
		       "default-route,upper-interface\" in hostdev-hook.conf lifts that): leave it "
		       "out\n");
	make(known, NULL, "no-vga", false, &all);
	assert_remark(&all.notes, "left out: 0000:00:0d.2 [8086:9a1b, Thunderbolt/USB4 "
				  "controller], which carries 0000:2d:00.0");
	/* What is set for the device that is named counts. */
	known->facts.policy = &policy;
	assert_int_equal(policy_set(&policy, &controller, "allow", "default-route,upper-interface",
				    "here", NULL),
			 0);
	make(known, "00:0d.2", NULL, false, &allowed);
	assert_remarks(&allowed.refusals, "");
	assert_remark(&allowed.notes, "[8086:15f2]: eth1 is in use, and the host would have no");
}

/* Then there is no name of a part to tell. */
static void uses_of_a_whole_device(void **state)
{
	auto_known struct known *known = known_new(HOST);
	auto_draft struct draft draft = {0};

	(void)state;
	snapshot_add_use(&known->snapshot, USE_IGPU, &(struct pci_addr){0, 5, 0, 0}, NULL,
			 xstrdup("is the processor's own graphics"));
	snapshot_add_use(&known->snapshot, USE_MEMORY, &(struct pci_addr){0, 4, 0, 0}, NULL,
			 xstrdup("the firmware may have made it memory"));
	make(known, "04:00.0,05:00.0", NULL, false, &draft);
	assert_remarks(&draft.refusals,
		       "0000:04:00.0 [1b21:2142]: the firmware may have made it memory; the "
		       "host would lose that memory: leave it out\n");
	assert_remark(&draft.notes, "0000:05:00.0 [1002:73bf] is the processor's own graphics; "
				    "from the next start on the host is without it");
}

#define BOARD                                                                                      \
	"00:1f.0 8 060100 8086:7a04 none\n"                                                        \
	"00:1f.3 8 040300 8086:7ad0 snd_hda_intel\n"                                               \
	"00:1f.4 8 0c0500 8086:7aa3 none\n"                                                        \
	"02:00.0 2 030000 10de:2204 nvidia\n"                                                      \
	"03:00.0 3 0c0330 1b21:2142 xhci_hcd\n"

/* The parts of the board stay where only "all" has brought them, with a driver or without. */
static void parts_of_the_chipset(void **state)
{
	auto_known struct known *known = known_new(BOARD);
	auto_draft struct draft all = {0}, idle = {0}, used = {0}, allowed = {0};
	struct policy policy = POLICY_INIT;

	(void)state;
	known->snapshot.devices[2].on_board = true;
	make(known, NULL, "all", false, &all);
	assert_remark(&all.notes, "left out: 0000:00:1f.4 [8086:7aa3] is a part of the chipset");
	assert_int_equal(all.promise.devices.count, 2);
	/* The bridge is in the group, and stays. */
	make(known, "00:1f.3", NULL, false, &idle);
	assert_remarks(&idle.refusals, "");
	assert_int_equal(idle.promise.devices.count, 1);
	assert_non_null(pins_find(&idle.promise.devices, &(struct pci_addr){0, 0, 0x1f, 3}));
	/* Who names it means it. */
	draft_done(&idle);
	make(known, "00:1f.4", NULL, false, &idle);
	assert_int_equal(idle.promise.devices.count, 2);
	draft_done(&idle);
	make(known, NULL, "8", false, &idle);
	assert_int_equal(idle.promise.devices.count, 2);
	assert_null(pins_find(&idle.promise.devices, &(struct pci_addr){0, 0, 0x1f, 0}));
	snapshot_add_use(&known->snapshot, USE_CHIPSET, &(struct pci_addr){0, 0, 0x1f, 4}, NULL,
			 xstrdup("is the SMBus controller"));
	make(known, "00:1f.3", NULL, false, &used);
	assert_remarks(&used.refusals,
		       "0000:00:1f.4 [8086:7aa3] is the SMBus controller, in IOMMU group 8; the "
		       "host itself needs it (\"allow = chipset\" in hostdev-hook.conf lifts "
		       "that): leave it out\n");
	policy.all.allow = 1u << USE_CHIPSET;
	known->facts.policy = &policy;
	make(known, "00:1f.3", NULL, false, &allowed);
	assert_remarks(&allowed.refusals, "");
	assert_remark(&allowed.notes, "0000:00:1f.4 [8086:7aa3] is the SMBus controller; from the "
				      "next start on");
}

static void a_bridge_that_the_host_works_with(void **state)
{
	auto_known struct known *known = known_new("00:1f.0 8 060100 8086:7a04 lpc_ich\n"
						   "00:1f.3 8 040300 8086:7ad0 snd_hda_intel\n"
						   "00:01.0 9 060400 8086:1901 pcieport bridge\n"
						   "01:00.0 9 0c0330 1b21:2142 xhci_hcd\n");
	auto_draft struct draft named = {0}, all = {0};

	(void)state;
	make(known, "00:1f.3", NULL, false, &named);
	assert_remarks(&named.refusals,
		       "0000:00:1f.0 [8086:7a04] is a bridge of the chipset with a driver of the "
		       "host (lpc_ich): no guest can have what is in IOMMU group 8 with it: leave "
		       "it out\n");
	make(known, NULL, "all", false, &all);
	assert_remarks(&all.refusals, "");
	assert_remark(&all.notes, "left out: 0000:00:1f.0 [8086:7a04] is a bridge of the chipset");
	assert_int_equal(all.promise.devices.count, 1);
}

static void what_could_be_selected_is_listed(void **state)
{
	auto_known struct known *known = known_new(HOST);
	auto_known struct known *none = known_new("01:00.0 - 020000 8086:1533 igb\n");
	auto_text struct text out = TEXT_INIT, nothing = TEXT_INIT, again = TEXT_INIT;
	auto_setup struct setup past = {0};
	auto_homes struct homes homes = {0};

	(void)state;
	known_use(known, USE_SWAP, "03:00.0", "nvme0n1p3 (swap)");
	generate_candidates(&known->facts, &out);
	assert_contains(out.data,
			"  group 3   0000:03:00.0 [144d:a80a], driver nvme\n"
			"            not this group: 0000:03:00.0 [144d:a80a]: its nvme0n1p3");
	assert_contains(out.data, "  group 6   0000:06:00.0 [1002:7550], driver amdgpu\n"
				  "  group 6   0000:06:00.1");
	/* What is reserved already is known by the driver that it had. */
	strcpy(known->snapshot.devices[5].bound.driver, "vfio-pci");
	setup_add_home(&past, &known->snapshot.devices[5].addr, xstrdup("amdgpu"), xstrdup(""));
	homes_add_setup(&homes, &past);
	known->facts.homes = &homes;
	generate_candidates(&known->facts, &again);
	assert_contains(again.data, "  group 6   0000:06:00.0 [1002:7550], driver amdgpu\n");
	generate_candidates(&none->facts, &nothing);
	assert_contains(nothing.data, "this host has no IOMMU groups");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_disk_that_the_host_runs_from_is_refused),
		cmocka_unit_test(some_network_card_must_stay),
		cmocka_unit_test(uses_of_virtual_functions),
		cmocka_unit_test(a_virtual_function_is_not_there_yet),
		cmocka_unit_test(cards_that_their_driver_must_set_up_first),
		cmocka_unit_test(models_are_told_by_their_ids),
		cmocka_unit_test(each_loss_is_refused),
		cmocka_unit_test(what_the_policy_allows),
		cmocka_unit_test(what_ends_with_a_restart_is_no_obstacle),
		cmocka_unit_test(parts_of_the_chipset),
		cmocka_unit_test(a_bridge_that_the_host_works_with),
		cmocka_unit_test(an_interface_that_is_not_to_be_seen),
		cmocka_unit_test(a_network_in_a_dock),
		cmocka_unit_test(uses_of_a_whole_device),
		cmocka_unit_test(what_could_be_selected_is_listed),
	};

	return cmocka_run_group_tests_name("obstacle", tests, NULL, NULL);
}
