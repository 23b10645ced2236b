// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What of a script's output gets into the log, however it comes and however much it is.
 */
#include "tests/host/check.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "hook/script-lines.h"

static struct text seen;

static void see(void *data, const char *line)
{
	(void)data;
	text_printf(&seen, "[%s]", line);
}

static int setup(void **state)
{
	(void)state;
	text_done(&seen);
	seen = (struct text)TEXT_INIT;
	text_append(&seen, "", 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	text_done(&seen);
	return 0;
}

static void add(struct script_lines *lines, const char *data)
{
	script_lines_add(lines, data, strlen(data));
}

static void assert_last(const struct script_lines *lines, const char *expected)
{
	auto_free char *last = script_lines_last(lines);

	assert_string_equal(last, expected);
}

static void lines(void **state)
{
	struct script_lines lines = {.line = see};

	(void)state;
	assert_null(script_lines_last(&lines));
	add(&lines, "one\ntw");
	assert_string_equal(seen.data, "[one]");
	add(&lines, "o\r\n\n\n");
	assert_string_equal(seen.data, "[one][two]");
	add(&lines, "three");
	assert_last(&lines, "two");
	script_lines_end(&lines);
	assert_string_equal(seen.data, "[one][two][three]");
	assert_last(&lines, "three");
	script_lines_end(&lines);
	assert_string_equal(seen.data, "[one][two][three]");
}

static void control_characters(void **state)
{
	struct script_lines lines = {.line = see};

	(void)state;
	script_lines_add(&lines, "a\x1b[31m\tb\0c\xff\n", 12);
	assert_string_equal(seen.data, "[a\\x1b[31m\\x09b?c\\xff]");
}

static void long_line(void **state)
{
	struct script_lines lines = {.line = see};
	char long_line[SCRIPT_LINE_MAX + 500];

	(void)state;
	memset(long_line, 'x', sizeof(long_line));
	script_lines_add(&lines, long_line, SCRIPT_LINE_MAX);
	add(&lines, "\n");
	assert_int_equal(seen.length, SCRIPT_LINE_MAX + 2);
	script_lines_add(&lines, long_line, sizeof(long_line));
	add(&lines, "\nshort\n");
	assert_int_equal(seen.length, 2 * (SCRIPT_LINE_MAX + 2) + 3 + strlen("[short]"));
	assert_contains(seen.data, "xxx...][short]");
}

static void too_many_lines(void **state)
{
	struct script_lines lines = {.line = see};

	(void)state;
	for (int i = 0; i < SCRIPT_LINES_MAX; i++)
		add(&lines, "x\n");
	assert_int_equal(seen.length, 3 * SCRIPT_LINES_MAX);
	add(&lines, "more\n");
	add(&lines, "and more\n");
	assert_string_equal(seen.data + 3 * (size_t)SCRIPT_LINES_MAX,
			    "[(it writes too much: the rest is not logged)]");
	assert_last(&lines, "and more");
}

#define seeing(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		seeing(lines),
		seeing(control_characters),
		seeing(long_line),
		seeing(too_many_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
