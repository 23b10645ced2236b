// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The journal's lines of what an admin lends by hand: before a guest starts, and while it runs.
 */
#include "tests/host/check.h"

#include <string.h>

#include "base/cleanup.h"
#include "model/journal.h"

#define BOOT "0d9e2c1e-5b7a-4f0e-9d55-6a1f3c2b4e10"
#define UUID "4dea22b3-1d52-48f3-a516-782e98ab3fa0"
#define HEAD "hostdev-hook journal 1\nboot " BOOT "\nguest win11\nuuid " UUID "\n"
#define STEP "step driver 0000:01:00.0 nvidia -> none,override=vfio-pci # device of win11\n"

static int parse(const char *text, struct journal *journal, struct error *err)
{
	return journal_parse(text, strlen(text), journal, err);
}

static void what_is_lent_by_hand_stays_until_it_is_taken_over(void **state)
{
	static const struct {
		const char *lines;
		bool by_hand, stays;
	} given[] = {
		{"", false, false},
		{"by-hand\n", true, false},
		{"by-hand\nlent\n", true, true},
		{"by-hand\nlent\nreturning\n", true, false},
		{"by-hand\nlent\ntaken-over\n", false, false},
		{"lent\nby-hand +by=user\n", true, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++) {
		auto_free char *text = xasprintf(HEAD STEP "%s", given[i].lines);
		auto_journal struct journal journal = {0}, again = {0};
		auto_text struct text written = TEXT_INIT;
		struct error err = ERROR_INIT;

		assert_ok(parse(text, &journal, &err), &err);
		assert_int_equal(journal.by_hand, given[i].by_hand);
		assert_int_equal(journal_stays_by_hand(&journal), given[i].stays);
		journal_format(&journal, &written);
		assert_ok(parse(written.data, &again, &err), &err);
		assert_int_equal(again.by_hand, given[i].by_hand);
		journal_keep_rest(&again);
		assert_false(again.by_hand);
	}
}

static void what_is_undone_of_a_plug_does_not_end_the_run(void **state)
{
	static const struct {
		const char *lines;
		bool returning, plugging, plugged;
	} given[] = {
		{"done 1\nlent\nplug-from 2\nplug 0000:03:00.0\n", false, true, true},
		{"done 1\nlent\nplug-from 2\nplug 0000:03:00.0\nplug-done\n", false, false, true},
		{"done 1\nlent\nplug-from 2\nplug 0000:03:00.0\nundone 2\n", false, true, true},
		{"done 1\nlent\nplug-from 2\nplug 0000:03:00.0\nundone 1\n", true, true, true},
		{"done 1\nlent\nplug 0000:03:00.0\nplug-from 3\ndetached 0000:03:00.0\n", false,
		 true, false},
	};
	struct pci_addr addr = {0, 3, 0, 0};

	(void)state;
	for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++) {
		auto_free char *text = xasprintf(HEAD STEP STEP "%s", given[i].lines);
		auto_journal struct journal journal = {0}, again = {0};
		auto_text struct text written = TEXT_INIT, twice = TEXT_INIT;
		struct error err = ERROR_INIT;

		assert_ok(parse(text, &journal, &err), &err);
		assert_int_equal(journal.returning, given[i].returning);
		assert_int_equal(journal.plugging, given[i].plugging);
		assert_int_equal(journal_is_plugged(&journal, &addr), given[i].plugged);
		journal_format(&journal, &written);
		assert_ok(parse(written.data, &again, &err), &err);
		journal_format(&again, &twice);
		assert_string_equal(twice.data, written.data);
	}
}

static void a_run_that_goes_on_keeps_what_it_has(void **state)
{
	static const char text[] =
		HEAD "claim 0000:01:00.0\nclaim 0000:03:00.0\n"
		     "device 0000:01:00.0 10de:2204:0000:0000 class=030000\n"
		     "device 0000:03:00.0 8086:10d3:0000:0000 class=020000\n" STEP
		     "step driver 0000:03:00.0 e1000e -> none,override=vfio-pci # lent by hand\n"
		     "detached 0000:03:00.0\nplug-from 2\nplug 0000:03:00.0\ndone 1\nundone 2\n"
		     "plug-done\nlent\n";
	auto_journal struct journal journal = {0};
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(parse(text, &journal, &err), &err);
	assert_false(journal.returning);
	journal_keep_running(&journal);
	assert_true(journal.lent);
	assert_int_equal(journal.claim_count, 1);
	assert_int_equal(journal.devices.count, 1);
	assert_int_equal(journal.step_count, 1);
	assert_int_equal(journal.detached_count, 0);
	assert_int_equal(journal.plug_count, 0);
	assert_int_equal(journal.plug_from, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_lent_by_hand_stays_until_it_is_taken_over),
		cmocka_unit_test(what_is_undone_of_a_plug_does_not_end_the_run),
		cmocka_unit_test(a_run_that_goes_on_keeps_what_it_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
