// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * When a host that is left without a keyboard is only told so, and when it would not start.
 */
#include "tests/unit/generate-helpers.h"

#define HOST                                                                                       \
	"01:00.0 1 0c0330 1b21:2142 xhci_hcd\n"                                                    \
	"02:00.0 2 0c0330 1b21:2142 xhci_hcd\n"                                                    \
	"03:00.0 3 020000 8086:1533 igb\n"                                                         \
	"04:00.0 4 030000 1002:73ff amdgpu\n"                                                      \
	"05:00.0 5 030000 1002:73ff amdgpu\n"

/* addr NULL: on no PCI device. */
static void add_keyboard(struct known *known, const char *addr, enum keyboard_grade grade)
{
	struct snapshot *snapshot = &known->snapshot;
	struct keyboard keyboard = {
		.name = xstrdup("Keyboard"), .grade = grade, .has_addr = addr != NULL};

	if (addr)
		assert_true(pci_addr_parse_given(addr, &keyboard.addr));
	array_push(snapshot->keyboards, snapshot->keyboard_count, keyboard);
}

static void make(const struct known *known, const char *devices, const char *groups,
		 struct draft *ret)
{
	struct generate_wishes wishes = wishes_of(GENERATE_STATIC, devices);

	if (groups)
		assert_int_equal(selection_add_groups(&wishes.selection.include, groups, NULL), 0);
	wishes.headless = true;
	draft_make(known, &wishes, ret);
}

static bool is_told(const struct draft_remarks *remarks)
{
	auto_free char *text = remarks_text(remarks);

	return strstr(text, "\"Keyboard\" is plugged in there") != NULL;
}

/* A note, or a refusal, or neither. */
static void check(const struct known *known, const char *devices, bool noted, bool refused)
{
	auto_draft struct draft draft = {0};

	make(known, devices, NULL, &draft);
	assert_int_equal(is_told(&draft.notes), noted);
	assert_int_equal(is_told(&draft.refusals), refused);
}

static void a_note_where_nothing_is_asked(void **state)
{
	auto_known struct known *known = known_new(HOST);
	auto_draft struct draft draft = {0};

	(void)state;
	add_keyboard(known, "01:00.0", KEYBOARD_SURE);
	make(known, "01:00.0", NULL, &draft);
	assert_remarks(&draft.refusals, "");
	assert_remarks(
		&draft.notes,
		"0000:01:00.0 [1b21:2142]: \"Keyboard\" is plugged in there, and no other "
		"keyboard that is known would stay: after a start that reserves it nobody can "
		"type on this host\n"
		"0000:01:00.0 [1b21:2142] and 1 other device of its kind are told apart by "
		"their order: when cards are added, removed or moved later, a start that is "
		"to reserve only some of them reserves none of them, until this set-up is "
		"made anew\n");
	check(known, "02:00.0,03:00.0", false, false);
	/* A token is none, and one that does not go is enough. */
	add_keyboard(known, "02:00.0", KEYBOARD_NEVER);
	check(known, "01:00.0", true, false);
	check(known, "02:00.0", false, false);
	add_keyboard(known, "02:00.0", KEYBOARD_SURE);
	check(known, "01:00.0", false, false);
	check(known, "01:00.0,02:00.0", true, false);
	add_keyboard(known, NULL, KEYBOARD_SURE);
	check(known, "01:00.0,02:00.0", false, false);
}

static void a_passphrase_that_nobody_could_type(void **state)
{
	auto_known struct known *known = known_new(HOST);
	struct wants wants = {.asked = (char *)"root_crypt", .waits = true};
	auto_policy struct policy policy = POLICY_INIT;
	auto_draft struct draft refused = {0}, allowed = {0};

	(void)state;
	known->facts.wants = &wants;
	known->facts.policy = &policy;
	check(known, "01:00.0", false, false);
	add_keyboard(known, "01:00.0", KEYBOARD_LIKELY);
	make(known, "01:00.0", NULL, &refused);
	assert_remarks(
		&refused.refusals,
		"0000:01:00.0 [1b21:2142]: \"Keyboard\" is plugged in there, and no other "
		"keyboard that is known would stay; the next start asks for the passphrase of "
		"root_crypt, and nobody could type it (if it need not be typed, name a key or "
		"put nofail on its line of /etc/crypttab) (\"allow = only-keyboard\" in "
		"hostdev-hook.conf lifts that): leave it out\n");
	/* Two words at once. */
	known_use(known, USE_UPPER, "01:00.0", "eth0");
	draft_done(&refused);
	make(known, "01:00.0", NULL, &refused);
	assert_remark(&refused.refusals, "(\"allow = upper-interface,only-keyboard\" in");
	known->snapshot.uses[0].kind = USE_CONSOLE;
	assert_int_equal(policy_set(&policy, &(struct pci_addr){0, 1, 0, 0}, "allow",
				    "only-keyboard", "here", NULL),
			 0);
	make(known, "01:00.0", NULL, &allowed);
	assert_remarks(&allowed.refusals, "");
	assert_remark(&allowed.notes,
		      "nobody can type on this host, not even the passphrase of root_crypt");
	/* A start that goes on without. */
	policy.all.allow = 0;
	known->facts.policy = NULL;
	wants.waits = false;
	check(known, "01:00.0", true, false);
}

/* The first that would take the last one stays, and so the second one can go. */
static void what_all_leaves_out(void **state)
{
	auto_known struct known *known = known_new(HOST);
	struct wants wants = {.asked = (char *)"root_crypt", .waits = true};
	auto_draft struct draft draft = {0};

	(void)state;
	add_keyboard(known, "01:00.0", KEYBOARD_SURE);
	add_keyboard(known, "02:00.0", KEYBOARD_SURE);
	make(known, NULL, "no-vga", &draft);
	assert_int_equal(draft.promise.devices.count, 3);
	known->facts.wants = &wants;
	draft_done(&draft);
	make(known, NULL, "no-vga", &draft);
	assert_remarks(&draft.refusals, "");
	assert_remark(&draft.notes, "left out: 0000:01:00.0 [1b21:2142]: \"Keyboard\" is");
	assert_int_equal(draft.promise.devices.count, 2);
	/* One that is not so sure need not stay. */
	known->snapshot.keyboards[0].grade = KEYBOARD_LIKELY;
	draft_done(&draft);
	make(known, NULL, "no-vga", &draft);
	assert_remark(&draft.notes, "left out: 0000:02:00.0 [1b21:2142]: \"Keyboard\" is");
	assert_int_equal(draft.promise.devices.count, 2);
	/* What stays for another reason has one. */
	known_use(known, USE_MOUNT, "02:00.0", "sdb1");
	known->snapshot.keyboards[0].grade = KEYBOARD_SURE;
	draft_done(&draft);
	make(known, NULL, "no-vga", &draft);
	assert_remark(&draft.notes, "left out: 0000:02:00.0 [1b21:2142]: its sdb1");
	assert_non_null(pins_find(&draft.promise.devices, &(struct pci_addr){0, 1, 0, 0}));
	/* And who names one gets it. */
	known->snapshot.uses[0].kind = USE_CONSOLE;
	draft_done(&draft);
	make(known, "01:00.0", "no-vga", &draft);
	assert_remarks(&draft.refusals, "");
	assert_remark(&draft.notes, "left out: 0000:02:00.0 [1b21:2142]: \"Keyboard\" is");
	assert_int_equal(draft.promise.devices.count, 2);
}

/* It goes with the controller that carries its own. */
static void a_keyboard_in_a_dock(void **state)
{
	auto_known struct known *known = known_new(HOST);

	(void)state;
	known->snapshot.carried = array_grow(NULL, 0, sizeof(struct carried));
	known->snapshot.carried[known->snapshot.carried_count++] =
		(struct carried){.kind = CARRIED_FUNCTION,
				 .carrier = {0, 1, 0, 0},
				 .addr = {0, 2, 0, 0},
				 .directory = xstrdup("devices")};
	add_keyboard(known, "02:00.0", KEYBOARD_SURE);
	check(known, "01:00.0", true, false);
	check(known, "02:00.0", true, false);
	check(known, "03:00.0", false, false);
}

/* Somebody at a keyboard has chosen the entry, unless it is started by itself. */
static void an_entry_that_is_chosen(void **state)
{
	static const struct {
		const char *word;
		bool refused;
	} cases[] = {{"none", false}, {NULL, false}, {"first", true}, {"04:00.0", true}};
	auto_known struct known *known = known_new(HOST);
	struct wants wants = {.asked = (char *)"root_crypt", .waits = true};

	(void)state;
	known->facts.wants = &wants;
	add_keyboard(known, "01:00.0", KEYBOARD_SURE);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct generate_wishes wishes =
			wishes_of(GENERATE_MULTIBOOT, "01:00.0,04:00.0,05:00.0");
		auto_draft struct draft draft = {0};

		wishes.default_choice = cases[i].word;
		draft_make(known, &wishes, &draft);
		assert_int_equal(is_told(&draft.refusals), cases[i].refused);
		assert_int_equal(is_told(&draft.notes), !cases[i].refused);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_note_where_nothing_is_asked),
		cmocka_unit_test(a_passphrase_that_nobody_could_type),
		cmocka_unit_test(what_all_leaves_out),
		cmocka_unit_test(a_keyboard_in_a_dock),
		cmocka_unit_test(an_entry_that_is_chosen),
	};

	return cmocka_run_group_tests_name("typing", tests, NULL, NULL);
}
