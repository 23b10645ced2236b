// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Steps: their line, and how a cell found later is judged.
 */
#include "tests/host/check.h"

#include <string.h>

#include "base/cleanup.h"
#include "model/step.h"

static void line_comes_back(void **state)
{
	static const char *const good[] = {
		"driver 0000:01:00.0 nvidia -> none,override=vfio-pci # host device of win11",
		"power 0000:01:00.0 auto,d3cold=1 -> on,d3cold=1 # awake while its driver changes",
		"module vfio-pci absent -> loaded # VFIO driver for 0000:01:00.0",
		"driver a b -> c # of a\\x0ab \\x5c # -> x",
		"unit gdm.service active,drm=0000:01:00.0 -> inactive # shows on 0000:01:00.0",
		"udev +sound:card1 known -> withdrawn # of 0000:01:00.1",
		"vtconsole vtcon1 bound -> unbound # console on 0000:01:00.0",
		"framebuffer efi-framebuffer.0 efi-framebuffer -> none # on 0000:01:00.0",
		"process 812:4711@0000:01:00.0 held -> free,wait=5000,grace=3000 # mpv",
		"holders 0000:01:00.0,0000:01:00.1 free -> free # nobody",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		cleanup(step_done) struct step step = {0};
		auto_text struct text text = TEXT_INIT;

		assert_true(step_parse(good[i], strlen(good[i]), &step));
		step_format(&step, &text);
		assert_string_equal(text.data, good[i]);
	}
}

static void line_is_taken_apart(void **state)
{
	static const char line[] = "power 0000:01:00.0 auto -> on # a\\x0ab";
	cleanup(step_done) struct step step = {0};

	(void)state;
	assert_true(step_parse(line, sizeof(line) - 1, &step));
	assert_int_equal(step.kind, STEP_POWER);
	assert_string_equal(step.target, "0000:01:00.0");
	assert_string_equal(step.before, "auto");
	assert_string_equal(step.after, "on");
	assert_string_equal(step.why, "a\nb");
}

static void other_lines_are_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"driver",
		"driver x a -> b",
		"driver x a -> b #",
		"driver x a -> b # ",
		"driver x a  -> b # w",
		"driver x a->b # w",
		" driver x a -> b # w",
		"driver  x a -> b # w",
		"drivers x a -> b # w",
		"driver x a -> b # w\\",
		"driver x a -> b # w\\x00",
		"driver\tx a -> b # w",
		"service x a -> b # w",
	};
	struct step step;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (step_parse(bad[i], strlen(bad[i]), &step))
			fail_msg("\"%s\" was taken for a step", bad[i]);
}

static void every_kind_has_a_name(void **state)
{
	enum step_kind kind;

	(void)state;
	for (int i = 0; i < STEP_KINDS; i++) {
		const char *name = step_kind_name((enum step_kind)i);

		assert_true(step_kind_parse(name, strlen(name), &kind));
		assert_int_equal(kind, i);
		assert_false(step_kind_parse(name, strlen(name) - 1, &kind));
	}
}

static char target_a[] = "0000:01:00.0", target_b[] = "0000:01:00.1";

static void parallel_is_same_kind_other_target(void **state)
{
	static char none[] = "none,override=vfio-pci", bound[] = "vfio-pci,override=vfio-pci";
	struct step a = {.kind = STEP_DRIVER, .target = target_a, .after = none};
	struct step b = {.kind = STEP_DRIVER, .target = target_b, .after = none};
	struct step c = {.kind = STEP_POWER, .target = target_b, .after = none};
	struct step d = {.kind = STEP_DRIVER, .target = target_b, .after = bound};

	(void)state;
	assert_true(step_is_parallel(&a, &b));
	assert_false(step_is_parallel(&a, &a));
	assert_false(step_is_parallel(&a, &c));
	/* Everything is let go before anything is bound. */
	assert_false(step_is_parallel(&a, &d));
	assert_false(step_is_parallel(&d, &a));
}

static void some_kinds_go_one_by_one(void **state)
{
	static const bool parallel[STEP_KINDS] = {
		[STEP_MODULE] = true, [STEP_POWER] = true,   [STEP_DRIVER] = true,
		[STEP_UDEV] = true,   [STEP_PROCESS] = true,
	};
	static char value[] = "x";

	(void)state;
	for (int kind = 0; kind < STEP_KINDS; kind++) {
		struct step a = {.kind = (enum step_kind)kind, .target = target_a, .after = value};
		struct step b = {.kind = (enum step_kind)kind, .target = target_b, .after = value};

		assert_int_equal(step_is_parallel(&a, &b), parallel[kind]);
	}
}

static char why[] = "x", nvidia[] = "nvidia", waiting[] = "none,override=vfio-pci",
	    lent[] = "vfio-pci,override=vfio-pci", automatic[] = "auto,d3cold=1",
	    on[] = "on,d3cold=1", absent[] = "absent", loaded[] = "loaded", vfio[] = "vfio-pci";

static const struct step steps[] = {
	{STEP_MODULE, vfio, absent, loaded, why},      {STEP_POWER, target_a, automatic, on, why},
	{STEP_DRIVER, target_a, nvidia, waiting, why}, {STEP_DRIVER, target_a, waiting, lent, why},
	{STEP_DRIVER, target_b, waiting, lent, why},
};

static void at_home_is_any_earlier_before(void **state)
{
	(void)state;
	assert_int_equal(step_state(steps, 0, "absent"), STEP_AT_HOME);
	assert_int_equal(step_state(steps, 1, "auto,d3cold=1"), STEP_AT_HOME);
	assert_int_equal(step_state(steps, 2, "nvidia"), STEP_AT_HOME);
	assert_int_equal(step_state(steps, 3, "none,override=vfio-pci"), STEP_AT_HOME);
	/* Libvirt has returned it to its home driver: nothing is left of the second step either. */
	assert_int_equal(step_state(steps, 3, "nvidia"), STEP_AT_HOME);
	/* Another device's "before" does not count. */
	assert_int_equal(step_state(steps, 4, "nvidia"), STEP_FOREIGN);
}

static void ours_is_undone(void **state)
{
	static const char *const ours[] = {"none,override=vfio-pci",
					   "none",
					   "vfio-pci",
					   "mlx5_vfio_pci,override=mlx5_vfio_pci",
					   "nvidia,override=nvidia",
					   "none,override=other",
					   "vfio-pci,override=vfio-pci"};

	(void)state;
	assert_int_equal(step_state(steps, 0, "loaded"), STEP_TO_UNDO);
	assert_int_equal(step_state(steps, 1, "on,d3cold=1"), STEP_TO_UNDO);
	assert_int_equal(step_state(steps, 1, "on,d3cold=0"), STEP_TO_UNDO);
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		assert_int_equal(step_state(steps, 2, ours[i]), STEP_TO_UNDO);
}

static char dm[] = "gdm.service", up[] = "active,drm=0000:01:00.0", down[] = "inactive",
	    card[] = "c226:0", known[] = "known", withdrawn[] = "withdrawn", vtcon[] = "vtcon1",
	    bound[] = "bound", unbound[] = "unbound", efi[] = "efi-framebuffer.0",
	    efifb[] = "efi-framebuffer", none[] = "none", held[] = "held", free_[] = "free",
	    passed[] = "free,wait=5000,grace=3000", player[] = "812:4711@0000:01:00.0";

static const struct step people[] = {
	{STEP_UNIT, dm, up, down, why},
	{STEP_UDEV, card, known, withdrawn, why},
	{STEP_VTCONSOLE, vtcon, bound, unbound, why},
	{STEP_FRAMEBUFFER, efi, efifb, none, why},
	{STEP_PROCESS, player, held, passed, why},
	{STEP_HOLDERS, target_a, free_, passed, why},
};

/* Only the override is to be set then, and by the step that had it before. */
static void a_home_driver_is_not_unbound_for_its_override(void **state)
{
	static char address[] = "0000:01:00.0", home[] = "nvidia",
		    let_go[] = "none,override=vfio-pci", on_vfio[] = "vfio-pci,override=vfio-pci";
	static const struct step plan[] = {
		{STEP_DRIVER, address, home, let_go, why},
		{STEP_DRIVER, address, let_go, on_vfio, why},
	};

	(void)state;
	assert_int_equal(step_state(plan, 1, "nvidia,override=nvidia"), STEP_AT_HOME);
	assert_int_equal(step_state(plan, 0, "nvidia,override=nvidia"), STEP_TO_UNDO);
	assert_int_equal(step_state(plan, 1, "none,override=nvidia"), STEP_TO_UNDO);
	assert_int_equal(step_state(plan, 1, "nouveau"), STEP_FOREIGN);
}

/* Behind the first word stands how to get there, which no cell is read with. */
static void what_follows_a_comma_is_no_difference(void **state)
{
	(void)state;
	assert_true(step_value_equal(STEP_UNIT, up, "active"));
	assert_true(step_value_equal(STEP_UNIT, "active", up));
	assert_false(step_value_equal(STEP_UNIT, up, down));
	assert_false(step_value_equal(STEP_UNIT, "deactivating", down));
	assert_false(step_value_equal(STEP_UNIT, "active", "activex"));
	assert_true(step_value_equal(STEP_PROCESS, passed, free_));
	assert_true(step_value_equal(STEP_HOLDERS, free_, passed));
	assert_false(step_value_equal(STEP_HOLDERS, held, passed));
	assert_false(step_value_equal(STEP_POWER, on, "on"));
}

static void gates_may_always_begin(void **state)
{
	(void)state;
	assert_true(step_may_begin(people, 4, held));
	assert_true(step_may_begin(people, 5, held));
	assert_true(step_may_begin(people, 5, free_));
	for (int kind = 0; kind < STEP_KINDS; kind++)
		assert_int_equal(step_kind_is_gate((enum step_kind)kind),
				 kind == STEP_PROCESS || kind == STEP_HOLDERS ||
					 kind == STEP_CHECK);
}

static void a_unit_may_be_stopping_along(void **state)
{
	static char socket[] = "foo.socket", service[] = "foo.service";
	const struct step units[] = {
		{STEP_UNIT, socket, up, down, why},
		{STEP_UNIT, service, up, down, why},
	};

	(void)state;
	assert_false(step_may_begin(units, 0, "deactivating"));
	assert_true(step_may_begin(units, 1, "deactivating"));
}

static void other_cells_begin_where_the_plan_found_them(void **state)
{
	(void)state;
	assert_true(step_may_begin(people, 0, "active"));
	assert_false(step_may_begin(people, 0, down));
	/* Somebody else is stopping it. */
	assert_false(step_may_begin(people, 0, "deactivating"));
	assert_true(step_may_begin(people, 1, known));
	assert_false(step_may_begin(people, 1, withdrawn));
	assert_false(step_may_begin(people, 2, unbound));
	assert_false(step_may_begin(people, 3, "simple-framebuffer"));
}

static void their_undo_follows_the_same_rules(void **state)
{
	(void)state;
	assert_int_equal(step_state(people, 0, "active"), STEP_AT_HOME);
	assert_int_equal(step_state(people, 0, down), STEP_TO_UNDO);
	/* Our stop, which has not come to its end. */
	assert_int_equal(step_state(people, 0, "deactivating"), STEP_TO_UNDO);
	assert_int_equal(step_state(people, 1, known), STEP_AT_HOME);
	assert_int_equal(step_state(people, 1, withdrawn), STEP_TO_UNDO);
	assert_int_equal(step_state(people, 2, bound), STEP_AT_HOME);
	assert_int_equal(step_state(people, 2, unbound), STEP_TO_UNDO);
	assert_int_equal(step_state(people, 3, efifb), STEP_AT_HOME);
	assert_int_equal(step_state(people, 3, none), STEP_TO_UNDO);
	assert_int_equal(step_state(people, 3, "simple-framebuffer"), STEP_FOREIGN);
}

static void foreign_is_left(void **state)
{
	static const char *const foreign[] = {"nouveau", "nouveau,override=nouveau", "pci-stub",
					      "not a value"};

	(void)state;
	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
		assert_int_equal(step_state(steps, 2, foreign[i]), STEP_FOREIGN);
		assert_int_equal(step_state(steps, 3, foreign[i]), STEP_FOREIGN);
	}
	assert_int_equal(step_state(steps, 0, "else"), STEP_FOREIGN);
}

static void steps_of_set_ups_are_no_others(void **state)
{
	static const char file[] =
		"0644,0:0,9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
	auto_free char *later = xasprintf("%s,mtime=1.000000000", file);
	const struct step one = {
		.kind = STEP_FILE, .target = (char *)"/a", .after = (char *)"absent"};
	const struct step other = {
		.kind = STEP_FILE, .target = (char *)"/b", .after = (char *)"absent"};

	(void)state;
	for (int kind = 0; kind < STEP_KINDS; kind++)
		assert_int_equal(step_kind_is_of_setup((enum step_kind)kind),
				 kind == STEP_FILE || kind == STEP_BUILD || kind == STEP_CHECK);
	assert_true(step_kind_is_gate(STEP_CHECK));
	assert_false(step_kind_is_gate(STEP_FILE) || step_kind_is_gate(STEP_BUILD));
	/* They are carried out in their order, one by one. */
	assert_false(step_is_parallel(&one, &other));
	assert_true(step_value_equal(STEP_FILE, file, later));
	assert_false(step_value_equal(STEP_FILE, file, "absent"));
	assert_false(step_value_equal(STEP_BUILD, "stale", "built"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(line_comes_back),
		cmocka_unit_test(line_is_taken_apart),
		cmocka_unit_test(other_lines_are_refused),
		cmocka_unit_test(every_kind_has_a_name),
		cmocka_unit_test(parallel_is_same_kind_other_target),
		cmocka_unit_test(some_kinds_go_one_by_one),
		cmocka_unit_test(a_home_driver_is_not_unbound_for_its_override),
		cmocka_unit_test(what_follows_a_comma_is_no_difference),
		cmocka_unit_test(gates_may_always_begin),
		cmocka_unit_test(other_cells_begin_where_the_plan_found_them),
		cmocka_unit_test(a_unit_may_be_stopping_along),
		cmocka_unit_test(their_undo_follows_the_same_rules),
		cmocka_unit_test(at_home_is_any_earlier_before),
		cmocka_unit_test(ours_is_undone),
		cmocka_unit_test(foreign_is_left),
		cmocka_unit_test(steps_of_set_ups_are_no_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
