// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The value of a file's cell, both ways.
 */
#include "tests/host/check.h"

#include <limits.h>
#include <string.h>

#include "model/file.h"

#define DIGEST "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
#define OTHER "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"

static void values_go_there_and_back(void **state)
{
	static const char *const values[] = {
		"absent",
		"directory,0755,0:0",
		"directory,7777,4294967295:1",
		"0644,0:0," DIGEST,
		"0000,1000:100," DIGEST ",mtime=1234567890.000000005",
		"4755,0:0," DIGEST ",xattrs=" OTHER,
		"0644,0:0," DIGEST ",mtime=-1.999999999,xattrs=" OTHER,
		"0644,0:0," DIGEST ",mtime=0.000000000",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
		char text[CELL_VALUE_SIZE];
		struct file_value value;

		assert_true(file_value_parse(values[i], &value));
		file_value_format(&value, text);
		assert_string_equal(text, values[i]);
	}
}

static void the_longest_value_fits(void **state)
{
	struct file_value value = {.type = FILE_REGULAR,
				   .mode = 07777,
				   .uid = UINT_MAX,
				   .gid = UINT_MAX,
				   .digest = DIGEST,
				   .has_mtime = true,
				   .mtime_s = -99999999999999999,
				   .mtime_ns = 999999999,
				   .xattrs = OTHER};
	char text[CELL_VALUE_SIZE];
	struct file_value again;

	(void)state;
	file_value_format(&value, text);
	assert_true(file_value_parse(text, &again));
	assert_true(again.mtime_s == value.mtime_s && again.uid == UINT_MAX);
}

static void anything_else_is_no_value(void **state)
{
	static const char *const rubbish[] = {
		"",
		"absent ",
		"Absent",
		"directory",
		"directory,755,0:0",
		"directory,0755,0:0,",
		"directory,0755,-1:0",
		"directory,0755,4294967296:0",
		"0644,0:0",
		"0644,0:0,",
		"0644,0:0," DIGEST "0",
		"0644,0:0,9f86",
		"0648,0:0," DIGEST,
		"00644,0:0," DIGEST,
		"0644,00:0," DIGEST,
		"0644, 0:0," DIGEST,
		"0644,0:0," DIGEST ",",
		"0644,0:0," DIGEST ",mtime=",
		"0644,0:0," DIGEST ",mtime=1.5",
		"0644,0:0," DIGEST ",mtime=1.1234567890",
		"0644,0:0," DIGEST ",xattrs=" OTHER ",mtime=1.000000000",
		"0644,0:0," DIGEST ",xattrs=",
		"0644,0:0," DIGEST ",xattrs=" OTHER "0",
		"0644,0:0,9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08",
	};
	char large[CELL_VALUE_SIZE * 2];
	struct file_value value = {.mode = 1};

	(void)state;
	for (size_t i = 0; i < sizeof(rubbish) / sizeof(*rubbish); i++) {
		if (file_value_parse(rubbish[i], &value))
			print_error("taken: \"%s\"\n", rubbish[i]);
		assert_false(file_value_parse(rubbish[i], &value));
	}
	memset(large, '0', sizeof(large));
	large[sizeof(large) - 1] = '\0';
	assert_false(file_value_parse(large, &value));
	assert_int_equal(value.mode, 1);
}

static void times_and_attributes_do_not_count(void **state)
{
	(void)state;
	assert_true(file_value_equal("0644,0:0," DIGEST ",mtime=1.000000000",
				     "0644,0:0," DIGEST ",xattrs=" OTHER));
	assert_false(file_value_equal("0644,0:0," DIGEST, "0644,0:0," OTHER));
	assert_false(file_value_equal("0644,0:0," DIGEST, "0640,0:0," DIGEST));
	assert_false(file_value_equal("0644,0:0," DIGEST, "0644,0:1," DIGEST));
	assert_false(file_value_equal("0644,0:0," DIGEST, "0644,1:0," DIGEST));
	assert_false(file_value_equal("0644,0:0," DIGEST, "absent"));
	assert_true(file_value_equal("absent", "absent"));
	assert_true(file_value_equal("directory,0755,0:0", "directory,0755,0:0"));
	assert_false(file_value_equal("directory,0755,0:0", "directory,0700,0:0"));
	assert_true(file_value_equal("rubbish", "rubbish"));
	assert_false(file_value_equal("rubbish", "absent"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_go_there_and_back),
		cmocka_unit_test(the_longest_value_fits),
		cmocka_unit_test(anything_else_is_no_value),
		cmocka_unit_test(times_and_attributes_do_not_count),
	};

	return cmocka_run_group_tests_name("file", tests, NULL, NULL);
}
