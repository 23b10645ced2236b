// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From a display server to what would start it again: upwards from the process that leads its
 * session, as the server itself may be a child of the user's manager.
 */
#include "parsers/users/starters.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/pid.h"
#include "base/text.h"
#include "model/protected.h"
#include "model/roles.h"
#include "parsers/users/cgroup.h"
#include "parsers/users/sessions.h"

#define GENERATIONS_MAX 64
#define CGROUP_LIMIT (64 * 1024)

static bool is_service(const char *unit)
{
	const char *type = unit ? strrchr(unit, '.') : NULL;

	return type && strcmp(type, ".service") == 0 && !text_starts(unit, "user@");
}

/*
 * "tty1" has its login from getty@tty1.service, "ttyS0" and the like from serial-getty@. The login
 * has left the unit's control group for its session's, so that nothing else leads there.
 */
static char *getty_of(const struct host *host, const char *session)
{
	auto_free char *service = session_value(host, session, "SERVICE");
	auto_free char *tty = session_value(host, session, "TTY");
	bool is_virtual = tty && text_starts(tty, "tty") && tty[3] >= '0' && tty[3] <= '9';
	auto_free char *unit = NULL;

	if (!text_equal(service, "login") || !tty || text_starts(tty, "pts/"))
		return NULL;
	unit = xasprintf("%sgetty@%s.service", is_virtual ? "" : "serial-", tty);
	return unit_name_valid(unit) ? steal(&unit) : NULL;
}

/* --- generations --- */

struct generation {
	pid_t pid;
	char comm[64], exe[HOST_NAME_SIZE];
	struct cgroup cgroup;
};

static void generation_done(struct generation *generation)
{
	cgroup_done(&generation->cgroup);
}

static bool read_generation(const struct host *host, pid_t pid, struct generation *ret)
{
	auto_free char *text = NULL;

	*ret = (struct generation){.pid = pid};
	if (host_read(host, HOST_PROC, ret->comm, sizeof(ret->comm), NULL, "%d/comm", (int)pid) < 0)
		return false;
	if (host_read_link_name(host, HOST_PROC, ret->exe, sizeof(ret->exe), NULL, "%d/exe",
				(int)pid) < 0)
		ret->exe[0] = '\0';
	if (host_read_file(host, HOST_PROC, CGROUP_LIMIT, &text, NULL, NULL, "%d/cgroup",
			   (int)pid) == 0)
		cgroup_parse(text, &ret->cgroup);
	return true;
}

/*
 * A login that has become the server, or has it for its child without a shell in between, ends with
 * it, and where it logs in by itself it is soon back.
 */
static bool starts_again(const struct generation *generation, bool below_shell)
{
	if (strcmp(generation->comm, "login") == 0)
		return !below_shell;
	return !roles_only_starts(generation->comm) && !roles_only_starts(generation->exe);
}

/* False where the walk is over. */
static bool visit(const struct generation *generation, bool *below_shell, struct holder *holder)
{
	const char *unit = generation->cgroup.manager == 0 ? generation->cgroup.unit : NULL;

	if (is_service(unit)) {
		/* Sshd and such have started a shell, and do not start it again. */
		if (!protected_unit(unit) && !protected_from_stop(unit))
			holder->starter = xstrdup(unit);
		if (holder->starter || protected_unit(unit)) {
			free(holder->starter_program);
			holder->starter_program = NULL;
		}
		return false;
	}
	if (!holder->starter_program && starts_again(generation, *below_shell)) {
		auto_free char *name = text_escape(generation->comm);

		holder->starter_program = xasprintf("%s (process %d)", name, (int)generation->pid);
	}
	*below_shell = roles_is_shell(generation->comm);
	return true;
}

static void walk_up(const struct host *host, pid_t pid, struct holder *holder)
{
	bool below_shell = false, goes_on = true;

	for (int i = 0; i < GENERATIONS_MAX && goes_on && pid > 1; i++) {
		cleanup(generation_done) struct generation generation;
		struct pid_stat stat;

		if (!read_generation(host, pid, &generation) ||
		    pid_stat_read(host, pid, &stat, NULL) < 0)
			return;
		goes_on = visit(&generation, &below_shell, holder);
		pid = stat.parent;
	}
}

static pid_t leader_of(const struct host *host, const char *session)
{
	auto_free char *leader = session ? session_value(host, session, "LEADER") : NULL;

	return leader ? (pid_t)strtol(leader, NULL, 10) : 0;
}

static void read_starter(const struct host *host, struct holder *holder)
{
	struct pid_stat stat;
	pid_t leader;

	if (holder->manager == 0 && is_service(holder->unit)) {
		holder->starter = xstrdup(holder->unit);
		return;
	}
	holder->starter = holder->session ? getty_of(host, holder->session) : NULL;
	leader = leader_of(host, holder->session);
	if (holder->starter)
		return;
	if (leader > 1 && leader != holder->pid)
		walk_up(host, leader, holder);
	/* A user's manager has it from nobody. */
	else if (holder->manager == 0 && pid_stat_read(host, holder->pid, &stat, NULL) == 0)
		walk_up(host, stat.parent, holder);
}

/* --- what has started a login itself --- */

static bool has_started(const struct host *host, pid_t pid, pid_t leader)
{
	struct pid_stat stat;

	for (int i = 0; i < GENERATIONS_MAX && leader > 1 && leader != pid; i++) {
		if (pid_stat_read(host, leader, &stat, NULL) < 0)
			return false;
		leader = stat.parent;
	}
	return leader == pid;
}

/* A living session of somebody's that it has started; heap or NULL. */
static char *session_started_by(const struct host *host, pid_t pid)
{
	cleanup(host_free_names) char **ids = NULL;

	if (sessions_list(host, &ids) < 0)
		return NULL;
	for (size_t i = 0; ids[i]; i++) {
		auto_free char *class = session_value(host, ids[i], "CLASS");

		if ((!class || text_starts(class, "user")) && session_lives(host, ids[i]) &&
		    has_started(host, pid, leader_of(host, ids[i])))
			return xstrdup(ids[i]);
	}
	return NULL;
}

static bool may_draw(const struct snapshot *snapshot, const struct holder *holder)
{
	bool draws = false;

	for (size_t i = 0; i < holder->hold_count; i++) {
		const struct node *node = &snapshot->nodes[holder->holds[i].node];

		draws |= text_equal(node->subsystem, "graphics") ||
			 (text_equal(node->subsystem, "drm") && !node_is_render(node));
	}
	return draws && (holder->role == HOLDER_PROCESS || holder->role == HOLDER_SERVICE);
}

/*
 * A console that draws by itself (kmscon) is a service like any other, but who is logged in on it
 * ends with it.
 */
static void find_consoles(const struct host *host, struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->holder_count; i++) {
		struct holder *holder = &snapshot->holders[i];
		char *session = !holder->session && may_draw(snapshot, holder)
					? session_started_by(host, holder->pid)
					: NULL;

		if (!session)
			continue;
		holder->role = HOLDER_DISPLAY;
		holder->session = session;
		holder->session_active = session_is_active(host, session);
		holder->logged_in = true;
	}
}

void starters_read(const struct host *host, struct snapshot *snapshot)
{
	find_consoles(host, snapshot);
	for (size_t i = 0; i < snapshot->holder_count; i++)
		if (snapshot->holders[i].role == HOLDER_DISPLAY)
			read_starter(host, &snapshot->holders[i]);
}
