// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What an answer says of each kind of step, of names that would steer a terminal, and in which
 * words a start and a loan by hand differ.
 */
#include "tests/host/check.h"

#include <string.h>

#include "base/cleanup.h"
#include "hostdevctl/answer/answer.h"

/* A step of each kind, and what people have to read of it. */
static const struct {
	const char *line, *words;
} samples[STEP_KINDS] = {
	[STEP_MODULE] = {"module vfio-pci absent -> loaded # VFIO driver",
			 "The kernel module vfio-pci is loaded, and stays loaded."},
	[STEP_POWER] = {"power 0000:01:00.0 auto -> on # awake",
			"Power management is off for these devices while their drivers change."},
	[STEP_DRIVER] = {"driver 0000:01:00.0 nvidia -> vfio-pci # of win11",
			 "0000:01:00.0  [10de:2204]  nvidia -> vfio-pci"},
	[STEP_UNIT] = {"unit 1000/a.service active -> inactive # its process 7 (a) holds it",
		       "a.service of user 1000 (its process 7 (a) holds it)"},
	[STEP_UDEV] = {"udev c226:0 known -> withdrawn # of 0000:01:00.0",
		       "All programs are told that the device c226:0 is gone."},
	[STEP_VTCONSOLE] = {"vtconsole vtcon1 bound -> unbound # dark until the host restarts",
			    "The text console (vtcon1) goes dark until this host restarts."},
	[STEP_FRAMEBUFFER] = {"framebuffer efi-framebuffer.0 simple-framebuffer -> none # on it",
			      "The driver simple-framebuffer lets go of efi-framebuffer.0: on it."},
	[STEP_PROCESS] = {"process 812:4711@0000:01:00.0 held -> free,grace=3000 # mpv",
			  "process 812: SIGTERM, and SIGKILL 3 seconds later"},
	[STEP_HOLDERS] = {"holders 0000:01:00.0 free -> free,wait=1000 # nobody",
			  "up to 1 second until no program has these devices open"},
	[STEP_FILE] = {"file /etc/x absent -> present # of a set-up",
		       "file of /etc/x: of a set-up."},
	[STEP_BUILD] = {"build menu:update-grub stale -> built # of a set-up",
			"build of menu:update-grub: of a set-up."},
	[STEP_CHECK] = {"check menu:grub open -> passed # of a set-up",
			"check of menu:grub: of a set-up."},
};

/* What an answer is made of, with one device. */
struct world {
	struct guest guest;
	struct snapshot snapshot;
	struct policy policy;
	struct plan plan;
	struct answer answer;
	struct text text, json;
};

static void world_init(struct world *world, const char *guest)
{
	const struct pci_addr addr = {.bus = 1};
	struct device device = {.addr = addr, .group = 1, .vendor = 0x10de, .product = 0x2204};

	*world = (struct world){.policy = POLICY_INIT};
	world->guest.name = xstrdup(guest);
	world->guest.hostdevs = xcalloc(1, sizeof(*world->guest.hostdevs));
	world->guest.hostdevs[world->guest.hostdev_count++] = (struct hostdev){.addr = addr};
	strcpy(device.bound.driver, "nvidia");
	world->snapshot.devices = xcalloc(1, sizeof(device));
	world->snapshot.devices[world->snapshot.device_count++] = device;
	plan_add_claim(&world->plan, &addr);
}

static void world_done(struct world *world)
{
	answer_done(&world->answer);
	plan_done(&world->plan);
	policy_done(&world->policy);
	snapshot_done(&world->snapshot);
	guest_done(&world->guest);
	text_done(&world->text);
	text_done(&world->json);
}

static void world_step(struct world *world, const char *line)
{
	struct step step = {0};

	assert_true(step_parse(line, strlen(line), &step));
	array_push(world->plan.steps, world->plan.step_count, step);
}

static void world_ask(struct world *world, enum answer_verb verb)
{
	answer_make(verb, &world->plan, &world->guest, &world->snapshot, &world->policy,
		    &world->answer);
	answer_print(&world->answer, &world->text);
	answer_json(&world->answer, &world->json);
}

static void each_kind_has_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < STEP_KINDS; i++) {
		cleanup(world_done) struct world world;

		assert_non_null(samples[i].line);
		world_init(&world, "win11");
		world_step(&world, samples[i].line);
		assert_int_equal(world.plan.steps[0].kind, i);
		world_ask(&world, ANSWER_OF_START);
		assert_contains(world.text.data, samples[i].words);
		assert_contains(world.json.data, samples[i].line);
		assert_contains(world.json.data, "\"verdict\": \"start\"");
	}
}

static void a_step_that_changes_nothing_is_not_told(void **state)
{
	cleanup(world_done) struct world world;

	(void)state;
	world_init(&world, "win11");
	world_step(&world, samples[STEP_MODULE].line);
	world_step(&world, "power 0000:01:00.0 on,d3cold=1 -> on,d3cold=1 # awake");
	world_ask(&world, ANSWER_OF_START);
	assert_null(strstr(world.text.data, "Power management"));
	assert_null(strstr(world.json.data, "power 0000:01:00.0"));
	assert_contains(world.json.data, samples[STEP_MODULE].line);
}

static void each_way_to_let_go(void **state)
{
	static const struct {
		const char *value, *heading, *words;
	} ways[] = {
		{"free,wait=2000",
		 "Waited for, and not ended:", "2 seconds to let go, or win11 is not started"},
		{"free,grace=1000", "Ended for good:", "SIGTERM, and SIGKILL 1 second later"},
		{"free,wait=3000,grace=5000", "Ended, if it does not let go in time:",
		 "3 seconds to let go, then SIGTERM, and SIGKILL 5 seconds later"},
		{"free,term=5000",
		 "Ended for good:", "SIGTERM, then 5 seconds to let go, or win11 is not started"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		cleanup(world_done) struct world world;
		auto_free char *line =
			xasprintf("process 812:4711@0000:01:00.0 held -> %s # mpv", ways[i].value);
		auto_free char *words =
			xasprintf("\n%s\n  process 812: %s\n", ways[i].heading, ways[i].words);

		world_init(&world, "win11");
		world_step(&world, line);
		world_ask(&world, ANSWER_OF_START);
		assert_contains(world.text.data, words);
	}
}

static void names_are_escaped(void **state)
{
	cleanup(world_done) struct world world;
	struct refusal refusal = {.kind = REFUSAL_MISSING, .addr = {.bus = 9}};

	(void)state;
	world_init(&world, "a\nb\x1b[2J\"");
	world.snapshot.devices[0].name = xstrdup("card\x1b[2J");
	world_step(&world, samples[STEP_DRIVER].line);
	plan_add_note(&world.plan, xstrdup("the card \x1b[2J goes"));
	world_ask(&world, ANSWER_OF_START);
	assert_contains(world.text.data, "a\\x0ab\\x1b[2J\" would start. It gets:\n");
	assert_contains(world.text.data, "card\\x1b[2J");
	assert_contains(world.text.data, "The card \\x1b[2J goes.\n");
	assert_contains(world.json.data, "\"name\": \"a\\nb\\\\x1b[2J\\\"\"");
	assert_null(strchr(world.text.data, '\x1b'));
	assert_null(strchr(world.json.data, '\x1b'));
	answer_done(&world.answer);
	text_done(&world.text);
	plan_add_refusal(&world.plan, &refusal);
	world_ask(&world, ANSWER_OF_START);
	assert_contains(world.text.data, "a\\x0ab\\x1b[2J\" would not start:\n");
	assert_null(strchr(world.text.data, '\x1b'));
}

static void long_names_push_nothing(void **state)
{
	static const char name[] = "A device whose name is longer than what lines up with others";
	cleanup(world_done) struct world world;
	auto_free char *line = xasprintf("  0000:01:00.0  %s  nvidia -> vfio-pci\n", name);

	(void)state;
	world_init(&world, "win11");
	world.snapshot.devices[0].name = xstrdup(name);
	world_step(&world, samples[STEP_DRIVER].line);
	world_ask(&world, ANSWER_OF_START);
	assert_contains(world.text.data, line);
}

static void loans_by_hand(void **state)
{
	cleanup(world_done) struct world world;
	struct refusal refusal = {.kind = REFUSAL_MISSING, .addr = {.bus = 9}};

	(void)state;
	world_init(&world, "win11");
	world_step(&world, samples[STEP_DRIVER].line);
	world_step(&world, "process 8:1@0000:01:00.0 held -> free,wait=2000 # x");
	world_ask(&world, ANSWER_OF_LEND);
	assert_contains(world.text.data, "win11 would be lent its devices. It gets:\n");
	assert_contains(world.text.data, "or win11 is not lent its devices\n");
	answer_done(&world.answer);
	plan_add_refusal(&world.plan, &refusal);
	world_ask(&world, ANSWER_OF_LEND);
	assert_contains(world.text.data, "win11 would not be lent its devices:\n");
}

/* Kinds are compared by programs: each has its own word. */
static void each_refusal_has_a_word(void **state)
{
	const struct pin pin = {.addr = {.bus = 1}, .vendor = 0x10de, .product = 0x1eb8};

	(void)state;
	for (int kind = 0; kind < REFUSAL_KINDS; kind++) {
		cleanup(world_done) struct world world;
		struct refusal refusal = {.kind = (enum refusal_kind)kind, .addr = {.bus = 1}};

		refusal.evidence = xstrdup("something");
		refusal.guest = xstrdup("other");
		world_init(&world, "win11");
		pins_add(&world.snapshot.pins, &pin);
		plan_add_refusal(&world.plan, &refusal);
		world_ask(&world, ANSWER_OF_START);
		assert_null(strstr(world.json.data, "\"kind\": null"));
		assert_contains(world.json.data, "\"verdict\": \"refuse\"");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_has_words),
		cmocka_unit_test(a_step_that_changes_nothing_is_not_told),
		cmocka_unit_test(each_way_to_let_go),
		cmocka_unit_test(names_are_escaped),
		cmocka_unit_test(loans_by_hand),
		cmocka_unit_test(each_refusal_has_a_word),
		cmocka_unit_test(long_names_push_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
