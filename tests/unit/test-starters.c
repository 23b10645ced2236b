// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who would start a display server again: units, programs, and shells that would not.
 */
#include "tests/host/check.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "parsers/users/starters.h"
#include "tests/host/testhost.h"
#include "tests/host/tree.h"

struct world {
	struct testhost *host;
	struct snapshot snapshot;
};

static int open_world(void **state)
{
	struct world *world = xcalloc(1, sizeof(*world));
	struct holder *holder = array_grow(NULL, 0, sizeof(*holder));

	world->host = testhost_new("device 0000:01:00.0 10de:2204\n");
	*holder = (struct holder){.pid = 700, .role = HOLDER_DISPLAY};
	world->snapshot = (struct snapshot){.holders = holder, .holder_count = 1};
	*state = world;
	return 0;
}

static int close_world(void **state)
{
	struct world *world = *state;

	snapshot_done(&world->snapshot);
	testhost_free(&world->host);
	free(world);
	return 0;
}

static void process(struct world *world, int pid, int parent, const char *comm, const char *cgroup)
{
	auto_free char *dir = xasprintf("proc/%d", pid);
	auto_free char *stat = xasprintf("%s/stat", dir), *name = xasprintf("%s/comm", dir);
	auto_free char *group = xasprintf("%s/cgroup", dir);

	tree_file(world->host->root_fd, stat,
		  "%d (%s) S %d 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 1 0 %d 0 0\n", pid, comm, parent,
		  pid * 10);
	tree_file(world->host->root_fd, name, "%s\n", comm);
	tree_file(world->host->root_fd, group, "0::%s\n", cgroup);
}

static void session(struct world *world, const char *text)
{
	world->snapshot.holders[0].session = xstrdup("2");
	tree_file(world->host->root_fd, "run/systemd/sessions/2", "%s", text);
}

/* NULL: none of that kind. */
static void assert_starter(struct world *world, const char *unit, const char *program)
{
	const struct holder *holder = &world->snapshot.holders[0];

	starters_read(&world->host->host, &world->snapshot);
	assert_text(holder->starter ? holder->starter : "-", unit ? unit : "-");
	assert_text(holder->starter_program ? holder->starter_program : "-",
		    program ? program : "-");
}

static void a_display_manager_without_a_unit(void **state)
{
	process(*state, 600, 1, "sddm", "/");
	process(*state, 650, 600, "sh", "/");
	process(*state, 700, 650, "Xorg", "/");
	assert_starter(*state, NULL, "sddm (process 600)");
}

static void supervisors_of_other_inits(void **state)
{
	process(*state, 500, 1, "runsvdir", "/");
	process(*state, 600, 500, "runsv", "/");
	process(*state, 700, 600, "weston", "/");
	assert_starter(*state, NULL, "runsv (process 600)");
}

static void startx_in_a_shell_is_over_when_it_ends(void **state)
{
	process(*state, 500, 1, "login", "/");
	process(*state, 510, 500, "bash", "/");
	process(*state, 520, 510, "startx", "/");
	process(*state, 530, 520, "xinit", "/");
	process(*state, 700, 530, "Xorg", "/");
	assert_starter(*state, NULL, NULL);
}

static void a_child_of_init_is_nobodys(void **state)
{
	process(*state, 700, 1, "Xorg", "/");
	assert_starter(*state, NULL, NULL);
}

/* No shell to go back to: a login that logs in by itself would have it back. */
static void a_login_that_became_a_session(void **state)
{
	process(*state, 500, 1, "login", "/");
	process(*state, 700, 500, "sway", "/");
	assert_starter(*state, NULL, "login (process 500)");
}

static void the_login_of_a_getty(void **state)
{
	session(*state, "SERVICE=login\nTTY=tty1\nLEADER=500\n");
	process(*state, 500, 1, "login", "/user.slice/user-1000.slice/session-2.scope");
	process(*state, 700, 500, "sway", "/user.slice/user-1000.slice/session-2.scope");
	assert_starter(*state, "getty@tty1.service", NULL);
}

static void the_login_of_a_serial_getty(void **state)
{
	session(*state, "SERVICE=login\nTTY=ttyS0\nLEADER=500\n");
	assert_starter(*state, "serial-getty@ttyS0.service", NULL);
}

/* The server is a child of the user's manager: its session's leader leads to who let him in. */
static void a_display_managers_session(void **state)
{
	struct world *world = *state;

	session(world, "SERVICE=greetd\nTTY=tty1\nLEADER=610\n");
	world->snapshot.holders[0].manager = 1000;
	world->snapshot.holders[0].unit = xstrdup("sway.service");
	process(world, 600, 1, "greetd", "/system.slice/greetd.service");
	process(world, 610, 600, "greetd", "/user.slice/user-1000.slice/session-2.scope");
	process(world, 400, 1, "systemd",
		"/user.slice/user-1000.slice/user@1000.service/init.scope");
	process(world, 700, 400, "sway",
		"/user.slice/user-1000.slice/user@1000.service/session.slice/sway.service");
	assert_starter(world, "greetd.service", NULL);
}

static void a_kiosk_is_a_service_of_its_own(void **state)
{
	struct world *world = *state;

	world->snapshot.holders[0].unit = xstrdup("cage@tty1.service");
	assert_starter(world, "cage@tty1.service", NULL);
}

/* Whoever logs in by ssh has started it by hand; sshd stays. */
static void a_session_by_ssh(void **state)
{
	process(*state, 500, 1, "sshd", "/system.slice/ssh.service");
	process(*state, 510, 500, "sshd-session", "/user.slice/user-1000.slice/session-2.scope");
	process(*state, 520, 510, "my-wrapper", "/user.slice/user-1000.slice/session-2.scope");
	process(*state, 700, 520, "sway", "/user.slice/user-1000.slice/session-2.scope");
	assert_starter(*state, NULL, NULL);
}

static void others_have_no_starter(void **state)
{
	struct world *world = *state;

	world->snapshot.holders[0].role = HOLDER_PROCESS;
	process(world, 600, 1, "steam", "/");
	process(world, 700, 600, "game", "/");
	assert_starter(world, NULL, NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_display_manager_without_a_unit),
		TEST(supervisors_of_other_inits),
		TEST(startx_in_a_shell_is_over_when_it_ends),
		TEST(a_child_of_init_is_nobodys),
		TEST(a_login_that_became_a_session),
		TEST(the_login_of_a_getty),
		TEST(the_login_of_a_serial_getty),
		TEST(a_display_managers_session),
		TEST(a_kiosk_is_a_service_of_its_own),
		TEST(a_session_by_ssh),
		TEST(others_have_no_starter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
