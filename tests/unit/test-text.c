// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Growing strings and arrays, and the escape that keeps free text on its line.
 */
#include "tests/host/check.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

static void text_grows(void **state)
{
	auto_text struct text text = TEXT_INIT;

	(void)state;
	for (int i = 0; i < 1000; i++)
		text_printf(&text, "%d,", i % 10);
	assert_int_equal(text.length, 2000);
	assert_int_equal(strlen(text.data), 2000);
	text_append(&text, "a\0b", 3);
	assert_int_equal(text.length, 2003);
	assert_memory_equal(text.data + 2000, "a\0b", 4);
	text_done(&text);
	assert_null(text.data);
	text_done(&text);
}

static void equal_knows_null(void **state)
{
	(void)state;
	assert_true(text_equal(NULL, NULL));
	assert_false(text_equal(NULL, ""));
	assert_false(text_equal("", NULL));
	assert_true(text_equal("a", "a"));
	assert_false(text_equal("a", "b"));
	assert_true(text_starts("vfio-pci", "vfio"));
	assert_false(text_starts("vf", "vfio"));
	assert_true(text_starts("", ""));
	assert_null(xstrdup(NULL));
}

static void array_keeps_its_elements(void **state)
{
	size_t *array = NULL;

	(void)state;
	for (size_t count = 0; count < 1000; count++) {
		array = array_grow(array, count, sizeof(*array));
		array[count] = count;
	}
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(array[i], i);
	free(array);
}

static void escape_keeps_one_line(void **state)
{
	auto_free char *escaped = text_escape("a b\n\t\\\x01\x7f\xc3\xa4");

	(void)state;
	assert_string_equal(escaped, "a b\\x0a\\x09\\x5c\\x01\\x7f\xc3\xa4");
}

/* Somebody's process may be called anything, and the line may be read as JSON, or by a terminal. */
static void escape_leaves_valid_characters_only(void **state)
{
	static const struct {
		const char *string, *escaped;
	} cases[] = {
		{"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"},
		{"a\xff"
		 "b\xc3",
		 "a\\xffb\\xc3"},
		/* What turns a line round, and what is like it. */
		{"a\xe2\x80\xae"
		 "b\xe2\x81\xa6\xe2\x80\xa8",
		 "a\\xe2\\x80\\xaeb\\xe2\\x81\\xa6\\xe2\\x80\\xa8"},
		{"\xe2\x80\xa6\xe2\x82\xac", "\xe2\x80\xa6\xe2\x82\xac"},
		{"\xc2\x9b"
		 "1m\xc2\xa0",
		 "\\xc2\\x9b1m\xc2\xa0"},
		{"\xc0\xaf\xe0\x80\xaf", "\\xc0\\xaf\\xe0\\x80\\xaf"},
		{"\xed\xa0\x80\xf4\x90\x80\x80", "\\xed\\xa0\\x80\\xf4\\x90\\x80\\x80"},
		{"\xe2\x82", "\\xe2\\x82"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		auto_free char *escaped = text_escape(cases[i].string), *back = NULL;

		assert_string_equal(escaped, cases[i].escaped);
		assert_true(text_unescape(escaped, strlen(escaped), &back));
		assert_string_equal(back, cases[i].string);
	}
}

static void escape_comes_back(void **state)
{
	(void)state;
	srand(1);
	for (int round = 0; round < 2000; round++) {
		char string[32];
		size_t length = (size_t)rand() % sizeof(string);
		auto_free char *escaped = NULL, *back = NULL;

		for (size_t i = 0; i < length; i++)
			string[i] = (char)(1 + rand() % 255);
		string[length ? length - 1 : 0] = '\0';
		escaped = text_escape(string);
		assert_null(strpbrk(escaped, "\n\r\t"));
		assert_true(text_unescape(escaped, strlen(escaped), &back));
		assert_string_equal(back, string);
	}
}

static void unescape_refuses(void **state)
{
	static const char *const bad[] = {"\\",     "\\x",    "\\x1",   "\\n",    "\\x0g",
					  "a\\x00", "\\xAF0", "\\\\x0", "\\y0a1", "abc\\"};
	char *untouched = (char *)1;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(text_unescape(bad[i], strlen(bad[i]), &untouched));
		assert_ptr_equal(untouched, (char *)1);
	}
}

static void words_for_the_shell(void **state)
{
	static const char *const cases[][2] = {
		{"win11", "win11"},
		{"my vm", "'my vm'"},
		{"it's", "'it'\\''s'"},
		{"$(halt)", "'$(halt)'"},
		{"", "''"},
		{"a\nb", "'a\\x0ab'"},
		{"x\xc2\x9bm", "'x\\xc2\\x9bm'"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		auto_free char *word = text_quote(cases[i][0]);

		assert_string_equal(word, cases[i][1]);
	}
}

static void lines_are_joined(void **state)
{
	char text[] = "one\ntwo\n\nthree\n\n", nothing[] = "", newline[] = "\n";

	(void)state;
	text_join_lines(text);
	assert_string_equal(text, "one two  three");
	text_join_lines(nothing);
	assert_string_equal(nothing, "");
	text_join_lines(newline);
	assert_string_equal(newline, "");
}

static void words_are_found_among_words(void **state)
{
	(void)state;
	assert_true(text_has_word("a bb\tc\n", "bb", 2));
	assert_true(text_has_word("a bb\tc\n", "c", 1));
	assert_true(text_has_word("  a", "a rest", 1));
	assert_false(text_has_word("abb bbc abbc", "bb", 2));
	assert_false(text_has_word("a=b", "a", 1));
	assert_false(text_has_word("", "a", 1));
	assert_false(text_has_word(" ", "", 0));
	assert_false(text_has_word(NULL, "a", 1));
	assert_true(text_has_words("c  b a", " a c "));
	assert_false(text_has_words("c b a", "a d"));
	assert_true(text_has_words("a", ""));
	assert_true(text_has_words(NULL, NULL));
	assert_false(text_has_words(NULL, "a"));
}

static void steal_leaves_null(void **state)
{
	char *text = xasprintf("%s-%d", "a", 1), *stolen = steal(&text);
	int fd = 7;

	(void)state;
	assert_null(text);
	assert_string_equal(stolen, "a-1");
	assert_int_equal(steal_fd(&fd), 7);
	assert_int_equal(fd, -1);
	free(stolen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_grows),
		cmocka_unit_test(equal_knows_null),
		cmocka_unit_test(array_keeps_its_elements),
		cmocka_unit_test(escape_keeps_one_line),
		cmocka_unit_test(escape_leaves_valid_characters_only),
		cmocka_unit_test(escape_comes_back),
		cmocka_unit_test(unescape_refuses),
		cmocka_unit_test(words_for_the_shell),
		cmocka_unit_test(lines_are_joined),
		cmocka_unit_test(words_are_found_among_words),
		cmocka_unit_test(steal_leaves_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
