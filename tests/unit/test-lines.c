// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Our lines are taken out of what somebody has edited since, and nothing else.
 */
#include "tests/host/check.h"

#include <string.h>

#include "base/cleanup.h"
#include "model/lines.h"

static void check(const char *before, const char *after, const char *now, const char *words,
		  const char *expected)
{
	const struct text texts[] = {{.data = (char *)before, .length = strlen(before)},
				     {.data = (char *)after, .length = strlen(after)},
				     {.data = (char *)now, .length = strlen(now)}};
	auto_text struct text out = TEXT_INIT;

	lines_take_out(&texts[0], &texts[1], &texts[2], words, &out);
	assert_text(out.data ? out.data : "", expected);
}

static void our_lines_go_and_theirs_stay(void **state)
{
	(void)state;
	check("a\n", "a\nours\n", "a\nours\ntheirs\n", "", "a\ntheirs\n");
	check("a\n", "a\nours\n", "top\na\nours\n", "", "top\na\n");
	check("a\nb\n", "a\nours\nb\n", "b\nours\n", "", "b\n");
	check("", "ours\n", "ours\ntheirs", "", "theirs");
	check("", "ours\n", "theirs\n", "", "theirs\n");
	check("a\n", "a\nours\n", "", "", "");
}

static void each_as_often_as_it_was_added(void **state)
{
	(void)state;
	check("x\n", "x\nx\n", "x\nx\nx\n", "", "x\nx\n");
	check("", "x\nx\n", "x\ny\nx\nx\n", "", "y\nx\n");
	check("fi\n", "if\nfi\nfi\n", "if\nmore\nfi\nfi\n", "", "more\nfi\n");
}

static void a_last_line_may_lack_its_newline(void **state)
{
	(void)state;
	check("a", "a\nours\n", "a\nours\nb", "", "a\nb");
	check("a\n", "a\nours\n", "a\nours", "", "a\n");
	check("a", "a\nours\n", "a", "", "a");
}

static void lines_that_we_have_taken_away_do_not_come_back(void **state)
{
	(void)state;
	check("a\nold\n", "a\nnew\n", "a\nnew\nb\n", "", "a\nb\n");
}

static void our_words_go_out_of_lines_that_are_neither(void **state)
{
	static const char before[] = "C=\"quiet\"\n",
			  after[] = "C=\"quiet\"\nC=\"$C w=1,2\" # ours\n";

	(void)state;
	check(before, after, "C=\"quiet\"\nC=\"$C w=1,2 more\" # ours\n", "w=1,2",
	      "C=\"quiet\"\nC=\"$C more\" # ours\n");
	check(before, after, "C=\"quiet\"\nC=\"$C more w=1,2\"\n", "w=1,2",
	      "C=\"quiet\"\nC=\"$C more\"\n");
	check(before, after, "C='quiet w=1,2'\nD='w=1,2 quiet'\n", "w=1,2",
	      "C='quiet'\nD='quiet'\n");
	check(before, after, "C=w=1,2\n", "w=1,2", "C=w=1,2\n");
	check(before, after, "w=1,2 more\n", "w=1,2", "more\n");
	check(before, after, "w=1,23\nx \"w=1,2\"", "w=1,2", "w=1,23\nx \"\"");
	/* What stood there before is not ours, whatever it says. */
	check("C=\"a w=1,2\"\n", "C=\"a w=1,2\"\nC=\"$C w=1,2\"\n", "C=\"a w=1,2\"\nmore\n",
	      "w=1,2", "C=\"a w=1,2\"\nmore\n");
}

static void words_are_found_apart_as_well(void **state)
{
	static const char *const cases[][3] = {
		{"w=1 a b", "w=1 a", "b"},
		{"w=1 mine a\n", "w=1 a", "mine\n"},
		{"mine w=1\n", "w=1 a b", "mine\n"},
		{"a mine w=1 x a\n", "w=1 a", "a mine x\n"},
		{"w=12 w=1", "w=1", "w=12"},
		/* Without the first nobody knows whose the others are. */
		{"a b\n", "w=1 a b", "a b\n"},
		{"", "w=1", ""},
		{"w=1", "", "w=1"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		auto_text struct text out = TEXT_INIT;

		text_append(&out, "", 0);
		line_without_words(cases[i][0], strlen(cases[i][0]), cases[i][1], &out);
		assert_string_equal(out.data, cases[i][2]);
	}
}

static void one_line_is_left_out(void **state)
{
	static const char *const cases[][3] = {
		{"a\nb\na\n", "a", "b\n"},     {"a\nb", "a", "b"},           {"b\na", "a", "b\n"},
		{"ab\nba\n", "a", "ab\nba\n"}, {"a\n\nb\n", "", "a\n\nb\n"}, {"", "a", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		auto_text struct text out = TEXT_INIT;

		lines_without(cases[i][0], cases[i][1], "", &out);
		assert_string_equal(out.data, cases[i][2]);
	}
}

static void words_are_taken_out_of_the_other_lines(void **state)
{
	auto_text struct text out = TEXT_INIT;

	(void)state;
	lines_without("w=1 a\nw=1 a mine\nb w=1 a\na\n", "w=1 a", "w=1 a", &out);
	assert_text(out.data, "mine\nb\na\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(our_lines_go_and_theirs_stay),
		cmocka_unit_test(each_as_often_as_it_was_added),
		cmocka_unit_test(a_last_line_may_lack_its_newline),
		cmocka_unit_test(lines_that_we_have_taken_away_do_not_come_back),
		cmocka_unit_test(our_words_go_out_of_lines_that_are_neither),
		cmocka_unit_test(words_are_found_apart_as_well),
		cmocka_unit_test(one_line_is_left_out),
		cmocka_unit_test(words_are_taken_out_of_the_other_lines),
	};

	return cmocka_run_group_tests_name("lines", tests, NULL, NULL);
}
