/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * A made-up manager of systemd, which listens below a made-up /run and speaks D-Bus as systemd
 * does. Without libsystemd's headers there is none, and MANAGER is not defined.
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
#include "tests/host/testhost.h"
#include "tests/host/tree.h"

static struct testhost *made;
static struct host host;

static inline int fresh(void **state)
{
	(void)state;
	made = testhost_new("device 0000:01:00.0 10de:2204\n");
	return host_open(&host, made->root, &host_ops_kernel, NULL, NULL);
}

static inline int stale(void **state)
{
	(void)state;
	host_close(&host);
	testhost_free(&made);
	return 0;
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
/* Is this process the message bus, by which logind is reached? The manager's socket is not. */
static bool serves_bus;

#define FAKES (sizeof(fakes) / sizeof(fakes[0]))

static inline int reply_error(sd_bus_message *message, const char *name)
{
	return sd_bus_reply_method_errorf(message, name, "said by the made-up manager");
}

static inline int reply_list(sd_bus_message *message, const char *only)
{
	return sd_bus_reply_method_return(message, "v", "as", only ? 1 : 0, only);
}

static inline int get_property(sd_bus_message *message, const struct fake_unit *unit)
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

static inline int load_unit(sd_bus_message *message)
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

static inline int send_removed(sd_bus_message *message, const char *job, const char *result)
{
	return sd_bus_emit_signal(sd_bus_message_get_bus(message), "/org/freedesktop/systemd1",
				  MANAGER, "JobRemoved", "uoss", 1, job, "any.service", result);
}

/* Another job ends first, and its result is none of the caller's business. */
static inline int run_job(sd_bus_message *message)
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

static inline int get_shared_property(sd_bus_message *message)
{
	const char *path = sd_bus_message_get_path(message), *interface, *name;

	sd_bus_message_read(message, "ss", &interface, &name);
	if (text_equal(path, "/org/freedesktop/systemd1") && text_equal(interface, MANAGER) &&
	    text_equal(name, "SystemState"))
		return sd_bus_reply_method_return(message, "v", "s", manager_state);
	if (serves_bus && has_logind && text_equal(path, "/org/freedesktop/login1") &&
	    text_equal(interface, "org.freedesktop.login1.Manager") &&
	    text_equal(name, "PreparingForShutdown"))
		return sd_bus_reply_method_return(message, "v", "b", (int)announced);
	return reply_error(message, "org.freedesktop.DBus.Error.UnknownObject");
}

static inline int answer_call(sd_bus_message *message, void *data, sd_bus_error *failure)
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
	if (text_equal(member, "Hello"))
		return sd_bus_reply_method_return(message, "s", ":1.1");
	fprintf(calls, "%s\n", member);
	fflush(calls);
	if (text_equal(member, "LoadUnit"))
		return load_unit(message);
	if (text_equal(member, "StartUnit") || text_equal(member, "StopUnit"))
		return run_job(message);
	return sd_bus_reply_method_return(message, NULL);
}

/* One client, until it has gone; whoever is not the manager's user is not heard. */
static inline void serve(int fd, uid_t user, FILE *calls)
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

static pid_t manager_pid, bus_pid;

static inline void __attribute__((noreturn)) manager_main(int listener, uid_t user)
{
	auto_free char *path = xasprintf("%s/calls", made->root);
	FILE *calls = fopen(path, "we");

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		serve(accept(listener, NULL, NULL), user, calls);
}

/* It listens when this returns. path: below the made-up root; its directory exists. */
static inline pid_t listen_at(const char *path, uid_t user)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pid_t pid;

	/* The whole path may be longer than such an address. */
	assert_int_equal(fchdir(made->root_fd), 0);
	strcpy(address.sun_path, path);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(chown(path, user, user), 0);
	assert_int_equal(listen(listener, 5), 0);
	pid = fork();
	if (pid == 0)
		manager_main(listener, user);
	close(listener);
	assert_int_equal(chdir("/"), 0);
	return pid;
}

static inline void manager_start(const char *dir, uid_t user)
{
	auto_free char *path = xasprintf("%s/private", dir);

	tree_dir(made->root_fd, dir);
	manager_pid = listen_at(path, user);
}

/* The message bus, with logind on it. */
static inline void bus_start(void)
{
	tree_dir(made->root_fd, "run/dbus");
	serves_bus = true;
	bus_pid = listen_at("run/dbus/system_bus_socket", 0);
	serves_bus = false;
}

static inline int fresh_system(void **state)
{
	int ret = fresh(state);

	tree_dir(made->root_fd, "run/systemd/system");
	manager_start("run/systemd", 0);
	return ret;
}

static inline int stale_manager(void **state)
{
	kill(manager_pid, SIGKILL);
	waitpid(manager_pid, NULL, 0);
	if (bus_pid > 0) {
		kill(bus_pid, SIGKILL);
		waitpid(bus_pid, NULL, 0);
	}
	bus_pid = 0;
	return stale(state);
}
#endif
