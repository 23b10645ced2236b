// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The journal's text: whatever journal is written is the one that is read, and whatever is not
 * exactly a journal is refused with the line that shows it.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
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

static void the_whole_is_read(void **state)
{
	static const char text[] = HEAD "claim 0000:01:00.0\nclaim 10000:e1:00.1\n"
					"step module vfio-pci absent -> loaded # VFIO driver\n" STEP
					"begun 1\ndone 1\nbegun 2\n";
	auto_journal struct journal journal = {0};
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(parse(text, &journal, &err), &err);
	assert_string_equal(journal.boot_id, BOOT);
	assert_string_equal(journal.guest, "win11");
	assert_string_equal(journal.uuid, UUID);
	assert_int_equal(journal.claim_count, 2);
	assert_string_equal(ADDR(&journal.claims[1]), "10000:e1:00.1");
	assert_int_equal(journal.step_count, 2);
	assert_int_equal(journal.steps[0].kind, STEP_MODULE);
	assert_string_equal(journal.steps[1].after, "none,override=vfio-pci");
	assert_int_equal(journal.marks[0], MARK_DONE);
	assert_int_equal(journal.marks[1], MARK_BEGUN);
}

static void the_last_mark_counts(void **state)
{
	auto_journal struct journal journal = {0};
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(parse(HEAD STEP "begun 1\ndone 1\nundone 1\n", &journal, &err), &err);
	assert_int_equal(journal.marks[0], MARK_UNDONE);
	assert_true(journal_is_settled(&journal));
}

static void settled_is_nothing_begun_and_nothing_done(void **state)
{
	static const enum journal_mark marks[] = {MARK_PLANNED, MARK_BEGUN,  MARK_DONE,
						  MARK_SKIPPED, MARK_UNDONE, MARK_IN_FLIGHT};
	static const bool settled[] = {true, false, false, true, true, false};
	static const struct journal_process worker = {812, 18446744073709551615U};

	(void)state;
	for (size_t i = 0; i < MARKS; i++) {
		auto_journal struct journal journal = {0};
		auto_text struct text text = TEXT_INIT;
		struct error err = ERROR_INIT;

		text_printf(&text, HEAD STEP STEP);
		if (marks[i] == MARK_IN_FLIGHT)
			journal_format_in_flight(1, &worker, &text);
		else if (marks[i] != MARK_PLANNED)
			journal_format_mark(marks[i], 1, &text);
		assert_ok(parse(text.data, &journal, &err), &err);
		assert_int_equal(journal.marks[1], marks[i]);
		if (marks[i] == MARK_IN_FLIGHT) {
			assert_int_equal(journal.workers[1].pid, worker.pid);
			assert_int_equal(journal.workers[1].start_time, worker.start_time);
		}
		assert_int_equal(journal_is_settled(&journal), settled[i]);
	}
}

/* On the way there all that is claimed; on the way back what is not home yet. */
static void what_is_home_is_held_no_more(void **state)
{
	static const char text[] =
		HEAD "claim 0000:01:00.0\nclaim 0000:02:00.0\n"
		     "step unit a.service active -> inactive # holds it\n" STEP STEP;
	static const struct {
		const char *marks;
		bool holds, holds_other; /* the other has no step */
	} given[] = {
		{"", true, true},
		{"done 1\nbegun 2\n", true, true},
		{"done 1\nskipped 2\nskipped 3\n", true, true},
		{"done 1\ndone 2\ndone 3\nundone 3\n", true, false},
		{"done 1\ndone 2\nbegun 3\nundone 2\n", true, false},
		{"done 1\ndone 2\ndone 3\nundone 2\nundone 3\n", false, false},
		{"done 1\nin-flight 2 812 1\nundone 1\n", true, false},
		{"skipped 1\nskipped 2\nskipped 3\nlent\nreturning\n", false, false},
	};
	struct pci_addr addr = {0, 1, 0, 0}, other = {0, 2, 0, 0};

	(void)state;
	for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++) {
		auto_free char *whole = xasprintf("%s%s", text, given[i].marks);
		auto_journal struct journal journal = {0};
		struct error err = ERROR_INIT;

		assert_ok(parse(whole, &journal, &err), &err);
		assert_int_equal(journal_holds(&journal, &addr), given[i].holds);
		assert_int_equal(journal_holds(&journal, &other), given[i].holds_other);
	}
}

static void an_unfinished_last_line_is_ignored(void **state)
{
	static const char text[] = HEAD STEP "begun 1\ndone 1\n";
	size_t length = sizeof(text) - 1, head = strlen(HEAD);

	(void)state;
	for (size_t cut = 0; cut <= length; cut++) {
		auto_journal struct journal journal = {0};
		struct error err = ERROR_INIT;
		int ret = journal_parse(text, cut, &journal, &err);

		assert_int_equal(ret, cut < head ? -EBADMSG : 0);
		if (ret < 0)
			continue;
		assert_int_equal(journal.step_count, cut >= head + strlen(STEP));
		if (cut == length)
			assert_int_equal(journal.marks[0], MARK_DONE);
		else if (cut >= length - strlen("done 1\n"))
			assert_int_equal(journal.marks[0], MARK_BEGUN);
	}
}

static void what_is_malformed_is_refused_with_its_line(void **state)
{
	static const struct {
		const char *text, *where;
	} rows[] = {
		{"hostdev-hook journal 2\n", "line 1"},
		{"\n", "line 1"},
		{"hostdev-hook journal 1\nboot x\n", "line 2"},
		{"hostdev-hook journal 1\nboot " BOOT "0\n", "line 2"},
		{"hostdev-hook journal 1\nboot " BOOT "\nguests win11\n", "line 3"},
		{"hostdev-hook journal 1\nboot " BOOT "\nguest a\\b\n", "line 3"},
		{"hostdev-hook journal 1\nboot " BOOT "\nguest\n", "line 3"},
		{"hostdev-hook journal 1\nboot " BOOT "\nguest a\nuuid " UUID " \n", "line 4"},
		{"hostdev-hook journal 1\nboot " BOOT "\nguest a\nuuid 4DEA22B3-1D52-48F3-A516-"
		 "782E98AB3FA0\n",
		 "line 4"},
		{HEAD "claim 01:00.0\n", "line 5"},
		{HEAD "claim  0000:01:00.0\n", "line 5"},
		{HEAD "claim 0000:01:00.0 \n", "line 5"},
		{HEAD "claim\n", "line 5"},
		{HEAD "step driver x a -> b\n", "line 5"},
		{HEAD "step service x a -> b # c\n", "line 5"},
		{HEAD "step  driver x a -> b # c\n", "line 5"},
		{HEAD "begun 1\n", "line 5"},
		{HEAD STEP "begun 0\n", "line 6"},
		{HEAD STEP "begun 2\n", "line 6"},
		{HEAD STEP "begun 01\n", "line 6"},
		{HEAD STEP "begun 1 \n", "line 6"},
		{HEAD STEP "begun -1\n", "line 6"},
		{HEAD STEP "begun 18446744073709551617\n", "line 6"},
		{HEAD STEP "begun\n", "line 6"},
		{HEAD STEP "\n", "line 6"},
		{HEAD STEP "# comment\n", "line 6"},
		{HEAD STEP "boot " BOOT "\n", "line 6"},
		{HEAD STEP "in-flight 1\n", "line 6"},
		{HEAD STEP "in-flight 1 812\n", "line 6"},
		{HEAD STEP "in-flight 1 0 5\n", "line 6"},
		{HEAD STEP "in-flight 1 2147483648 5\n", "line 6"},
		{HEAD STEP "in-flight 1 812 18446744073709551616\n", "line 6"},
		{HEAD STEP "in-flight 2 812 5\n", "line 6"},
		{HEAD "caller 812\n", "line 5"},
		{HEAD "caller 812 5 \n", "line 5"},
		{HEAD "lent 1\n", "line 5"},
		{HEAD "lent \n", "line 5"},
		{HEAD "lent returning\n", "line 5"},
		{HEAD "by-hand 1\n", "line 5"},
		{HEAD STEP "plug-from 3\n", "line 6"},
		{HEAD STEP "plug-from 0\n", "line 6"},
		{HEAD STEP "plug-from 1\nplug-from 2\n", "line 7"},
		{HEAD "plug 03:00.0\n", "line 5"},
		{HEAD "taken-over lent\n", "line 5"},
		{HEAD "claim 0000:01:00.0 claim 0000:02:00.0\n", "line 5"},
		{HEAD "claim 0000:01:00.0 by=group\n", "line 5"},
		{HEAD "detached 0000:01:00.0  +by=user\n", "line 5"},
		{HEAD STEP "begun 1 812 5\n", "line 6"},
		{HEAD STEP "begun 1 begun 1\n", "line 6"},
		{HEAD STEP "in-flight 1 812 5 6\n", "line 6"},
		{HEAD "limits unbind-time=10 bind-time=20 reset-time=75 release-time=10 "
		      "script-time=60 total-time=0\n",
		 "line 5"},
		{"", "line 4"},
		{"hostdev-hook journal 1\nboot " BOOT "\nguest a\n", "line 4"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct journal journal = {.step_count = 77};
		struct error err = ERROR_INIT;

		if (parse(rows[i].text, &journal, &err) != -EBADMSG)
			fail_msg("\"%s\" was taken for a journal", rows[i].text);
		assert_contains(err.text, rows[i].where);
		assert_int_equal(journal.step_count, 77);
	}
}

/* A package that was downgraded while a guest ran: it must not lock every guest out. */
static void what_a_later_version_adds_is_passed_over(void **state)
{
	static const char text[] =
		HEAD "limits unbind-time=7 suspend-time=3\ncaller 640 9876 +as=daemon\n"
		     "claim 0000:01:00.0 +by=group\nclaim 0000:02:00.0\n"
		     "device 0000:01:00.0 10de:2204:1458:403b class=030000 +slot=\\x41 +rom=1 "
		     "serial=dsn:1 2\n"
		     "weather fine, -> and warm\n" STEP STEP
		     "begun 1 +at=5\nverified 1 by=reading, and more\n"
		     "done 1 +at=6\nin-flight 2 812 5 +at=7\nlent +at=8\n"
		     "detached 0000:02:00.0 +by=user\nreturning +at=9\n";
	struct limits usual = LIMITS_INIT;
	auto_journal struct journal journal = JOURNAL_INIT;
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(parse(text, &journal, &err), &err);
	assert_int_equal(journal.claim_count, 2);
	assert_int_equal(journal.detached_count, 1);
	assert_int_equal(journal.devices.count, 1);
	assert_string_equal(journal.devices.items[0].serial, "dsn:1 2");
	assert_int_equal(journal.step_count, 2);
	assert_int_equal(journal.marks[0], MARK_DONE);
	assert_int_equal(journal.marks[1], MARK_IN_FLIGHT);
	assert_int_equal(journal.workers[1].pid, 812);
	assert_true(journal.workers[1].start_time == 5);
	assert_int_equal(journal.caller.pid, 640);
	assert_true(journal.lent && journal.returning);
	assert_int_equal(journal.lent_at, 8);
	assert_int_equal(journal.limits.unbind_ms, 7000);
	assert_int_equal(journal.limits.total_ms, usual.total_ms);
}

/* Since when the guest has its devices; an earlier version did not say so. */
static void the_time_of_the_loan_is_read(void **state)
{
	static const struct {
		const char *lines;
		int64_t at;
	} given[] = {
		{"", 0},
		{"lent\n", 0},
		{"lent +at=1764525180\n", 1764525180},
		{"lent +by=hand +at=5 +x=y\n", 5},
		{"lent +by=hand\n", 0},
		{"lent +at=never\n", 0},
		{"lent +at=-5\n", 0},
		{"lent +at=0\n", 0},
		{"lent +at=07\n", 0},
		{"lent +at=99999999999999999999\n", 0},
		{"lent +attic=5\n", 0},
		{"lent +at=5\nlent\n", 5},
		{"lent +at=5\nlent +at=6\n", 6},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++) {
		auto_free char *whole = xasprintf("%s%s", HEAD, given[i].lines);
		auto_journal struct journal journal = {0};
		struct error err = ERROR_INIT;

		assert_ok(parse(whole, &journal, &err), &err);
		assert_int_equal(journal.lent_at, given[i].at);
		assert_int_equal(journal.lent, *given[i].lines != '\0');
	}
}

static void another_version_is_told(void **state)
{
	struct journal journal;
	struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(parse("hostdev-hook journal 2\nanything\n", &journal, &err), -EBADMSG);
	assert_contains(err.text, "another version");
}

/* While its guest runs: the journal of a run that is not over has steps that are undone. */
static void a_detached_device_is_let_go_alone(void **state)
{
	static const char text[] =
		HEAD "claim 0000:01:00.0\nclaim 0000:02:00.0\n"
		     "device 0000:01:00.0 10de:2204:1458:403b class=030000 serial=dsn:1\n"
		     "step driver 0000:01:00.0 e1000e -> none,override=vfio-pci # a\n"
		     "step driver 0000:02:00.0 e1000e -> none,override=vfio-pci # a\n"
		     "begun 1\ndone 1\nbegun 2\ndone 2\nlent\n"
		     "detached 0000:01:00.0\n";
	auto_free char *settled = NULL;
	auto_text struct text written = TEXT_INIT;
	auto_journal struct journal journal = JOURNAL_INIT, again = JOURNAL_INIT;
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(parse(text, &journal, &err), &err);
	assert_int_equal(journal.devices.count, 1);
	assert_true(journal_is_detached(&journal, &journal.claims[0]));
	assert_true(journal_holds(&journal, &journal.claims[0]));
	settled = xasprintf("%sundone 1\n", text);
	assert_ok(parse(settled, &again, &err), &err);
	assert_false(again.returning);
	assert_false(journal_holds(&again, &again.claims[0]));
	assert_true(journal_holds(&again, &again.claims[1]));
	/* A journal that is written anew still knows it. */
	journal_format(&journal, &written);
	assert_contains(written.data, "\ndetached 0000:01:00.0\n");
}

static void a_nul_is_refused(void **state)
{
	static const char text[] = HEAD "claim 0000:01:00.0\0\n";
	struct error err = ERROR_INIT;
	struct journal journal;

	(void)state;
	assert_int_equal(journal_parse(text, sizeof(text) - 1, &journal, &err), -EBADMSG);
	assert_contains(err.text, "line 5");
}

/* --- any journal at all --- */

static char *random_word(void)
{
	char word[24];
	size_t length = 1 + (size_t)rand() % (sizeof(word) - 1);

	for (size_t i = 0; i < length; i++)
		word[i] = (char)('!' + rand() % ('~' - '!' + 1));
	word[length] = '\0';
	return xstrdup(word);
}

/* Free text: guests are named by people, and libvirt lets nearly everything pass. */
static char *random_name(void)
{
	static const char *const odd[] = {"--help",   "..",       "a b",       "\"quoted\"",
					  "it's",     "\\x41",    "new\nline", "tab\there",
					  "\xc3\xa9", "\xff\xfe", "#",         "-> x"};
	char name[20];
	size_t length = 1 + (size_t)rand() % (sizeof(name) - 1);

	if (rand() % 3 == 0)
		return xstrdup(odd[(size_t)rand() % (sizeof(odd) / sizeof(odd[0]))]);
	for (size_t i = 0; i < length; i++)
		name[i] = (char)(1 + rand() % 255);
	name[length] = '\0';
	return xstrdup(name);
}

static struct journal_process random_process(void)
{
	return (struct journal_process){1 + rand() % INT_MAX, 1 + (uint64_t)rand()};
}

static struct journal random_journal(void)
{
	struct journal journal = {.boot_id = BOOT, .uuid = UUID, .guest = random_name()};
	size_t claims = (size_t)rand() % 5, steps = (size_t)rand() % 9;

	for (size_t i = 0; i < claims; i++) {
		journal.claims = array_grow(journal.claims, i, sizeof(*journal.claims));
		journal.claims[journal.claim_count++] =
			(struct pci_addr){(uint32_t)rand(), (uint8_t)rand(), (uint8_t)(rand() % 32),
					  (uint8_t)(rand() % 8)};
	}
	for (size_t i = 0; i < steps; i++) {
		journal.steps = array_grow(journal.steps, i, sizeof(*journal.steps));
		journal.marks = array_grow(journal.marks, i, sizeof(*journal.marks));
		journal.steps[i] =
			(struct step){(enum step_kind)(rand() % STEP_LEND_KINDS), random_word(),
				      random_word(), random_word(), random_name()};
		journal.workers = array_grow(journal.workers, i, sizeof(*journal.workers));
		journal.workers[i] = (struct journal_process){0};
		journal.marks[i] = (enum journal_mark)(rand() % MARKS);
		if (journal.marks[i] == MARK_IN_FLIGHT)
			journal.workers[i] = random_process();
		journal.step_count++;
	}
	for (size_t i = 0; limits_key(i); i++)
		limits_set(&journal.limits, limits_key(i), rand() % 2 ? "7" : "900");
	if (rand() % 2)
		journal.caller = random_process();
	journal.lent = rand() % 2;
	journal.lent_at = journal.lent ? rand() : 0;
	journal.returning = rand() % 2;
	/* As nothing else undoes. */
	for (size_t i = 0; i < journal.step_count; i++)
		journal.returning |= journal.marks[i] == MARK_UNDONE;
	return journal;
}

static void assert_same(const struct journal *a, const struct journal *b)
{
	assert_string_equal(a->boot_id, b->boot_id);
	assert_string_equal(a->guest, b->guest);
	assert_string_equal(a->uuid, b->uuid);
	assert_int_equal(a->claim_count, b->claim_count);
	assert_int_equal(a->step_count, b->step_count);
	assert_memory_equal(&a->limits, &b->limits, sizeof(a->limits));
	assert_int_equal(a->caller.pid, b->caller.pid);
	assert_int_equal(a->caller.start_time, b->caller.start_time);
	assert_int_equal(a->lent, b->lent);
	assert_int_equal(a->lent_at, b->lent_at);
	assert_int_equal(a->returning, b->returning);
	for (size_t i = 0; i < a->claim_count; i++)
		assert_true(pci_addr_equal(&a->claims[i], &b->claims[i]));
	for (size_t i = 0; i < a->step_count; i++) {
		assert_int_equal(a->steps[i].kind, b->steps[i].kind);
		assert_string_equal(a->steps[i].target, b->steps[i].target);
		assert_string_equal(a->steps[i].before, b->steps[i].before);
		assert_string_equal(a->steps[i].after, b->steps[i].after);
		assert_string_equal(a->steps[i].why, b->steps[i].why);
		assert_int_equal(a->marks[i], b->marks[i]);
	}
}

static void what_is_written_is_read(void **state)
{
	(void)state;
	srand(3);
	for (int round = 0; round < 1000; round++) {
		auto_journal struct journal journal = random_journal(), back = {0};
		auto_text struct text text = TEXT_INIT;
		struct error err = ERROR_INIT;

		journal_format(&journal, &text);
		assert_ok(parse(text.data, &back, &err), &err);
		assert_same(&journal, &back);
	}
}

/* Whatever was taken for a journal would be written the same way, but for the order of its lines.
 */
static void mutations_do_no_harm(void **state)
{
	size_t taken = 0;

	(void)state;
	srand(4);
	for (int round = 0; round < 5000; round++) {
		auto_journal struct journal journal = random_journal(), back = {0}, twin = {0};
		auto_text struct text text = TEXT_INIT, again = TEXT_INIT;
		struct error err = ERROR_INIT;

		journal_format(&journal, &text);
		for (int i = rand() % 4; i >= 0; i--)
			text.data[(size_t)rand() % text.length] = (char)rand();
		if (journal_parse(text.data, text.length, &back, &err) < 0) {
			assert_int_equal(err.code, EBADMSG);
			assert_contains(err.text, "line ");
			continue;
		}
		taken++;
		journal_format(&back, &again);
		assert_ok(parse(again.data, &twin, &err), &err);
		assert_same(&back, &twin);
	}
	assert_uint_in_range(taken, 100, 4900);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_whole_is_read),
		cmocka_unit_test(the_last_mark_counts),
		cmocka_unit_test(settled_is_nothing_begun_and_nothing_done),
		cmocka_unit_test(what_is_home_is_held_no_more),
		cmocka_unit_test(an_unfinished_last_line_is_ignored),
		cmocka_unit_test(what_is_malformed_is_refused_with_its_line),
		cmocka_unit_test(what_a_later_version_adds_is_passed_over),
		cmocka_unit_test(the_time_of_the_loan_is_read),
		cmocka_unit_test(another_version_is_told),
		cmocka_unit_test(a_detached_device_is_let_go_alone),
		cmocka_unit_test(a_nul_is_refused),
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(mutations_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
