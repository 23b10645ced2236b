// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who a process is: which files of /proc say so, how that is put together with what logind wrote
 * down, and in which order what it is to the host is decided.
 * Tests: unit/test-holders.c, model/test-survey.c.
 */
#include "parsers/users/identity.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/pid.h"
#include "base/text.h"
#include "model/protected.h"
#include "model/roles.h"
#include "parsers/slow.h"
#include "parsers/users/cgroup.h"
#include "parsers/users/container.h"
#include "parsers/users/sessions.h"

#define USERS_LIMIT (4 * 1024 * 1024)
#define CGROUP_LIMIT (64 * 1024)

void identities_done(struct identities *identities)
{
	free(identities->users);
	free(identities->masters);
	*identities = (struct identities){0};
}

void identities_read(const struct host *host, const struct snapshot *snapshot,
		     struct identities *ret)
{
	*ret = (struct identities){.host = host,
				   .systemd = host_exists(host, HOST_RUN, "systemd/system")};
	host_read_file(host, HOST_ETC, USERS_LIMIT, &ret->users, NULL, NULL, "passwd");
	slow_masters_read(host, snapshot, &ret->masters, &ret->master_count);
}

/* --- whose it is --- */

/* Of a line NAME:PASSWORD:UID:...; false for one that is none. */
static bool line_is_of(const char *line, uid_t uid)
{
	const char *password = line + strcspn(line, ":\n");
	const char *number = *password == ':' ? password + 1 + strcspn(password + 1, ":\n") : "";
	char *end = NULL;

	return *number == ':' && number[1] >= '0' && number[1] <= '9' &&
	       strtoul(number + 1, &end, 10) == uid && *end == ':';
}

/* Heap or NULL. */
static char *find_user(const char *users, uid_t uid)
{
	for (const char *line = users; line && *line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (line_is_of(line, uid))
			return xasprintf("%.*s", (int)strcspn(line, ":"), line);
	}
	return NULL;
}

/*
 * Not by getpwuid: that may ask the network, which may be behind a device that is about to go.
 */
static char *user_name(const struct identities *identities, uid_t uid)
{
	auto_free char *name = find_user(identities->users, uid);

	if (!name)
		name = session_user_name(identities->host, uid);
	if (name)
		return text_escape(name);
	/* Whatever files there are, and whoever may read them. */
	return uid == 0 ? xstrdup("root") : xasprintf("%u", (unsigned int)uid);
}

static int read_user(const struct identities *identities, struct holder *holder, struct error *err)
{
	char status[4097];
	const char *line;
	unsigned int uid;
	int ret = host_read(identities->host, HOST_PROC, status, sizeof(status), err, "%d/status",
			    (int)holder->pid);

	if (ret < 0)
		return ret;
	line = strstr(status, "\nUid:");
	/* Real and effective: with the rights of the latter it holds what it holds. */
	if (!line || sscanf(line, "\nUid: %*u %u", &uid) != 1)
		return error_set(err, EBADMSG, "/proc/%d/status: no Uid", (int)holder->pid);
	holder->uid = uid;
	holder->user = user_name(identities, uid);
	return 0;
}

/* --- where it runs --- */

static int read_cgroup(struct identities *identities, struct holder *holder, struct error *err)
{
	auto_free char *text = NULL, *owner = NULL;
	cleanup(cgroup_done) struct cgroup cgroup = {0};
	int ret = host_read_file(identities->host, HOST_PROC, CGROUP_LIMIT, &text, NULL, err,
				 "%d/cgroup", (int)holder->pid);

	/* A kernel may have been built without. */
	if (ret == -ENOENT)
		return 0;
	if (ret < 0)
		return ret;
	cgroup_parse(text, &cgroup);
	holder->unit = steal(&cgroup.unit);
	holder->manager = cgroup.manager;
	holder->session = steal(&cgroup.session);
	owner = cgroup.manager != 0 ? user_name(identities, cgroup.manager) : NULL;
	if (cgroup.container)
		container_describe(identities->host, &cgroup, owner,
				   &identities->impatient_of_containers, holder);
	/* Its name, where that was found, says more than what its group is called. */
	if (!holder->container)
		holder->container = steal(&cgroup.container);
	holder->guest = steal(&cgroup.guest);
	return 0;
}

/*
 * A display server that its manager started in the manager's own service (Xorg of lightdm or sddm)
 * is in no session, and yet what is on the screen is its doing.
 */
static void find_session_on_screen(const struct identities *identities, struct holder *holder)
{
	bool known;

	holder->session = session_on_screen(identities->host, &known);
	/* Where nobody keeps records of sessions, it must pass for the one on the screen. */
	holder->session_active = holder->session || !known;
}

static void find_session(const struct identities *identities, struct holder *holder,
			 const char *comm)
{
	if (!holder->session && holder->manager != 0)
		holder->session = session_of_user(identities->host, holder->manager);
	if (holder->session) {
		holder->session_active = session_is_active(identities->host, holder->session);
		holder->logged_in = session_lives(identities->host, holder->session);
	} else if (roles_is_display_server(comm)) {
		find_session_on_screen(identities, holder);
	}
}

/* --- what it is to the host --- */

static bool is_master(const struct identities *identities, pid_t pid)
{
	for (size_t i = 0; i < identities->master_count; i++)
		if (identities->masters[i] == pid)
			return true;
	return false;
}

/* Why it is not to be touched, or NULL. */
static const char *find_reason(const struct identities *identities, const struct holder *holder,
			       const char *comm)
{
	const struct protected_row *row = protected_program(comm);

	if (!row || row->kind == PROTECTED_KEEPER)
		row = holder->unit && holder->manager == 0 ? protected_unit(holder->unit) : NULL;
	if (row)
		return row->reason;
	return pid_is_ancestor(identities->host, holder->pid) ? "It has started this very program."
							      : NULL;
}

static bool is_keeper(const struct holder *holder, const char *comm)
{
	const struct protected_row *row = holder->uid == 0 ? protected_program(comm) : NULL;

	return row && row->kind == PROTECTED_KEEPER;
}

/*
 * Services that are not stopped for one process in them: the bus is not for a program that it
 * started, nor root's own manager, whose units cannot be told apart from the system's by number.
 */
static bool is_host_of_others(const char *unit)
{
	return strcmp(unit, "dbus.service") == 0 || strcmp(unit, "dbus-broker.service") == 0 ||
	       text_starts(unit, "user@");
}

static bool is_of_service(const struct holder *holder)
{
	const char *type = holder->unit ? strrchr(holder->unit, '.') : NULL;

	return type && strcmp(type, ".service") == 0 && !is_host_of_others(holder->unit);
}

/* A session in the background has as much to lose as the one on the screen. */
static bool is_display(const struct holder *holder, const char *comm)
{
	return roles_is_display_server(comm) && (holder->session_active || holder->logged_in);
}

/*
 * A container that is a service of systemd's is stopped and started as such. Any other has a
 * manager of its own that nobody asks here.
 */
static bool is_contained(const struct holder *holder)
{
	bool is_own_service =
		is_of_service(holder) && (holder->manager != 0 || !protected_unit(holder->unit));

	return holder->container && !is_own_service;
}

static enum holder_role find_role(const struct identities *identities, const struct holder *holder,
				  const char *comm, const char *exe)
{
	if (holder->pid == 1)
		return HOLDER_LOGIND;
	if (holder->guest || protected_machine(comm, exe))
		return HOLDER_GUEST;
	if (is_contained(holder) && !pid_is_ancestor(identities->host, holder->pid))
		return HOLDER_CONTAINER;
	if (is_keeper(holder, comm))
		return HOLDER_LOGIND;
	if (holder->reason)
		return HOLDER_PROTECTED;
	if (roles_is_splash(comm))
		return HOLDER_SPLASH;
	if (is_master(identities, holder->pid) || is_display(holder, comm))
		return HOLDER_DISPLAY;
	if (is_of_service(holder) && holder->manager != 0)
		return HOLDER_USER_SERVICE;
	if (is_of_service(holder) && identities->systemd)
		return HOLDER_SERVICE;
	return HOLDER_PROCESS;
}

static void read_role(struct identities *identities, struct holder *holder, const char *comm)
{
	char exe[HOST_NAME_SIZE];
	char *guest;

	/* Of kernel threads, and of what may not be looked into, there is none. */
	if (host_read_link_name(identities->host, HOST_PROC, exe, sizeof(exe), NULL, "%d/exe",
				(int)holder->pid) < 0)
		exe[0] = '\0';
	find_session(identities, holder, comm);
	holder->reason = find_reason(identities, holder, comm);
	holder->keeps_cards = roles_keeps_cards(comm);
	holder->follows_udev = roles_is_sound_server(comm);
	/* Whoever else calls itself so is somebody's program. */
	holder->watches_disks = holder->uid == 0 && roles_watches_disks(comm);
	holder->role = find_role(identities, holder, comm, exe);
	if (holder->role != HOLDER_GUEST)
		return;
	guest = slow_guest_name_read(identities->host, holder->pid, &identities->impatient);
	if (guest) {
		free(holder->guest);
		holder->guest = guest;
	}
}

static int check_still_there(const struct identities *identities, const struct holder *holder,
			     struct error *err)
{
	struct pid_stat stat;
	int ret = pid_stat_read(identities->host, holder->pid, &stat, err);

	if (ret == 0 && stat.start_time != holder->start_time)
		return error_set(err, ESRCH, "process %d has ended", (int)holder->pid);
	return ret;
}

int identity_read(struct identities *identities, struct holder *holder, struct error *err)
{
	char comm[64];
	int ret = host_read(identities->host, HOST_PROC, comm, sizeof(comm), err, "%d/comm",
			    (int)holder->pid);

	if (ret == 0)
		ret = read_user(identities, holder, err);
	if (ret == 0)
		ret = read_cgroup(identities, holder, err);
	if (ret == 0) {
		holder->command = text_escape(comm);
		read_role(identities, holder, comm);
		/* Only now is it certain that all this was said of one process. */
		ret = check_still_there(identities, holder, err);
	}
	return ret == -ENOENT ? -ESRCH : ret;
}
