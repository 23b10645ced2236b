// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A service and the sockets that start it: systemd starts a service that is stopped before its
 * sockets again, and refuses a socket whose service is up. And what else stands on something that
 * has to come back first.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/host/clock.h"
#include "tests/host/lending.h"
#include "tests/model/kinds.h"

#define SOCKET "unit lactd.socket"
#define SERVICE "unit lactd.service"

struct world {
	struct testhost *host;
	struct guest guest;
	char *before;
};

static int fresh(void **state)
{
	struct world *world = xcalloc(1, sizeof(*world));

	world->host = testhost_new(KINDS_HOST_1);
	world->guest = guest_make(KINDS_GUEST_1);
	world->before = testhost_tree(world->host);
	clock_watch(NULL);
	*state = world;
	return 0;
}

static int done(void **state)
{
	struct world *world = *state;

	testhost_free(&world->host);
	guest_done(&world->guest);
	free(world->before);
	free(world);
	return 0;
}

static void assert_home(const struct world *world)
{
	auto_free char *now = testhost_tree(world->host);
	auto_free char *journal = lending_journal(world->host);

	assert_text(now, world->before);
	assert_null(journal);
}

static void script(const struct world *world, enum fault_kind kind, const char *path,
		   const char *value)
{
	struct fault fault = {
		.kind = kind, .at = FAULT_ANY, .path = path, .value = value, .code = EIO};

	testhost_script(world->host, &fault);
}

static void add_fault(const struct world *world, const char *path, const char *value)
{
	struct fault fault = {
		.kind = FAULT_FAIL, .at = FAULT_ANY, .path = path, .value = value, .code = EIO};

	testhost_script_add(world->host, &fault);
}

static void lend_and_die(struct world *world, enum fault_kind kind, const char *path)
{
	script(world, kind, path, "stop");
	assert_int_not_equal(lending_lend_process(world->host, &world->guest), 0);
	testhost_script(world->host, NULL);
}

static void return_all(struct world *world)
{
	struct error err = ERROR_INIT;

	testhost_script(world->host, NULL);
	assert_ok(lending_return(world->host, &err), &err);
	assert_home(world);
}

static void assert_unit(const struct world *world, const char *name, const char *state)
{
	cleanup(host_unit_done) struct host_unit unit = {0};
	struct error err = ERROR_INIT;

	assert_ok(host_unit_read(&world->host->host, 0, name, &unit, &err), &err);
	assert_string_equal(unit.state, state);
}

static void a_hook_that_died_between_the_two(void **state)
{
	struct world *world = *state;
	auto_free char *log = NULL;
	const char *stop;

	lend_and_die(world, FAULT_DIE_AFTER, SOCKET);
	assert_unit(world, "lactd.socket", "inactive");
	assert_unit(world, "lactd.service", "active");
	return_all(world);
	/* The service makes way first, and comes back last. */
	log = testhost_log(world->host);
	stop = strstr(log, SERVICE " stop\n");
	assert_non_null(stop);
	assert_non_null(strstr(stop, SOCKET " start\n"));
	assert_non_null(strstr(strstr(stop, SOCKET " start\n"), SERVICE " start\n"));
}

/* Wherever the next one dies in the middle of it: the service is not forgotten. */
static void and_the_next_that_dies_as_well(void **state)
{
	struct world *world = *state;
	bool died = true;

	for (int at = 0; died; at++) {
		struct fault fault = {.kind = at % 2 ? FAULT_DIE_AFTER : FAULT_DIE_BEFORE,
				      .at = at / 2};

		lend_and_die(world, FAULT_DIE_AFTER, SOCKET);
		testhost_script(world->host, &fault);
		died = lending_return_process(world->host) != 0;
		return_all(world);
		assert_true(died || at > 5);
	}
}

/* The start fails and is undone by the same hook; its service refuses once. */
static void a_service_that_is_not_stopped(void **state)
{
	struct world *world = *state;
	struct error err = ERROR_INIT;

	script(world, FAULT_FAIL, SERVICE, "stop");
	assert_int_equal(lending_lend(world->host, &world->guest, &err), -EIO);
	assert_contains(err.text, "lactd.service");
	assert_unit(world, "lactd.service", "active");
	return_all(world);
}

/* Its service is what counts: that runs again, and the next return sees to the socket. */
static void a_socket_that_does_not_start(void **state)
{
	struct world *world = *state;
	struct error err = ERROR_INIT;

	testhost_script(world->host, NULL);
	assert_ok(lending_lend(world->host, &world->guest, &err), &err);
	script(world, FAULT_FAIL, SOCKET, "start");
	assert_int_equal(lending_return(world->host, &err), -EIO);
	assert_contains(err.text, "lactd.socket");
	assert_unit(world, "lactd.service", "active");
	assert_unit(world, "lactd.socket", "inactive");
	return_all(world);
}

/* Neither is lost where, on top, the service that made way does not start. */
static void a_service_that_made_way_and_does_not_start(void **state)
{
	struct world *world = *state;
	struct error err = ERROR_INIT;

	lend_and_die(world, FAULT_DIE_AFTER, SOCKET);
	script(world, FAULT_FAIL, SERVICE, "start");
	add_fault(world, SOCKET, "start");
	assert_int_equal(lending_return(world->host, &err), -EIO);
	return_all(world);
}

/* Nobody's service is stopped for a socket that is where it was. */
static void nothing_makes_way_in_vain(void **state)
{
	struct world *world = *state;
	auto_free char *log = NULL;
	struct error err = ERROR_INIT;

	testhost_script(world->host, NULL);
	assert_ok(lending_lend(world->host, &world->guest, &err), &err);
	return_all(world);
	log = testhost_log(world->host);
	assert_null(strstr(log, " stop\n"));
}

/* A console without a framebuffer is not one that cannot come back, while the framebuffer may. */
static void a_console_waits_for_its_framebuffer(void **state)
{
	struct world *world = *state;
	struct error err = ERROR_INIT;

	testhost_script(world->host, NULL);
	assert_ok(lending_lend(world->host, &world->guest, &err), &err);
	script(world, FAULT_FAIL, "efi-framebuffer/bind", NULL);
	assert_int_equal(lending_return(world->host, &err), -EIO);
	assert_contains(err.text, "efi-framebuffer.0");
	return_all(world);
}

#define test(name) cmocka_unit_test_setup_teardown(name, fresh, done)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_hook_that_died_between_the_two),
		test(and_the_next_that_dies_as_well),
		test(a_service_that_is_not_stopped),
		test(a_socket_that_does_not_start),
		test(a_service_that_made_way_and_does_not_start),
		test(nothing_makes_way_in_vain),
		test(a_console_waits_for_its_framebuffer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
