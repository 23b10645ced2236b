// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Libraries that are not there, or not what they were.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <string.h>

#include "base/library.h"

static void what_is_there_is_opened(void **state)
{
	size_t (*length)(const char *) = NULL;
	const struct library_symbol symbols[] = {{"strlen", &length}};
	void *handle = NULL;
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(library_open("libc.so.6", "libc", symbols, 1, &handle, &err), &err);
	assert_int_equal(length("four"), 4);
	library_close(&handle);
	assert_null(handle);
}

static void what_is_gone_is_named(void **state)
{
	void *handle = NULL;
	struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(library_open("libnone.so.0", "libnone", NULL, 0, &handle, &err), -ELIBACC);
	assert_contains(err.text, "libnone cannot be opened");
	assert_contains(err.text, "libnone.so.0");
	assert_null(handle);
}

/* A function that is called all the same would be at address 0. */
static void what_lacks_a_function_is_not_opened(void **state)
{
	size_t (*length)(const char *) = NULL;
	void (*other)(void) = NULL;
	const struct library_symbol symbols[] = {{"strlen", &length}, {"no_such_function", &other}};
	void *handle = NULL;
	struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(library_open("libc.so.6", "libc", symbols, 2, &handle, &err), -ELIBACC);
	assert_contains(err.text, "it lacks no_such_function");
	assert_null(handle);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_there_is_opened),
		cmocka_unit_test(what_is_gone_is_named),
		cmocka_unit_test(what_lacks_a_function_is_not_opened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
