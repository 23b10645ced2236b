// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The record cannot be written, once or from then on: /run is full, or its memory fails. Whatever
 * append it strikes, in a lend or in a return, every device is at home in the end.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "state/journal-file.h"
#include "tests/host/clock.h"
#include "tests/host/lending.h"
#include "tests/model/kinds.h"

/* Which append fails, counted from 0; the hook's own process is the only one that appends. */
static struct {
	int count, fail_at, code;
	bool onwards;
} writes;

int __real_journal_file_append(int fd, const char *text, size_t length, struct error *err);
int __wrap_journal_file_append(int fd, const char *text, size_t length, struct error *err);

int __wrap_journal_file_append(int fd, const char *text, size_t length, struct error *err)
{
	int now = writes.count++;

	if (now == writes.fail_at || (writes.onwards && now > writes.fail_at))
		return error_errno(err, writes.code, "write journal");
	return __real_journal_file_append(fd, text, length, err);
}

#define NEVER (-1)

static void arm(int fail_at, bool onwards, int code)
{
	writes.count = 0;
	writes.fail_at = fail_at;
	writes.onwards = fail_at != NEVER && onwards;
	writes.code = code;
}

struct setting {
	const char *host, *guest;
	/* Each append fails in one of the ways, in turns; EVERY_OPERATION=1: in each of them. */
	bool in_turns;
};

static struct setting one = {KINDS_HOST_1, KINDS_GUEST_1, false};
static struct setting two = {KINDS_HOST_2, KINDS_GUEST_2, false};
static struct setting eight = {KINDS_HOST_8, KINDS_GUEST_8, true};

struct world {
	struct testhost *host;
	struct guest guest;
	char *before;
};

static struct world world_make(const struct setting *setting)
{
	struct world world = {
		.host = testhost_new(setting->host),
		.guest = guest_make(setting->guest),
	};

	world.before = testhost_tree(world.host);
	clock_watch(NULL);
	return world;
}

static void world_done(struct world *world)
{
	testhost_free(&world->host);
	guest_done(&world->guest);
	free(world->before);
}

#define auto_world cleanup(world_done)

static void assert_home(const struct world *world, int at, bool onwards)
{
	auto_free char *now = testhost_tree(world->host);
	auto_free char *journal = lending_journal(world->host);

	if (strcmp(now, world->before) != 0 || journal)
		print_error("append %d failed%s\n", at, onwards ? ", and all behind it" : "");
	assert_text(now, world->before);
	assert_null(journal);
}

static void lend(struct world *world)
{
	struct error err = ERROR_INIT;

	arm(NEVER, false, 0);
	testhost_script(world->host, NULL);
	assert_ok(lending_lend(world->host, &world->guest, &err), &err);
}

/* How many appends a lend makes, or the return after it. */
static int count_appends(const struct setting *setting, bool of_return)
{
	auto_world struct world world = world_make(setting);
	struct error err = ERROR_INIT;

	lend(&world);
	if (of_return) {
		arm(NEVER, false, 0);
		assert_ok(lending_return(world.host, &err), &err);
	}
	assert_true(writes.count > 4);
	return writes.count;
}

static void lend_at(const struct setting *setting, int at, bool onwards, int code)
{
	auto_world struct world world = world_make(setting);
	struct error err = ERROR_INIT;

	testhost_script(world.host, NULL);
	arm(at, onwards, code);
	assert_int_equal(lending_lend(world.host, &world.guest, &err), -code);
	assert_contains(err.text, "write journal");
	assert_home(&world, at, onwards);
}

/* What was not written is no failure of the return. */
static void return_at(const struct setting *setting, int at, bool onwards, int code)
{
	auto_world struct world world = world_make(setting);
	struct error err = ERROR_INIT;

	lend(&world);
	arm(at, onwards, code);
	assert_ok(lending_return(world.host, &err), &err);
	assert_home(&world, at, onwards);
}

static void every_append(const struct setting *setting, bool of_return,
			 void (*run)(const struct setting *, int at, bool onwards, int code))
{
	int count = count_appends(setting, of_return);

	for (int at = 0; at < count; at++)
		for (int way = 0; way < 4; way++)
			if (!setting->in_turns || way == at % 4)
				run(setting, at, way & 1, way & 2 ? EIO : ENOSPC);
}

static void a_lend_that_cannot_be_recorded_is_undone(void **state)
{
	every_append(*state, false, lend_at);
}

static void a_return_that_cannot_be_recorded_is_done(void **state)
{
	every_append(*state, true, return_at);
}

#define on(test, at)                                                                               \
	{                                                                                          \
		.name = #test "(" #at ")", .test_func = (test), .initial_state = &(at)             \
	}
#define everywhere(test) on(test, one), on(test, two), on(test, eight)

int main(void)
{
	const struct CMUnitTest tests[] = {
		everywhere(a_lend_that_cannot_be_recorded_is_undone),
		everywhere(a_return_that_cannot_be_recorded_is_done),
	};

	if (getenv("EVERY_OPERATION"))
		eight.in_turns = false;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
