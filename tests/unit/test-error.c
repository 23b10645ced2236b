// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Errors: code and text together, inner text first, nothing written past the end.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <string.h>

#include "base/error.h"

static void set_returns_the_negative_code(void **state)
{
	struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(error_set(&err, EIO, "read %s", "x"), -EIO);
	assert_int_equal(err.code, EIO);
	assert_string_equal(err.text, "read x");
}

static void errno_text_stands_last(void **state)
{
	struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(error_errno(&err, ENOENT, "open %d", 7), -ENOENT);
	assert_string_equal(err.text, "open 7: No such file or directory");
}

static void wrap_puts_context_in_front(void **state)
{
	struct error err = ERROR_INIT;

	(void)state;
	error_errno(&err, EACCES, "write driver_override");
	assert_int_equal(error_wrap(&err, "bind %s", "0000:01:00.0"), -EACCES);
	assert_int_equal(error_wrap(&err, "lend"), -EACCES);
	assert_string_equal(err.text,
			    "lend: bind 0000:01:00.0: write driver_override: Permission denied");
}

static void null_is_allowed(void **state)
{
	(void)state;
	assert_int_equal(error_set(NULL, EIO, "%s", "x"), -EIO);
	assert_int_equal(error_errno(NULL, EIO, "%s", "x"), -EIO);
}

static void long_texts_are_cut(void **state)
{
	char longer[ERROR_TEXT_MAX * 2];
	struct error err = ERROR_INIT;

	(void)state;
	memset(longer, 'a', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	error_set(&err, EIO, "%s", longer);
	assert_int_equal(strlen(err.text), ERROR_TEXT_MAX - 1);
	error_errno(&err, EIO, "%s", longer);
	assert_int_equal(strlen(err.text), ERROR_TEXT_MAX - 1);
	error_wrap(&err, "%s", longer);
	assert_int_equal(strlen(err.text), ERROR_TEXT_MAX - 1);
	error_set(&err, EIO, "end");
	error_wrap(&err, "%.*s", ERROR_TEXT_MAX - 4, longer);
	assert_int_equal(strlen(err.text), ERROR_TEXT_MAX - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_returns_the_negative_code),
		cmocka_unit_test(errno_text_stands_last),
		cmocka_unit_test(wrap_puts_context_in_front),
		cmocka_unit_test(null_is_allowed),
		cmocka_unit_test(long_texts_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
