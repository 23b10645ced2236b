// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The units of made-up managers and what logind tells of sessions. A unit's state is kept in
 * "units", beside the tree that the hook can see.
 */
#include "tests/host/units.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/cell.h"
#include "tests/host/processes.h"
#include "tests/host/tree.h"

static void set_state(const struct testhost *host, const struct machine_unit *unit,
		      const char *state)
{
	auto_free char *path = xasprintf("units/%s", unit->name);

	tree_file(host->root_fd, path, "%s\n", state);
}

static char *state_of(const struct testhost *host, const struct machine_unit *unit)
{
	auto_free char *path = xasprintf("units/%s", unit->name);

	return tree_read(host->root_fd, path);
}

static bool is_active(const struct testhost *host, const struct machine_unit *unit)
{
	auto_free char *state = state_of(host, unit);

	return strcmp(state, "active") == 0;
}

/* The name behind its manager's "UID/"; how long that is. */
static size_t manager_length(const char *name)
{
	const char *slash = strchr(name, '/');

	return slash ? (size_t)(slash - name) + 1 : 0;
}

void units_boot(struct testhost *host)
{
	if (host->machine.unit_count > 0)
		tree_dir(host->root_fd, "run/systemd/system");
	for (size_t i = 0; i < host->machine.unit_count; i++) {
		const struct machine_unit *unit = &host->machine.units[i];
		size_t length = manager_length(unit->name);
		auto_free char *manager =
			xasprintf("run/user/%.*ssystemd", (int)length, unit->name);

		if (length > 0)
			tree_dir(host->root_fd, manager);
		set_state(host, unit, unit->state);
	}
}

/* The unit that is called name where owner speaks of it. */
static const struct machine_unit *sibling(const struct testhost *host,
					  const struct machine_unit *owner, const char *name)
{
	auto_free char *whole =
		xasprintf("%.*s%s", (int)manager_length(owner->name), owner->name, name);

	return machine_unit(&host->machine, whole);
}

static bool any_active(const struct testhost *host, const struct machine_unit *owner,
		       const char *list)
{
	char name[CELL_NAME_SIZE];

	while (list_next(&list, name, sizeof(name)))
		if (is_active(host, sibling(host, owner, name)))
			return true;
	return false;
}

static void start(struct testhost *host, const struct machine_unit *unit)
{
	set_state(host, unit, "active");
	processes_start(host, unit->pids);
}

/* With those that depend on it, which nobody starts along with it. */
static void stop(struct testhost *host, const struct machine_unit *unit)
{
	const char *list = unit->dependent;
	char name[CELL_NAME_SIZE];

	set_state(host, unit, "inactive");
	processes_stop(host, unit->pids);
	while (list_next(&list, name, sizeof(name))) {
		const struct machine_unit *other = sibling(host, unit, name);

		if (is_active(host, other))
			stop(host, other);
	}
	if (unit->wanted && any_active(host, unit, unit->triggered))
		start(host, unit);
}

static bool has_manager(const struct testhost *host, const char *name)
{
	size_t length = manager_length(name);

	for (size_t i = 0; i < host->machine.unit_count; i++) {
		const char *other = host->machine.units[i].name;

		if (manager_length(other) == length && strncmp(other, name, length) == 0)
			return true;
	}
	return length == 0 && host->machine.unit_count > 0;
}

/* A socket is not started while a service that it starts is active. */
static bool is_socket_of_active(const struct testhost *host, const struct machine_unit *unit)
{
	const char *name = unit->name + manager_length(unit->name);

	for (size_t i = 0; i < host->machine.unit_count; i++) {
		const struct machine_unit *other = &host->machine.units[i];

		if (list_has(other->triggered, name) && sibling(host, other, name) == unit &&
		    is_active(host, other))
			return strstr(name, ".socket") != NULL;
	}
	return false;
}

int unit_set(struct testhost *host, const char *name, bool active)
{
	const struct machine_unit *unit = machine_unit(&host->machine, name);

	if (!unit)
		return has_manager(host, name) ? ENOENT : ENOSYS;
	if (is_active(host, unit) == active)
		return 0;
	if (active && is_socket_of_active(host, unit))
		return EIO;
	if (active && unit->fails_to_start) {
		set_state(host, unit, "failed");
		return EIO;
	}
	if (!active && unit->stops_not)
		return EPERM;
	if (!active && unit->fails_to_stop)
		return ETIMEDOUT;
	if (active)
		start(host, unit);
	else
		stop(host, unit);
	return 0;
}

static char **active_names(const struct testhost *host, const struct machine_unit *unit,
			   const char *list)
{
	char **names = NULL, name[CELL_NAME_SIZE];
	size_t count = 0;

	while (list_next(&list, name, sizeof(name))) {
		if (!is_active(host, sibling(host, unit, name)))
			continue;
		array_push(names, count, xstrdup(name));
	}
	names = array_grow(names, count, sizeof(*names));
	names[count] = NULL;
	return names;
}

int unit_read(const struct testhost *host, const char *name, struct host_unit *ret)
{
	const struct machine_unit *unit = machine_unit(&host->machine, name);

	if (!unit)
		return has_manager(host, name) ? ENOENT : ENOSYS;
	*ret = (struct host_unit){
		.id = xstrdup(unit->name + manager_length(unit->name)),
		.state = state_of(host, unit),
		.can_stop = !unit->stops_not,
		.triggered = active_names(host, unit, unit->triggered),
		.dependent = active_names(host, unit, unit->dependent),
	};
	return 0;
}

static void boot_session(struct testhost *host, const struct machine_session *session)
{
	auto_free char *path = xasprintf("run/systemd/sessions/%s", session->id);
	auto_text struct text out = TEXT_INIT;

	text_printf(&out, "# This is private data. Do not parse.\n");
	text_printf(&out, "UID=%u\nUSER=%s\nACTIVE=%d\nIS_DISPLAY=%d\nSTATE=%s\nREMOTE=%d\n",
		    session->uid, session->user, session->active, session->active,
		    session->active ? "active" : "online", session->remote != NULL);
	if (session->remote)
		text_printf(&out, "REMOTE_HOST=%s\n", session->remote);
	text_printf(&out, "TYPE=%s\nCLASS=%s\nSCOPE=session-%s.scope\n", session->type,
		    session->class, session->id);
	if (session->tty)
		text_printf(&out, "TTY=%s\n", session->tty);
	if (session->tty && session->seat)
		text_printf(&out, "VTNR=%s\n", session->tty + strlen("tty"));
	if (session->seat)
		text_printf(&out, "SEAT=%s\n", session->seat);
	if (session->service)
		text_printf(&out, "SERVICE=%s\n", session->service);
	if (session->leader)
		text_printf(&out, "LEADER=%u\n", session->leader);
	tree_file(host->root_fd, path, "%s", out.data);
}

/* All sessions of a user, or on a seat, by number. */
static char *sessions_of(const struct testhost *host, const struct machine_session *like, bool seat)
{
	struct text out = TEXT_INIT;

	for (size_t i = 0; i < host->machine.session_count; i++) {
		const struct machine_session *other = &host->machine.sessions[i];

		if (seat ? text_equal(other->seat, like->seat) : other->uid == like->uid)
			text_printf(&out, "%s%s", out.length > 0 ? " " : "", other->id);
	}
	return out.data;
}

void sessions_boot(struct testhost *host)
{
	for (size_t i = 0; i < host->machine.session_count; i++) {
		const struct machine_session *session = &host->machine.sessions[i];
		auto_free char *user = xasprintf("run/systemd/users/%u", session->uid);
		auto_free char *seat =
			xasprintf("run/systemd/seats/%s", session->seat ? session->seat : "");
		auto_free char *ids = sessions_of(host, session, false);
		auto_free char *seated = sessions_of(host, session, true);

		boot_session(host, session);
		if (!tree_exists(host->root_fd, user) || session->active)
			tree_file(host->root_fd, user,
				  "NAME=%s\nSTATE=%s\nDISPLAY=%s\nSESSIONS=%s\n", session->user,
				  session->active ? "active" : "online", session->id, ids);
		if (session->seat && session->active)
			tree_file(host->root_fd, seat,
				  "IS_SEAT0=%d\nACTIVE=%s\nACTIVE_UID=%u\nSESSIONS=%s\n",
				  strcmp(session->seat, "seat0") == 0, session->id, session->uid,
				  seated);
	}
}
