// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What libvirt's operations mean to us, spelled out a second time: a changed row must be meant.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "hook/operation.h"

static void expect(const char *name, const char *suboperation, enum operation_wake wake,
		   enum operation_work work, enum operation_scripts scripts, int failure)
{
	const struct operation *operation = operation_find(name, suboperation);

	assert_non_null(operation);
	assert_string_equal(operation->name, name);
	assert_string_equal(operation->suboperation, suboperation);
	assert_int_equal(operation->wake, wake);
	assert_int_equal(operation->work, work);
	assert_int_equal(operation->scripts, scripts);
	assert_int_equal(operation_failure(operation), failure);
}

static void operations_with_work(void **state)
{
	(void)state;
	expect("prepare", "begin", OP_WORDS, WORK_LEND, SCRIPTS_BEFORE, 1);
	expect("start", "begin", OP_NEWCOMERS, WORK_CLAIM, SCRIPTS_AFTER, 1);
	expect("release", "end", OP_JOURNAL, WORK_RETURN, SCRIPTS_LOGGED, 1);
	expect("reconnect", "begin", OP_WORDS, WORK_ADOPT, SCRIPTS_LOGGED, 0);
}

static void operations_without_work_never_fail(void **state)
{
	(void)state;
	expect("started", "begin", OP_SCRIPTS, WORK_NOTHING, SCRIPTS_AFTER, 0);
	expect("stopped", "end", OP_SCRIPTS, WORK_NOTHING, SCRIPTS_LOGGED, 0);
	expect("attach", "begin", OP_SCRIPTS, WORK_NOTHING, SCRIPTS_LOGGED, 0);
}

/* What libvirt 11.3 makes of a refusal there is a loss. */
static void operations_with_filters(void **state)
{
	(void)state;
	expect("migrate", "begin", OP_SCRIPTS, WORK_NOTHING, SCRIPTS_FILTER, 0);
	expect("restore", "begin", OP_SCRIPTS, WORK_NOTHING, SCRIPTS_FILTER, 0);
}

/* Where only the daemon's log would see it, a user must not be told that a guest did not start. */
static void refusals_are_of_starts_only(void **state)
{
	(void)state;
	assert_int_equal(operation_find("prepare", "begin")->answer, ANSWER_REFUSES);
	assert_int_equal(operation_find("start", "begin")->answer, ANSWER_REFUSES);
	assert_int_equal(operation_find("release", "end")->answer, ANSWER_LOGGED);
}

static void unknown_operations(void **state)
{
	static const char *const unknown[][2] = {
		{"frobnicate", "begin"},
		{"", ""},
		{"-", "-"},
		{"prepare", "end"},
		{"prepare", "-"},
		{"prepare", ""},
		{"release", "begin"},
		{"stopped", "begin"},
		{"start", "end"},
		{"PREPARE", "begin"},
		{"prepare ", "begin"},
		{"prepar", "begin"},
		{"started", "end"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
		assert_null(operation_find(unknown[i][0], unknown[i][1]));
	assert_int_equal(operation_failure(NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(operations_with_work),
		cmocka_unit_test(operations_without_work_never_fail),
		cmocka_unit_test(operations_with_filters),
		cmocka_unit_test(refusals_are_of_starts_only),
		cmocka_unit_test(unknown_operations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
