// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Questions that a child asks: answers of any length, halves of them, and no answer.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/worker-ask.h"

#define LONG_ANSWER (3 * 1024 * 1024)

static int answer_long(void *data, int answer, struct error *err)
{
	auto_free char *text = xcalloc(1, LONG_ANSWER);

	memset(text, *(const char *)data, LONG_ANSWER);
	return worker_answer(answer, text, LONG_ANSWER, err);
}

static void an_answer_may_be_long(void **state)
{
	char letter = 'x';
	const struct worker_question question = {
		.ask = answer_long, .data = &letter, .timeout_ms = 20000};
	auto_free char *answer = NULL;
	size_t length = 0;

	(void)state;
	assert_int_equal(worker_ask(&question, &answer, &length, NULL), 0);
	assert_int_equal(length, LONG_ANSWER);
	assert_int_equal(strspn(answer, "x"), LONG_ANSWER);
}

static int answer_nothing(void *data, int answer, struct error *err)
{
	(void)data;
	(void)answer;
	(void)err;
	return 0;
}

static void nothing_is_an_answer(void **state)
{
	const struct worker_question question = {.ask = answer_nothing, .timeout_ms = 20000};
	auto_free char *answer = NULL;

	(void)state;
	assert_int_equal(worker_ask(&question, &answer, NULL, NULL), 0);
	assert_string_equal(answer, "");
}

static int answer_half(void *data, int answer, struct error *err)
{
	int ret = worker_answer(answer, "half", 4, err);

	if (data && ret == 0)
		return error_set(err, ENOENT, "the other half is gone");
	poll(NULL, 0, 60000);
	return ret;
}

static void half_an_answer_counts_and_its_child_is_killed(void **state)
{
	const struct worker_question question = {.ask = answer_half, .timeout_ms = 300};
	auto_free char *answer = NULL;
	struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(worker_ask(&question, &answer, NULL, &err), -ETIMEDOUT);
	assert_int_equal(err.code, ETIMEDOUT);
	assert_string_equal(answer, "half");
}

static void an_error_comes_back_with_its_words(void **state)
{
	char fails = 1;
	const struct worker_question question = {
		.ask = answer_half, .data = &fails, .timeout_ms = 20000};
	auto_free char *answer = NULL;
	struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(worker_ask(&question, &answer, NULL, &err), -ENOENT);
	assert_string_equal(err.text, "the other half is gone");
	assert_string_equal(answer, "half");
}

static int die(void *data, int answer, struct error *err)
{
	(void)data;
	(void)answer;
	(void)err;
	raise(SIGKILL);
	return 0;
}

static void a_child_that_dies_has_not_answered(void **state)
{
	const struct worker_question question = {.ask = die, .timeout_ms = 20000};
	auto_free char *answer = NULL;

	(void)state;
	assert_int_equal(worker_ask(&question, &answer, NULL, NULL), -ECHILD);
	assert_string_equal(answer, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_may_be_long),
		cmocka_unit_test(nothing_is_an_answer),
		cmocka_unit_test(half_an_answer_counts_and_its_child_is_killed),
		cmocka_unit_test(an_error_comes_back_with_its_words),
		cmocka_unit_test(a_child_that_dies_has_not_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
