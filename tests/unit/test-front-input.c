// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Standard input as the front door takes it and passes it on: every size around a limit, errors,
 * and the file in memory from which the engine reads.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "hook/front-input.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int file_of(size_t length)
{
	int fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)length), 0);
	return fd;
}

static void input_sizes(void **state)
{
	static const size_t sizes[] = {
		0, 1, 65535, 65536, 65537, 20480, 1000000, FRONT_INPUT_MAX - 1, FRONT_INPUT_MAX};

	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		struct front_input input = {0};
		int fd = file_of(sizes[i]);

		assert_int_equal(front_input_read(&input, fd), 0);
		assert_int_equal(input.length, sizes[i]);
		front_input_done(&input);
		assert_null(input.data);
		close(fd);
	}
}

static void input_too_long(void **state)
{
	struct front_input input = {0};
	int fd = file_of(FRONT_INPUT_MAX * 2);

	(void)state;
	assert_int_equal(front_input_read(&input, fd), 0);
	assert_int_equal(input.length, FRONT_INPUT_MAX + 1);
	front_input_done(&input);
	close(fd);
}

static void input_errors(void **state)
{
	int dir_fd = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct front_input input = {0};

	(void)state;
	assert_int_equal(front_input_read(&input, 9999), -EBADF);
	assert_int_equal(front_input_read(&input, dir_fd), -EISDIR);
	front_input_done(&input);
	close(dir_fd);
}

static void input_replay(void **state)
{
	char first[] = "<domain>", second[16] = "";
	struct front_input input = {.data = first, .length = strlen(first)};
	int saved = dup(STDIN_FILENO);

	(void)state;
	assert_int_equal(front_input_replay(&input), 0);
	assert_int_equal(fcntl(STDIN_FILENO, F_GETFD), 0);
	assert_int_equal(read(STDIN_FILENO, second, sizeof(second)), strlen(first));
	assert_string_equal(first, second);
	assert_int_equal(read(STDIN_FILENO, second, sizeof(second)), 0);
	assert_int_equal(dup2(saved, STDIN_FILENO), STDIN_FILENO);
	close(saved);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(input_sizes),
		cmocka_unit_test(input_too_long),
		cmocka_unit_test(input_errors),
		cmocka_unit_test(input_replay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
