// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Asking a manager of systemd: a made-up one, which listens below a made-up /run and speaks D-Bus
 * as systemd does. What the real one says is the lab's business.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/host.h"
#include "base/worker.h"
#include "tests/host/testhost.h"
#include "tests/host/tree.h"

static struct testhost *made;
static struct host host;

static unsigned int waited_ms;

void __real_workers_run(struct worker *workers, size_t count);
void __wrap_workers_run(struct worker *workers, size_t count);

void __wrap_workers_run(struct worker *workers, size_t count)
{
	waited_ms = workers[0].timeout_ms;
	__real_workers_run(workers, count);
}

static int fresh(void **state)
{
	(void)state;
	made = testhost_new("device 0000:01:00.0 10de:2204\n");
	return host_open(&host, made->root, &host_ops_kernel, NULL, NULL);
}

static int stale(void **state)
{
	(void)state;
	host_close(&host);
	testhost_free(&made);
	return 0;
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

#if __has_include(<systemd/sd-bus.h>)
#include <systemd/sd-bus.h>

#define MANAGER "org.freedesktop.systemd1.Manager"

struct fake_unit {
	const char *name, *id, *load, *active;
	bool can_stop, transient;
	uint64_t changed_us;
	/* Of which relation it has which units, one at most of each. */
	const char *triggered, *required, *bound;
};

static const struct fake_unit fakes[] = {
	{"pipewire.service", .active = "active", .can_stop = true, .triggered = "pipewire.socket",
	 .changed_us = 1700000000123456, .bound = "session.service", .required = "idle.service"},
	{"pipewire.socket", .active = "active", .required = "pipewire.service"},
	{"session.service", .active = "activating", .required = "far.service",
	 .triggered = "session.timer"},
	{"far.service", .active = "reloading", .bound = "session.service"},
	{"session.timer", .active = "active"},
	{"idle.service", .active = "inactive", .bound = "far.service"},
	{"display-manager.service", .id = "gdm.service", .active = "active"},
	{"gdm.service", .active = "active"},
	{"run-1.service", .active = "active", .transient = true},
	{"orphan.service", .active = "active", .load = "not-found"},
	{"absent.service", .active = "inactive", .load = "not-found"},
};

static const char *manager_state = "running";
static bool announced, has_logind;

#define FAKES (sizeof(fakes) / sizeof(fakes[0]))

static int reply_error(sd_bus_message *message, const char *name)
{
	return sd_bus_reply_method_errorf(message, name, "said by the made-up manager");
}

static int reply_list(sd_bus_message *message, const char *only)
{
	return sd_bus_reply_method_return(message, "v", "as", only ? 1 : 0, only);
}

static int get_property(sd_bus_message *message, const struct fake_unit *unit)
{
	const char *interface, *name;

	sd_bus_message_read(message, "ss", &interface, &name);
	if (text_equal(name, "Id"))
		return sd_bus_reply_method_return(message, "v", "s",
						  unit->id ? unit->id : unit->name);
	if (text_equal(name, "LoadState"))
		return sd_bus_reply_method_return(message, "v", "s",
						  unit->load ? unit->load : "loaded");
	if (text_equal(name, "ActiveState"))
		return sd_bus_reply_method_return(message, "v", "s", unit->active);
	if (text_equal(name, "CanStop"))
		return sd_bus_reply_method_return(message, "v", "b", (int)unit->can_stop);
	if (text_equal(name, "Transient"))
		return sd_bus_reply_method_return(message, "v", "b", (int)unit->transient);
	if (text_equal(name, "StateChangeTimestamp") && unit->changed_us)
		return sd_bus_reply_method_return(message, "v", "t", unit->changed_us);
	if (text_equal(name, "TriggeredBy"))
		return reply_list(message, unit->triggered);
	if (text_equal(name, "RequiredBy"))
		return reply_list(message, unit->required);
	if (text_equal(name, "BoundBy"))
		return reply_list(message, unit->bound);
	if (text_equal(name, "RequisiteOf") || text_equal(name, "ConsistsOf"))
		return reply_list(message, NULL);
	/* As an older systemd would. */
	return reply_error(message, "org.freedesktop.DBus.Error.UnknownProperty");
}

static int load_unit(sd_bus_message *message)
{
	const char *name;

	sd_bus_message_read(message, "s", &name);
	for (size_t i = 0; i < FAKES; i++) {
		auto_free char *path = xasprintf("/unit/%zu", i);

		if (text_equal(fakes[i].name, name))
			return sd_bus_reply_method_return(message, "o", path);
	}
	return reply_error(message, "org.freedesktop.DBus.Error.InvalidArgs");
}

static int send_removed(sd_bus_message *message, const char *job, const char *result)
{
	return sd_bus_emit_signal(sd_bus_message_get_bus(message), "/org/freedesktop/systemd1",
				  MANAGER, "JobRemoved", "uoss", 1, job, "any.service", result);
}

/* Another job ends first, and its result is none of the caller's business. */
static int run_job(sd_bus_message *message)
{
	const char *name, *mode;

	sd_bus_message_read(message, "ss", &name, &mode);
	if (text_equal(name, "gone.service"))
		return reply_error(message, "org.freedesktop.systemd1.NoSuchUnit");
	if (!text_equal(mode, "replace"))
		return reply_error(message, "org.freedesktop.DBus.Error.InvalidArgs");
	send_removed(message, "/job/8", "failed");
	sd_bus_reply_method_return(message, "o", "/job/9");
	if (text_equal(name, "slow.service"))
		return 1;
	return send_removed(message, "/job/9", text_equal(name, "bad.service") ? "failed" : "done");
}

static int get_shared_property(sd_bus_message *message)
{
	const char *path = sd_bus_message_get_path(message), *interface, *name;

	sd_bus_message_read(message, "ss", &interface, &name);
	if (text_equal(path, "/org/freedesktop/systemd1") && text_equal(interface, MANAGER) &&
	    text_equal(name, "SystemState"))
		return sd_bus_reply_method_return(message, "v", "s", manager_state);
	if (has_logind && text_equal(path, "/org/freedesktop/login1") &&
	    text_equal(interface, "org.freedesktop.login1.Manager") &&
	    text_equal(name, "PreparingForShutdown"))
		return sd_bus_reply_method_return(message, "v", "b", (int)announced);
	return reply_error(message, "org.freedesktop.DBus.Error.UnknownObject");
}

static int answer_call(sd_bus_message *message, void *data, sd_bus_error *failure)
{
	const char *path = sd_bus_message_get_path(message);
	const char *member = sd_bus_message_get_member(message);
	FILE *calls = data;

	(void)failure;
	if (!sd_bus_message_is_method_call(message, NULL, NULL))
		return 0;
	if (text_equal(member, "Get") && text_starts(path, "/unit/"))
		return get_property(message, &fakes[strtoul(path + 6, NULL, 10)]);
	if (text_equal(member, "Get"))
		return get_shared_property(message);
	fprintf(calls, "%s\n", member);
	fflush(calls);
	if (text_equal(member, "LoadUnit"))
		return load_unit(message);
	if (text_equal(member, "StartUnit") || text_equal(member, "StopUnit"))
		return run_job(message);
	return sd_bus_reply_method_return(message, NULL);
}

/* One client, until it has gone; whoever is not the manager's user is not heard. */
static void serve(int fd, uid_t user, FILE *calls)
{
	struct ucred peer = {0};
	socklen_t length = sizeof(peer);
	sd_bus *bus = NULL;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0 || peer.uid != user) {
		close(fd);
		return;
	}
	sd_bus_new(&bus);
	sd_bus_set_fd(bus, fd, fd);
	sd_bus_set_server(bus, 1, SD_ID128_MAKE(1, 2, 3, 4, 5, 6, 7, 8, 9, a, b, c, d, e, f, 0));
	sd_bus_set_trusted(bus, 1);
	sd_bus_add_filter(bus, NULL, answer_call, calls);
	sd_bus_start(bus);
	for (;;) {
		int ret = sd_bus_process(bus, NULL);

		if (ret < 0 || (ret == 0 && sd_bus_wait(bus, UINT64_MAX) < 0))
			break;
	}
	sd_bus_close_unref(bus);
}

static pid_t manager_pid;

static void __attribute__((noreturn)) manager_main(int listener, uid_t user)
{
	auto_free char *path = xasprintf("%s/calls", made->root);
	FILE *calls = fopen(path, "we");

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		serve(accept(listener, NULL, NULL), user, calls);
}

/* It listens when this returns. */
static void manager_start(const char *dir, uid_t user)
{
	auto_free char *path = xasprintf("%s/private", dir);
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	tree_dir(made->root_fd, dir);
	/* The whole path may be longer than such an address. */
	assert_int_equal(fchdir(made->root_fd), 0);
	strcpy(address.sun_path, path);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(chown(path, user, user), 0);
	assert_int_equal(listen(listener, 5), 0);
	manager_pid = fork();
	if (manager_pid == 0)
		manager_main(listener, user);
	close(listener);
	assert_int_equal(chdir("/"), 0);
}

static int fresh_system(void **state)
{
	int ret = fresh(state);

	tree_dir(made->root_fd, "run/systemd/system");
	manager_start("run/systemd", 0);
	return ret;
}

static int stale_manager(void **state)
{
	kill(manager_pid, SIGKILL);
	waitpid(manager_pid, NULL, 0);
	return stale(state);
}

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
	assert_contains(err.text, "still at it after 100 ms");
}

/* --- the host goes down --- */

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
	assert_false(host_is_going_down(&host));
	stale_manager(state);
}

static void without_an_answer_the_host_goes_on(void **state)
{
	(void)state;
	assert_false(host_is_going_down(&host));
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
		cmocka_unit_test(a_host_that_goes_down_is_known),
		cmocka_unit_test(logind_is_asked_where_it_runs),
		cmocka_unit_test_setup_teardown(without_an_answer_the_host_goes_on, fresh, stale),
		OF_USER(a_users_manager_is_asked_as_that_user),
		OF_USER(a_directory_of_another_user_is_none),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
