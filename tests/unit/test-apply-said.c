// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which line of what a program has printed stands behind the error.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <string.h>

#include "actions/setup/apply.h"
#include "base/cleanup.h"

static void check(int (*said)(int result, const struct text *said, struct error *err),
		  const char *printed, const char *wanted)
{
	auto_text struct text text = TEXT_INIT;
	struct error err = {.code = EIO, .text = "sh"};

	if (printed)
		text_append(&text, printed, strlen(printed));
	assert_int_equal(said(0, &text, &err), 0);
	assert_string_equal(err.text, "sh");
	assert_int_equal(said(-EIO, &text, NULL), -EIO);
	assert_int_equal(said(-EIO, &text, &err), -EIO);
	assert_int_equal(err.code, EIO);
	assert_string_equal(err.text, wanted);
}

static void a_line_goes_behind_the_error(void **state)
{
	(void)state;
	check(apply_said_first, "one\ntwo\n", "sh: one");
	check(apply_said_first, "one", "sh: one");
	check(apply_said_last, "one\ntwo\n\n \t\r\n", "sh: two");
	check(apply_said_last, "one", "sh: one");
	check(apply_said_last, "one\n\033[31mred\n", "sh: \\x1b[31mred");
}

static void nothing_said_is_nothing_added(void **state)
{
	(void)state;
	check(apply_said_first, NULL, "sh");
	check(apply_said_last, NULL, "sh");
	check(apply_said_first, "\ntwo\n", "sh");
	check(apply_said_last, " \n\n", "sh");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_goes_behind_the_error),
		cmocka_unit_test(nothing_said_is_nothing_added),
	};

	return cmocka_run_group_tests_name("apply-said", tests, NULL, NULL);
}
