// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Does the host go down? By what systemd's manager says, and by what logind has announced; both are
 * made up.
 */
#include "tests/unit/made-up-manager.h"

#ifdef MANAGER
struct state_of_host {
	const char *manager;
	bool has_logind, announced, goes_down;
};

/* With logind there is a directory of seats. */
static void a_host_that_goes_down_is_known(void **state)
{
	static const struct state_of_host rows[] = {
		{"running", false, false, false},    {"degraded", true, false, false},
		{"starting", true, false, false},    {"stopping", false, false, true},
		{"stopping", true, false, true},     {"stopping", true, true, true},
		{"running", true, true, true},       {"degraded", true, true, true},
		{"maintenance", true, false, false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		manager_state = rows[i].manager;
		has_logind = rows[i].has_logind;
		announced = rows[i].announced;
		assert_int_equal(fresh_system(state), 0);
		if (has_logind)
			tree_dir(made->root_fd, "run/systemd/seats");
		bus_start();
		if (host_is_going_down(&host) != rows[i].goes_down)
			fail_msg("row %zu", i);
		stale_manager(state);
	}
}

/* D-Bus would start a logind that nobody wants. */
static void logind_is_asked_where_it_runs(void **state)
{
	manager_state = "running";
	has_logind = announced = true;
	assert_int_equal(fresh_system(state), 0);
	bus_start();
	assert_false(host_is_going_down(&host));
	stale_manager(state);
}

/* Only the message bus leads to logind; without it the manager's word counts. */
static void without_a_bus_the_manager_is_asked(void **state)
{
	has_logind = announced = true;
	for (int stopping = 0; stopping < 2; stopping++) {
		manager_state = stopping ? "stopping" : "running";
		assert_int_equal(fresh_system(state), 0);
		tree_dir(made->root_fd, "run/systemd/seats");
		assert_int_equal(host_is_going_down(&host), stopping);
		stale_manager(state);
	}
}

#endif

static void without_an_answer_the_host_goes_on(void **state)
{
	(void)state;
	assert_false(host_is_going_down(&host));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#ifdef MANAGER
		cmocka_unit_test(a_host_that_goes_down_is_known),
		cmocka_unit_test(logind_is_asked_where_it_runs),
		cmocka_unit_test(without_a_bus_the_manager_is_asked),
#endif
		cmocka_unit_test_setup_teardown(without_an_answer_the_host_goes_on, fresh, stale),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
