// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Refusals in words: each kind a first line that names the device and a second that says what to do
 * next; where something allows it all the same, the command for that.
 */
#include "tests/host/check.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/plan.h"
#include "model/refusal.h"

static char gpu_name[] = "NVIDIA GA102 [GeForce RTX 3090]";
static char long_name[] = "Advanced Micro Devices, Inc. [AMD/ATI] Navi 31 [Radeon RX 7900 XT/7900 "
			  "XTX/7900 GRE/7900M] and what else is sold under that name today";

static struct device devices[] = {
	{.addr = {0, 1, 0, 0}, .vendor = 0x10de, .product = 0x2204, .group = 14, .name = gpu_name},
	{.addr = {0, 2, 0, 0},
	 .vendor = 0x8086,
	 .product = 0x10d3,
	 .group = 14,
	 .bound = {"e1000e", "", ""}},
	{.addr = {0, 3, 0, 0}, .vendor = 0x1002, .product = 0x744c, .group = 15, .name = long_name},
};

static struct pin pins[] = {{.addr = {0, 1, 0, 0}, .vendor = 0x10de, .product = 0x1e04}};
static const struct snapshot snapshot = {
	.iommu = true, .devices = devices, .device_count = 3, .pins = {pins, 1}};
static char long_twin[128];
static char other[] = "games", evidence[] = "the evidence";
static char advice[] = "Here it says what to do about it.";

static struct refusal refusal_of(enum refusal_kind kind)
{
	return (struct refusal){.kind = kind,
				.addr = {0, 1, 0, 0},
				.mate = {0, 2, 0, 0},
				.group = 14,
				.guest = other,
				.use = USE_DEFAULT_ROUTE,
				.evidence = evidence,
				.advice = advice};
}

static char *words_for(const struct refusal *refusal, const char *guest)
{
	struct text text = TEXT_INIT;

	refusal_format(refusal, guest, &snapshot, &text);
	return text.data;
}

static void every_kind_says_why_and_what_to_do(void **state)
{
	(void)state;
	for (int kind = 0; kind < REFUSAL_KINDS; kind++) {
		struct refusal refusal = refusal_of((enum refusal_kind)kind);
		auto_free char *text = words_for(&refusal, "win11");
		const char *second = strchr(text, '\n') + 1;

		assert_non_null(strchr(text, '\n'));
		assert_true(second - text <= REFUSAL_LINE_MAX);
		assert_int_equal(second[-2], '.');
		/* That speaks of no device, and this of all that the guest has. */
		if (kind != REFUSAL_IOMMU_OFF && kind != REFUSAL_RUNNING)
			assert_non_null(memmem(text, (size_t)(second - text), "0000:01:00.0", 12));
		assert_true(strcspn(second, "\n") > 15);
		assert_int_equal(text[strlen(text) - 1], '\n');
	}
}

static void assert_stood_there(const struct pin *pin, const char *words)
{
	struct refusal refusal = refusal_of(REFUSAL_IDENTITY);
	auto_free char *expected =
		xasprintf(" is another device than before: %s stood there.", words);
	auto_free char *text = NULL;

	pins[0] = *pin;
	text = words_for(&refusal, "win11");
	text[strcspn(text, "\n")] = '\0';
	assert_text(strstr(text, " is another"), expected);
}

static void assert_board_is_cut(void)
{
	struct refusal refusal = refusal_of(REFUSAL_IDENTITY);
	auto_free char *text = words_for(&refusal, "win11");

	assert_contains(text, "xxx...) stood there.\n");
}

/* By what tells the two apart; numbers only for what has no name. */
static void another_device_is_told_by_what_differs(void **state)
{
	struct pin pin = {.addr = {0, 1, 0, 0}, .vendor = 0x10de, .product = 0x1e04};

	(void)state;
	assert_stood_there(&pin, "[10de:1e04]");
	strcpy(pin.name, "NVIDIA TU102 [GeForce RTX 2080 Ti]");
	assert_stood_there(&pin, "NVIDIA TU102 [GeForce RTX 2080 Ti]");
	/* One name for two products. */
	strcpy(pin.name, gpu_name);
	assert_stood_there(&pin, "one with the numbers 10de:1e04, not 10de:2204,");
	/* Names that differ only where there is no room for them any more. */
	memset(pin.name, 'y', sizeof(pin.name) - 1);
	memset(long_twin, 'y', sizeof(long_twin) - 2);
	long_twin[sizeof(long_twin) - 2] = 'z';
	devices[0].name = long_twin;
	assert_stood_there(&pin, "one with the numbers 10de:1e04, not 10de:2204,");
	devices[0].name = gpu_name;
	pin.product = 0x2204;
	pin.subvendor = 0x1458;
	pin.subproduct = 0x403b;
	assert_stood_there(&pin, "the same chip on another board (1458:403b)");
	strcpy(pin.board, "Gigabyte [1458:403b]");
	assert_stood_there(&pin, "the same chip on another board (Gigabyte [1458:403b])");
	/* A long one loses its end, and not the sentence. */
	memset(pin.board, 'x', sizeof(pin.board) - 1);
	pins[0] = pin;
	assert_board_is_cut();
	pin.subvendor = pin.subproduct = 0;
	pin.class_code = 0x010400;
	assert_stood_there(&pin, "the same device of another kind (class 010400)");
	strcpy(pin.kind, "RAID bus controller");
	assert_stood_there(&pin, "the same device of another kind (RAID bus controller)");
	/* Its mode alone has no name. */
	pin.class_code = 0x000001;
	assert_stood_there(&pin, "the same device of another kind (class 000001)");
	pin.class_code = 0;
	strcpy(pin.serial, "nvme:S4 67\n");
	strcpy(devices[0].serial, "nvme:S468");
	assert_stood_there(&pin, "one like it with serial number S4 67\\x0a, not S468,");
	*devices[0].serial = '\0';
}

/* By the name that its numbers have today. */
static void a_device_that_is_gone_has_its_name(void **state)
{
	struct refusal refusal = refusal_of(REFUSAL_MISSING);
	const struct pin gone = {.addr = {0, 9, 0, 0},
				 .vendor = 0x10de,
				 .product = 0x1e04,
				 .class_code = 0x030000,
				 .name = "NVIDIA TU102"};
	auto_free char *text = NULL;

	(void)state;
	pins[0] = gone;
	refusal.addr = gone.addr;
	text = words_for(&refusal, "win11");
	pins[0].addr = devices[0].addr;
	text[strcspn(text, "\n")] = '\0';
	assert_text(text, "0000:09:00.0 (NVIDIA TU102) the evidence.");
}

static void no_two_kinds_say_the_same(void **state)
{
	(void)state;
	for (int a = 0; a < REFUSAL_KINDS; a++) {
		for (int b = 0; b < a; b++) {
			struct refusal one = refusal_of((enum refusal_kind)a);
			struct refusal two = refusal_of((enum refusal_kind)b);
			auto_free char *text = words_for(&one, "win11");
			auto_free char *twin = words_for(&two, "win11");

			assert_string_not_equal(text, twin);
		}
	}
}

static void every_use_says_what_is_lost_and_what_helps(void **state)
{
	(void)state;
	for (int kind = 0; kind < USE_KINDS; kind++) {
		struct use_words words = refusal_use_words((enum use_kind)kind);
		struct refusal refusal = refusal_of(REFUSAL_USE);
		auto_free char *text = NULL;

		refusal.use = (enum use_kind)kind;
		refusal.advice = NULL;
		text = words_for(&refusal, "win11");
		assert_non_null(words.loss);
		assert_contains(text, words.loss);
		assert_contains(text, words.advice);
	}
}

static void mates_and_guests_are_named(void **state)
{
	static const enum refusal_kind of_mates[] = {
		REFUSAL_GROUP_CLAIMED, REFUSAL_MATE,   REFUSAL_MATE_PF, REFUSAL_MATE_CHIPSET,
		REFUSAL_COMPANION,     REFUSAL_BEHIND, REFUSAL_CARRIED};
	static const enum refusal_kind of_guests[] = {REFUSAL_CLAIMED, REFUSAL_GROUP_CLAIMED,
						      REFUSAL_CARRIED};

	(void)state;
	for (size_t i = 0; i < sizeof(of_mates) / sizeof(of_mates[0]); i++) {
		struct refusal refusal = refusal_of(of_mates[i]);
		auto_free char *text = words_for(&refusal, "win11");

		assert_contains(text, "0000:02:00.0");
	}
	for (size_t i = 0; i < sizeof(of_guests) / sizeof(of_guests[0]); i++) {
		struct refusal refusal = refusal_of(of_guests[i]);
		auto_free char *text = words_for(&refusal, "win11");

		assert_contains(text, "guest games");
	}
}

/* Nobody can stop a guest that does not run. */
static void a_run_that_is_over_is_to_be_returned(void **state)
{
	static const enum refusal_kind kinds[] = {REFUSAL_CLAIMED, REFUSAL_GROUP_CLAIMED};

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct refusal refusal = refusal_of(kinds[i]);
		auto_free char *plain = NULL, *dash = NULL;
		char odd[] = "-games";

		refusal.over = true;
		plain = words_for(&refusal, "win11");
		assert_contains(plain, "Run \"hostdevctl recover games\"");
		assert_null(strstr(plain, "Stop "));
		refusal.guest = odd;
		dash = words_for(&refusal, "win11");
		assert_contains(dash, "Run \"hostdevctl recover -- -games\"");
	}
}

/* Nor is there a guest to be stopped where an admin has lent it. */
static void what_is_lent_by_hand_is_returned_by_hand(void **state)
{
	static const enum refusal_kind kinds[] = {REFUSAL_CLAIMED, REFUSAL_GROUP_CLAIMED,
						  REFUSAL_CARRIED};
	static const char *const addresses[] = {"0000:01:00.0", "0000:02:00.0", "0000:02:00.0"};

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		auto_free char *command =
			xasprintf("\"hostdevctl return %s\" gives it back.", addresses[i]);
		auto_free char *named = NULL, *plain = NULL, *over = NULL;
		struct refusal refusal = refusal_of(kinds[i]);

		refusal.lent_by_hand = true;
		named = words_for(&refusal, "win11");
		assert_contains(named, "is lent by hand for games");
		assert_contains(named, command);
		refusal.guest = NULL;
		plain = words_for(&refusal, "win11");
		assert_contains(plain, "is lent by hand.");
		refusal.over = true;
		over = words_for(&refusal, "win11");
		assert_contains(over, "was lent by hand and is not returned yet");
		assert_contains(over, command);
	}
}

static void names_are_used_where_known(void **state)
{
	struct refusal claimed = refusal_of(REFUSAL_CLAIMED), mate = refusal_of(REFUSAL_MATE);
	auto_free char *text = words_for(&claimed, "win11"), *pair = words_for(&mate, "vm");

	(void)state;
	assert_contains(text, "0000:01:00.0 (NVIDIA GA102 [GeForce RTX 3090])");
	assert_contains(pair, "0000:01:00.0 (NVIDIA ");
	assert_contains(pair, "group 14");
}

/* The kernel has drivers with blanks in their names, and a command must go to the right file. */
static void a_command_takes_a_drivers_name_whole(void **state)
{
	struct refusal refusal = refusal_of(REFUSAL_MATE_CHIPSET);
	struct driver_value bound = devices[1].bound;
	auto_free char *plain = words_for(&refusal, "win11"), *blank = NULL;

	(void)state;
	assert_contains(plain, "echo 0000:02:00.0 > /sys/bus/pci/drivers/e1000e/unbind");
	strcpy(devices[1].bound.driver, "i6300ESB timer");
	blank = words_for(&refusal, "win11");
	devices[1].bound = bound;
	assert_contains(blank, "echo 0000:02:00.0 > '/sys/bus/pci/drivers/i6300ESB timer/unbind'");
}

/* Nobody is told to name the disk that the host runs from. */
static void mates_that_the_host_needs_are_not_to_be_named(void **state)
{
	struct refusal refusal = refusal_of(REFUSAL_MATE);
	auto_free char *needed = words_for(&refusal, "win11"), *free_mate = NULL;

	(void)state;
	assert_contains(needed, "the evidence");
	assert_null(strstr(needed, "name in the guest"));
	assert_null(strstr(needed, "hostdevctl set"));
	refusal.evidence = refusal.advice = NULL;
	free_mate = words_for(&refusal, "win11");
	assert_contains(free_mate, "name in the guest too: 0000:02:00.0.");
	assert_contains(free_mate, "hostdevctl set win11 group=whole\n");
}

/* Rather the end of a name than the reason. */
static void long_names_are_cut_for_the_reason(void **state)
{
	struct refusal refusal = refusal_of(REFUSAL_USE);
	auto_free char *text = NULL;

	(void)state;
	refusal.addr = devices[2].addr;
	text = words_for(&refusal, "win11");
	assert_contains(text, "0000:03:00.0 (Advanced Micro");
	assert_contains(text, "...): the evidence.\n");
	assert_true(strcspn(text, "\n") + strlen("win11 is not started: ") <= REFUSAL_LINE_MAX);
}

/* What it is sold as says more than what the chip is called, and no word is cut in two. */
static void a_name_is_shortened_to_what_people_know(void **state)
{
	static const struct {
		const char *name, *shown;
		size_t size;
		uint32_t class_code;
	} cases[] = {
		{"NVIDIA GA102 [GeForce RTX 3090]", "NVIDIA GA102 [GeForce RTX 3090]", 40,
		 0x030000},
		{"NVIDIA GA102 [GeForce RTX 3090]", "GeForce RTX 3090", 28, 0x030000},
		{"AMD/ATI Navi 31 [Radeon RX 7900 XT/7900 XTX/7900 GRE/7900M]",
		 "Radeon RX 7900 XT/7900 XTX/7900 GRE...", 40, 0x030000},
		{"AMD/ATI Barts HDMI Audio [Radeon HD 6790/6850/6870 / 7720 OEM]",
		 "AMD/ATI Barts HDMI Audio [Radeon HD...", 40, 0x040300},
		{"Intel Q170/Q150/B150/H170/H110/Z170/CM236 Chipset SATA Controller [AHCI Mode]",
		 "Intel Q170/Q150/B150/H170/H110/Z170...", 40, 0x010601},
		{"Samsung NVMe SSD Controller SM981/PM981/PM983",
		 "Samsung NVMe SSD Controller SM981...", 40, 0x010802},
		{"Realtek RTL8111/8168/8211/8411 PCI Express Gigabit Ethernet Controller",
		 "Realtek RTL8111/8168/8211...", 28, 0x020000},
		{"Unbrokenwordoveralmostseventycharactersthatnobodywouldgiveadevice",
		 "Unbrokenwordoveralmostsev...", 28, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		auto_free char *name = xstrdup(cases[i].name);
		auto_free char *expected = xasprintf("0000:03:00.0 (%s)", cases[i].shown);
		struct device device = {
			.addr = devices[2].addr, .class_code = cases[i].class_code, .name = name};

		assert_text(device_label_short(&device, cases[i].size).text, expected);
	}
}

/* What asked for a sound card is not told how to give away the processor's graphics. */
static void what_goes_along_begins_with_what_was_named(void **state)
{
	struct refusal refusal = refusal_of(REFUSAL_USE);
	auto_free char *igpu = NULL, *route = NULL;

	(void)state;
	refusal.tie = TIE_SLOT;
	refusal.named = (struct pci_addr){0, 1, 0, 6};
	refusal.use = USE_IGPU;
	igpu = words_for(&refusal, "win11");
	assert_true(text_starts(igpu, "0000:01:00.6 shares IOMMU group 14 with 0000:01:00.0 ("));
	assert_contains(igpu, "which would go along (same slot) and the evidence.");
	assert_contains(igpu, "Take 0000:01:00.6 out of the guest");
	assert_null(strstr(igpu, "allow"));
	refusal.use = USE_DEFAULT_ROUTE;
	route = words_for(&refusal, "win11");
	assert_contains(route, "which would go along (same slot) and is in use: the evidence.");
	assert_contains(route, "allow+=default-route");
}

static void commands_can_be_pasted(void **state)
{
	static const struct {
		const char *guest, *command;
	} cases[] = {
		{"win11", "hostdevctl set win11 allow+=default-route\n"},
		{"my guest", "hostdevctl set 'my guest' allow+=default-route\n"},
		{"it's", "hostdevctl set 'it'\\''s' allow+=default-route\n"},
		{"$(reboot)", "hostdevctl set '$(reboot)' allow+=default-route\n"},
		{"-x", "hostdevctl set -- -x allow+=default-route\n"},
		{"", "hostdevctl set '' allow+=default-route\n"},
	};
	struct refusal refusal = refusal_of(REFUSAL_USE);
	auto_free char *control = words_for(&refusal, "a\nb");

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		auto_free char *text = words_for(&refusal, cases[i].guest);

		assert_contains(text, cases[i].command);
	}
	assert_null(strstr(control, "hostdevctl"));
}

static void devices_outside_the_snapshot_keep_their_address(void **state)
{
	struct refusal refusal = {.kind = REFUSAL_MISSING, .addr = {0, 9, 0, 0}};
	auto_free char *text = words_for(&refusal, "win11");

	(void)state;
	assert_contains(text, "0000:09:00.0");
}

static void of_several_reasons_the_first_is_told(void **state)
{
	auto_plan struct plan plan = {0};
	auto_text struct text one = TEXT_INIT, three = TEXT_INIT, dash = TEXT_INIT;
	struct refusal missing = {.kind = REFUSAL_MISSING, .addr = {0, 9, 0, 0}};

	(void)state;
	plan_add_refusal(&plan, &missing);
	plan_format_refusals(&plan, "win11", &snapshot, &one);
	assert_null(strstr(one.data, "more reason"));
	for (int i = 1; i < 3; i++) {
		missing.addr.slot++;
		plan_add_refusal(&plan, &missing);
	}
	plan_format_refusals(&plan, "win11", &snapshot, &three);
	assert_contains(three.data, "0000:09:00.0");
	assert_null(strstr(three.data, "0000:09:01.0"));
	assert_contains(three.data, "And for 2 more reasons: see \"hostdevctl plan win11\".\n"
				    "Nothing was changed.\n");
	plan_format_refusals(&plan, "-win", &snapshot, &dash);
	assert_contains(dash.data, "see \"hostdevctl plan -- -win\".");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_says_why_and_what_to_do),
		cmocka_unit_test(another_device_is_told_by_what_differs),
		cmocka_unit_test(a_device_that_is_gone_has_its_name),
		cmocka_unit_test(no_two_kinds_say_the_same),
		cmocka_unit_test(every_use_says_what_is_lost_and_what_helps),
		cmocka_unit_test(mates_and_guests_are_named),
		cmocka_unit_test(a_run_that_is_over_is_to_be_returned),
		cmocka_unit_test(what_is_lent_by_hand_is_returned_by_hand),
		cmocka_unit_test(names_are_used_where_known),
		cmocka_unit_test(a_command_takes_a_drivers_name_whole),
		cmocka_unit_test(mates_that_the_host_needs_are_not_to_be_named),
		cmocka_unit_test(long_names_are_cut_for_the_reason),
		cmocka_unit_test(a_name_is_shortened_to_what_people_know),
		cmocka_unit_test(what_goes_along_begins_with_what_was_named),
		cmocka_unit_test(commands_can_be_pasted),
		cmocka_unit_test(devices_outside_the_snapshot_keep_their_address),
		cmocka_unit_test(of_several_reasons_the_first_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
