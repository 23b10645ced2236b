// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Waiting: woken by what happens, and asking again where nothing is told. Where an event is to wake
 * somebody, asking without one would take a minute.
 */
#include "tests/unit/cell-helpers.h"

#include "actions/watch.h"

#define LONG_MS 60000
#define SOON_MS 20000 /* of a minute: only an event can be so soon, however busy the machine */

static int fresh(void **state)
{
	*state = cells_new(NULL);
	return 0;
}

static int done(void **state)
{
	cells_free(*state);
	return 0;
}

static int is_there(void *data, struct error *err)
{
	struct cells *cells = data;

	(void)err;
	return tree_exists(cells->root_fd, "run/thing");
}

static void make_thing(struct cells *cells)
{
	tree_file(cells->root_fd, "run/new", "x");
	renameat(cells->root_fd, "run/new", cells->root_fd, "run/thing");
}

static void an_entry_wakes(void **state)
{
	struct cells *cells = *state;
	uint64_t started_ms = host_now_ms();
	auto_watch struct watch watch;

	watch_init(&watch);
	watch_path(&watch, &cells->host, HOST_RUN, WATCH_ENTRIES, "%s", ".");
	cells_later(cells, make_thing);
	assert_int_equal(watch_until(&watch, is_there, cells, LONG_MS, LONG_MS, NULL), 1);
	assert_true(host_now_ms() - started_ms < SOON_MS);
}

static int is_gone(void *data, struct error *err)
{
	struct cells *cells = data;

	(void)err;
	return waitpid(cells->helper, NULL, WNOHANG) != 0;
}

static void end(struct cells *cells)
{
	(void)cells;
}

static void the_end_of_a_process_wakes(void **state)
{
	struct cells *cells = *state;
	uint64_t started_ms = host_now_ms();
	auto_watch struct watch watch;

	watch_init(&watch);
	cells_later(cells, end);
	watch_process(&watch, cells->helper);
	assert_int_equal(watch_until(&watch, is_gone, cells, LONG_MS, LONG_MS, NULL), 1);
	assert_true(host_now_ms() - started_ms < SOON_MS);
	cells->helper = 0;
	/* It ends once: after that only other things wake. */
	assert_int_equal(watch.pidfd, -1);
}

static int calls, answer_at, answer;

static int count_calls(void *data, struct error *err)
{
	(void)data;
	if (++calls < answer_at)
		return 0;
	return answer < 0 ? error_set(err, -answer, "no") : answer;
}

static void expect_answer(int at, int with)
{
	calls = 0;
	answer_at = at;
	answer = with;
}

static int ask(int at, int with, unsigned int timeout_ms, unsigned int ask_again_ms)
{
	auto_watch struct watch watch;

	watch_init(&watch);
	expect_answer(at, with);
	return watch_until(&watch, count_calls, NULL, timeout_ms, ask_again_ms, NULL);
}

static void a_file_that_is_closed_wakes(void **state)
{
	struct cells *cells = *state;
	uint64_t started_ms = host_now_ms();
	auto_watch struct watch watch;
	int fd;

	watch_init(&watch);
	tree_file(cells->root_fd, "dev/node", "x");
	fd = openat(cells->root_fd, "dev/node", O_RDONLY | O_CLOEXEC);
	watch_path(&watch, &cells->host, HOST_DEV, WATCH_CLOSE, "node");
	close(fd);
	expect_answer(2, 1);
	assert_int_equal(watch_until(&watch, count_calls, NULL, LONG_MS, LONG_MS, NULL), 1);
	assert_true(host_now_ms() - started_ms < SOON_MS);
}

static void an_answer_at_once_is_not_waited_for(void **state)
{
	(void)state;
	assert_int_equal(ask(1, 1, LONG_MS, LONG_MS), 1);
	assert_int_equal(calls, 1);
	assert_int_equal(ask(1, -EIO, LONG_MS, LONG_MS), -EIO);
	assert_int_equal(calls, 1);
}

static void without_events_it_asks_again(void **state)
{
	(void)state;
	assert_int_equal(ask(4, 1, LONG_MS, 5), 1);
	assert_int_equal(calls, 4);
	assert_int_equal(ask(3, -EBUSY, LONG_MS, 5), -EBUSY);
}

static void the_last_question_is_when_time_is_over(void **state)
{
	uint64_t started_ms = host_now_ms();

	(void)state;
	assert_int_equal(ask(1000000, 1, 50, LONG_MS), 0);
	assert_true(host_now_ms() - started_ms >= 50);
	assert_uint_in_range(calls, 2, 3);
	assert_int_equal(ask(2, 1, 0, LONG_MS), 0);
	assert_int_equal(calls, 1);
	/* Found in the last moment is found. */
	assert_int_equal(ask(2, 1, 50, LONG_MS), 1);
}

static void what_is_not_there_is_not_watched(void **state)
{
	struct cells *cells = *state;
	auto_watch struct watch watch;

	watch_init(&watch);
	watch_path(&watch, &cells->host, HOST_DEV, WATCH_CLOSE, "dri/card0");
	watch_path(&watch, &cells->host, HOST_VAR, WATCH_ENTRIES, ".");
	watch_process(&watch, 0x3ffffffe);
	assert_int_equal(watch.pidfd, -1);
	assert_int_equal(watch_until(&watch, is_there, cells, 20, 5, NULL), 0);
}

#define test(name) cmocka_unit_test_setup_teardown(name, fresh, done)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(an_entry_wakes),
		test(the_end_of_a_process_wakes),
		test(a_file_that_is_closed_wakes),
		test(an_answer_at_once_is_not_waited_for),
		test(without_events_it_asks_again),
		test(the_last_question_is_when_time_is_over),
		test(what_is_not_there_is_not_watched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
