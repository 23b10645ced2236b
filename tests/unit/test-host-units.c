// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Asking a manager of systemd about units: a made-up one. What the real one says is the lab's
 * business.
 */
#include "tests/unit/made-up-manager.h"

#include "base/worker.h"

static unsigned int waited_ms;

void __real_workers_run(struct worker *workers, size_t count);
void __wrap_workers_run(struct worker *workers, size_t count);

void __wrap_workers_run(struct worker *workers, size_t count)
{
	waited_ms = workers[0].timeout_ms;
	__real_workers_run(workers, count);
}

static void a_host_without_systemd(void **state)
{
	struct host_unit unit = {.id = made->root};
	struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(host_unit_read(&host, 0, "a.service", &unit, &err), -ENOSYS);
	assert_contains(err.text, "unit a.service: this host is not run by systemd");
	assert_int_equal(host_unit_read(&host, 1000, "a.service", &unit, &err), -ENOSYS);
	assert_contains(err.text, "user 1000");
	assert_int_equal(host_unit_set(&host, 0, "a.service", false, 1000, &err), -ENOSYS);
	assert_contains(err.text, "stop: unit a.service:");
	assert_ptr_equal(unit.id, made->root);
}

#ifdef MANAGER
static void assert_names(char *const *names, const char *expected)
{
	auto_text struct text found = TEXT_INIT;

	text_append(&found, "", 0);
	for (size_t i = 0; names[i]; i++)
		text_printf(&found, "%s%s", i ? " " : "", names[i]);
	assert_string_equal(found.data, expected);
}

static void all_that_comes_and_goes_with_a_unit_is_told(void **state)
{
	cleanup(host_unit_done) struct host_unit unit = {0};
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(host_unit_read(&host, 0, "pipewire.service", &unit, &err), &err);
	assert_string_equal(unit.id, "pipewire.service");
	assert_string_equal(unit.state, "active");
	assert_true(unit.can_stop);
	assert_false(unit.transient);
	assert_true(unit.state_changed_us == 1700000000123456);
	assert_names(unit.triggered, "session.timer pipewire.socket");
	assert_names(unit.dependent, "far.service session.service");
}

static void an_alias_leads_to_the_name(void **state)
{
	cleanup(host_unit_done) struct host_unit unit = {0};
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(host_unit_read(&host, 0, "display-manager.service", &unit, &err), &err);
	assert_string_equal(unit.id, "gdm.service");
	/* An older systemd does not tell. */
	assert_true(unit.state_changed_us == 0);
	assert_false(unit.can_stop);
	assert_names(unit.triggered, "");
	assert_names(unit.dependent, "");
}

static void what_cannot_be_started_again_is_told(void **state)
{
	cleanup(host_unit_done) struct host_unit run = {0}, orphan = {0};
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(host_unit_read(&host, 0, "run-1.service", &run, &err), &err);
	assert_true(run.transient);
	assert_ok(host_unit_read(&host, 0, "orphan.service", &orphan, &err), &err);
	assert_true(orphan.transient);
}

static void unknown_units(void **state)
{
	struct host_unit unit = {0};
	struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(host_unit_read(&host, 0, "absent.service", &unit, &err), -ENOENT);
	assert_contains(err.text, "unit absent.service: systemd knows no such unit");
	assert_int_equal(host_unit_read(&host, 0, "never.service", &unit, &err), -EINVAL);
	assert_contains(err.text, "said by the made-up manager");
}

static void a_unit_is_started(void **state)
{
	struct error err = ERROR_INIT;
	auto_free char *calls = NULL;

	(void)state;
	assert_ok(host_unit_set(&host, 0, "good.service", true, 20000, &err), &err);
	calls = tree_read(made->root_fd, "calls");
	assert_text(calls, "Subscribe\nResetFailedUnit\nStartUnit");
}

static void a_unit_is_stopped(void **state)
{
	struct error err = ERROR_INIT;
	auto_free char *calls = NULL;

	(void)state;
	assert_ok(host_unit_set(&host, 0, "good.service", false, 20000, &err), &err);
	assert_ok(host_unit_set(&host, 0, "gone.service", false, 20000, &err), &err);
	calls = tree_read(made->root_fd, "calls");
	assert_text(calls, "Subscribe\nStopUnit\nSubscribe\nStopUnit");
}

/* A display manager may need all of its time to stop, and then must still be able to say so. */
static void a_job_has_its_own_time_and_that_of_an_answer(void **state)
{
	(void)state;
	assert_int_equal(host_unit_set(&host, 0, "good.service", false, 60000, NULL), 0);
	assert_uint_in_range(waited_ms, 61000, 90000);
	assert_int_equal(host_unit_set(&host, 0, "good.service", true, 1000, NULL), 0);
	assert_uint_in_range(waited_ms, 2000, 31000);
}

static void jobs_fail(void **state)
{
	struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(host_unit_set(&host, 0, "bad.service", true, 20000, &err), -EIO);
	assert_string_equal(err.text, "start: unit bad.service: systemd: the job's result is "
				      "\"failed\"");
	assert_true(host_unit_set(&host, 0, "gone.service", true, 20000, &err) < 0);
	assert_int_equal(host_unit_set(&host, 0, "slow.service", false, 100, &err), -ETIMEDOUT);
	assert_contains(err.text, "not finished its job after 100 ms");
}

static void a_manager_that_is_not_there(void **state)
{
	struct host_unit unit = {0};
	struct error err = ERROR_INIT;

	(void)state;
	tree_remove(made->root_fd, "run/systemd/private");
	assert_int_equal(host_unit_read(&host, 0, "gdm.service", &unit, &err), -ECONNREFUSED);
	assert_contains(err.text, "connect to systemd");
}

#define USER 1000

static int fresh_user(void **state)
{
	int ret = fresh(state);

	manager_start("run/user/1000/systemd", USER);
	assert_int_equal(fchownat(made->root_fd, "run/user/1000", USER, USER, 0), 0);
	assert_int_equal(fchownat(made->root_fd, "run/user/1000/systemd", USER, USER, 0), 0);
	return ret;
}

static void a_users_manager_is_asked_as_that_user(void **state)
{
	cleanup(host_unit_done) struct host_unit unit = {0};
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(host_unit_read(&host, USER, "gdm.service", &unit, &err), &err);
	assert_ok(host_unit_set(&host, USER, "good.service", false, 20000, &err), &err);
	/* This process stays who it is. */
	assert_int_equal(geteuid(), 0);
}

static void a_directory_of_another_user_is_none(void **state)
{
	struct host_unit unit = {0};
	struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(fchownat(made->root_fd, "run/user/1000", 1001, 1001, 0), 0);
	assert_int_equal(host_unit_read(&host, USER, "gdm.service", &unit, &err), -EPERM);
	assert_contains(err.text, "/run/user/1000 belongs to another user");
}

#define SYSTEM(name) cmocka_unit_test_setup_teardown(name, fresh_system, stale_manager)
#define OF_USER(name) cmocka_unit_test_setup_teardown(name, fresh_user, stale_manager)
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_host_without_systemd, fresh, stale),
#ifdef MANAGER
		SYSTEM(all_that_comes_and_goes_with_a_unit_is_told),
		SYSTEM(an_alias_leads_to_the_name),
		SYSTEM(what_cannot_be_started_again_is_told),
		SYSTEM(unknown_units),
		SYSTEM(a_unit_is_started),
		SYSTEM(a_unit_is_stopped),
		SYSTEM(a_job_has_its_own_time_and_that_of_an_answer),
		SYSTEM(jobs_fail),
		SYSTEM(a_manager_that_is_not_there),
		OF_USER(a_users_manager_is_asked_as_that_user),
		OF_USER(a_directory_of_another_user_is_none),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
