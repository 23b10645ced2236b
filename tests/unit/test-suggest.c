// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The word that was meant by a mistyped one.
 */
#include "tests/host/check.h"

#include <string.h>

#include "model/suggest.h"

static const char *const commands[] = {"check", "generate", "guest", "holders", "list",
				       NULL,    "plan",     "set",   "status"};
#define COUNT (sizeof(commands) / sizeof(commands[0]))

static const char *of(const char *word)
{
	return suggest(word, commands, COUNT);
}

static void a_letter_too_few_too_many_or_changed(void **state)
{
	(void)state;
	assert_string_equal(of("chek"), "check");
	assert_string_equal(of("checkk"), "check");
	assert_string_equal(of("chack"), "check");
	assert_string_equal(of("pla"), "plan");
}

static void two_letters_swapped_are_one_mistake(void **state)
{
	(void)state;
	assert_string_equal(of("lsit"), "list");
	assert_string_equal(of("stauts"), "status");
}

static void upper_and_lower_case_are_alike(void **state)
{
	(void)state;
	assert_string_equal(of("STATUS"), "status");
	assert_string_equal(of("Lsit"), "list");
}

static void the_only_word_with_this_beginning(void **state)
{
	(void)state;
	assert_string_equal(of("ge"), "generate");
	assert_string_equal(of("hold"), "holders");
	assert_null(suggest("st", (const char *const[]){"status", "static-files"}, 2));
}

static void another_word_is_no_mistake(void **state)
{
	(void)state;
	assert_null(of("x"));
	assert_null(of(""));
	assert_null(of("frobnicate"));
	assert_null(of("devices"));
	assert_null(suggest("ab", (const char *const[]){"c"}, 1));
	assert_null(suggest("anything", NULL, 0));
}

static void a_word_of_any_length_is_taken(void **state)
{
	char longest[200];

	(void)state;
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_null(of(longest));
	assert_null(suggest("check", (const char *const[]){longest}, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_letter_too_few_too_many_or_changed),
		cmocka_unit_test(two_letters_swapped_are_one_mistake),
		cmocka_unit_test(upper_and_lower_case_are_alike),
		cmocka_unit_test(the_only_word_with_this_beginning),
		cmocka_unit_test(another_word_is_no_mistake),
		cmocka_unit_test(a_word_of_any_length_is_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
