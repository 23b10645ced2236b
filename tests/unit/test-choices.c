// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The multi-boot rule in its nine examples (hostdevctl-generate(8) has them), and around them; and
 * which kernels get entries.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "generator/choices.h"

/*
 * "g12 g15! v1 v2! d3": groups by number, v with graphics, d with graphics that are no screen; with
 * a "!" it stays with the host.
 */
static size_t read_groups(const char *text, struct choice_group *groups)
{
	auto_free char *copy = xstrdup(text);
	char *at = copy, *word;
	size_t count = 0;

	while ((word = strsep(&at, " ")))
		if (*word)
			groups[count++] = (struct choice_group){.id = strtoul(word + 1, NULL, 10),
								.video = *word != 'g',
								.screen = *word == 'v',
								.selected = !strchr(word, '!')};
	return count;
}

/* "{1} -> 2,20; {} -> 1,2,20": what is kept, and what is reserved. */
static void print_choices(const struct choices *choices, const struct choice_group *groups,
			  struct text *out)
{
	text_append(out, "", 0);
	for (size_t i = 0; i < choices->count; i++) {
		const struct choice *choice = &choices->items[i];

		text_printf(out, "%s{", i > 0 ? "; " : "");
		if (choice->keeps_any)
			text_printf(out, "%zu", groups[choice->kept].id);
		text_printf(out, "} -> ");
		for (size_t j = 0; j < choice->reserved_count; j++)
			text_printf(out, "%s%zu", j > 0 ? "," : "", groups[choice->reserved[j]].id);
	}
}

static size_t check(const char *text, const struct choice_wishes *wishes, const char *expected)
{
	struct choice_group groups[16];
	size_t count = read_groups(text, groups);
	auto_choices struct choices choices = {0};
	auto_text struct text out = TEXT_INIT;

	choices_make(groups, count, wishes, &choices);
	print_choices(&choices, groups, &out);
	assert_text(out.data, expected);
	assert_int_equal(choices.none != NULL, choices.count == 0);
	return choices.count;
}

static void the_nine_examples(void **state)
{
	static const struct {
		const char *groups;
		size_t kernels;
		const char *choices;
		size_t entries;
	} examples[] = {
		{"g12 g15", 2, "{} -> 12,15", 2},
		{"v1 g20", 1, "{1} -> 20", 1},
		{"v0! v1", 3, "{} -> 1", 3},
		{"v14 v16 g20", 2, "{14} -> 16,20; {16} -> 14,20", 4},
		{"v1 v2 v3", 2, "{1} -> 2,3; {2} -> 1,3; {3} -> 1,2", 6},
		{"v0! v1 v2 g20", 1, "{} -> 1,2,20; {1} -> 2,20; {2} -> 1,20", 3},
		{"v5", 3, "", 0},
		{"v0! v5", 3, "{} -> 5", 3},
		{"v1 v2", 1, "{1} -> 2; {2} -> 1", 2},
	};
	const struct choice_wishes none = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(examples) / sizeof(*examples); i++) {
		const struct kernel_ranks all = {.all = true};
		size_t choices = check(examples[i].groups, &none, examples[i].choices);

		assert_int_equal(choices * kernel_ranks_count(&all, examples[i].kernels),
				 examples[i].entries);
	}
	/* Of the second without its USB controller, as of the seventh, it is told why. */
	check("v1", &none, "");
}

static void groups_that_stay_are_in_no_choice(void **state)
{
	const struct choice_wishes none = {0};

	(void)state;
	check("g20! v1 g21! v2", &none, "{1} -> 2; {2} -> 1");
	check("v0! g20! v1", &none, "{} -> 1");
	check("v0! g20", &none, "{} -> 20");
}

static void without_a_screen_only_when_it_is_asked_for(void **state)
{
	const struct choice_wishes headless = {.headless = true};

	(void)state;
	check("v1", &headless, "{} -> 1");
	check("v5", &headless, "{} -> 5");
	check("v1 g20", &headless, "{} -> 1,20; {1} -> 20");
	check("v1 v2", &headless, "{} -> 1,2; {1} -> 2; {2} -> 1");
	check("v0! v1", &headless, "{} -> 1");
	check("g20", &headless, "{} -> 20");
}

static void not_all_at_once_where_that_is_not_wanted(void **state)
{
	const struct choice_wishes no_all = {.no_all = true};
	const struct choice_wishes both = {.no_all = true, .headless = true};

	(void)state;
	check("v0! v1 v2 g20", &no_all, "{1} -> 2,20; {2} -> 1,20");
	/* The only one there is. */
	check("v0! v1", &no_all, "{} -> 1");
	check("v0! g20", &no_all, "{} -> 20");
	check("g20", &no_all, "{} -> 20");
	check("v1 v2", &both, "{} -> 1,2; {1} -> 2; {2} -> 1");
}

/* Accelerators, a laptop's second card, what somebody else has reserved: nothing shows on them. */
static void cards_without_a_screen(void **state)
{
	const struct choice_wishes none = {0}, headless = {.headless = true};

	(void)state;
	check("v0 d1!", &none, "");
	check("v0 d1", &none, "{0} -> 1");
	check("v0 d1", &headless, "{} -> 0,1; {0} -> 1");
	check("v0 v1 d2!", &none, "{0} -> 1; {1} -> 0");
	check("v0! d1 d2", &none, "{} -> 1,2; {1} -> 2; {2} -> 1");
	/* Where there was none before, none is lost. */
	check("d1", &none, "{} -> 1");
	check("d1 d2 g3", &none, "{} -> 1,2,3; {1} -> 2,3; {2} -> 1,3");
}

static void why_there_is_none(void **state)
{
	static const struct {
		const char *groups, *why;
	} cases[] = {
		{"", "no group is left of what the options select"},
		{"v0! g1!", "no group is left of what the options select"},
		{"v1", "the host would keep no screen"},
		{"v1 g20!", "the host would keep no screen"},
		{"v1 d2!", "the host would keep no screen"},
	};
	const struct choice_wishes none = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct choice_group groups[4];
		auto_choices struct choices choices = {0};

		choices_make(groups, read_groups(cases[i].groups, groups), &none, &choices);
		assert_int_equal(choices.count, 0);
		assert_contains(choices.none, cases[i].why);
	}
}

/* --- kernels --- */

static void kernels_by_number_or_by_rank(void **state)
{
	static const struct {
		const char *text, *ranks; /* of six kernels */
	} cases[] = {
		{"1", "1"},      {"3", "123"},      {"0", "123456"}, {"000", "123456"},
		{"9", "123456"}, {"007", "123456"}, {"1,3", "13"},   {"3,1", "13"},
		{"2,2", "2"},    {"1,03", "13"},    {"7,8", ""},     {"6,5,4,3,2,1", "123456"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct error err = ERROR_INIT;
		struct kernel_ranks ranks;
		char found[8] = "";

		assert_ok(kernel_ranks_parse(cases[i].text, &ranks, &err), &err);
		for (size_t rank = 1; rank <= 6; rank++)
			if (kernel_ranks_has(&ranks, rank))
				found[strlen(found)] = (char)('0' + rank);
		assert_text(found, cases[i].ranks);
		assert_int_equal(kernel_ranks_count(&ranks, 6), strlen(found));
	}
}

static void what_names_no_kernels(void **state)
{
	static const char *const wrong[] = {"",    ",",   "1,",   ",1",     "1,,2", "0,1",
					    "1,0", "-1",  "+1",   " 1",     "1 ",   "1, 2",
					    "one", "1-3", "1000", "1,1000", "0x1",  "1;2"};
	auto_text struct text many = TEXT_INIT;
	struct kernel_ranks ranks = {.newest = 7};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct error err = ERROR_INIT;

		assert_int_equal(kernel_ranks_parse(wrong[i], &ranks, &err), -EINVAL);
		assert_contains(err.text, "names no kernels");
	}
	for (int i = 1; i <= 65; i++)
		text_printf(&many, "%s%d", i > 1 ? "," : "", i);
	assert_int_equal(kernel_ranks_parse(many.data, &ranks, NULL), -EINVAL);
	assert_int_equal(ranks.newest, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_nine_examples),
		cmocka_unit_test(groups_that_stay_are_in_no_choice),
		cmocka_unit_test(without_a_screen_only_when_it_is_asked_for),
		cmocka_unit_test(not_all_at_once_where_that_is_not_wanted),
		cmocka_unit_test(cards_without_a_screen),
		cmocka_unit_test(why_there_is_none),
		cmocka_unit_test(kernels_by_number_or_by_rank),
		cmocka_unit_test(what_names_no_kernels),
	};

	return cmocka_run_group_tests_name("choices", tests, NULL, NULL);
}
