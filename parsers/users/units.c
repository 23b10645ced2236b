// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which units systemd must be asked about before a plan is made, and what of its answers decides
 * whether one can be stopped and had back.
 */
#include "parsers/users/units.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "model/protected.h"

/* Whichever display manager is installed goes by this name as well. */
#define DISPLAY_MANAGER "display-manager.service"

static bool is_active(const char *state)
{
	return text_equal(state, "active") || text_equal(state, "activating") ||
	       text_equal(state, "reloading") || text_equal(state, "refreshing");
}

static bool has_name(char *const *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

/* A name that no unit can have would be no cell. */
static bool names_are_valid(char *const *names)
{
	for (size_t i = 0; names && names[i]; i++) {
		const char *valid;
		uid_t manager;

		if (!unit_target_parse(names[i], &manager, &valid) || valid != names[i])
			return false;
	}
	return true;
}

static size_t add_names(char **with, size_t count, char *const *names, const char *id)
{
	for (size_t i = 0; names && names[i]; i++)
		if (strcmp(names[i], id) != 0 && !has_name(with, count, names[i]))
			with[count++] = xstrdup(names[i]);
	return count;
}

static size_t count_names(char *const *names)
{
	size_t count = 0;

	while (names && names[count])
		count++;
	return count;
}

/* What starts it again goes first: it must not come back while the rest is stopped. */
static char **join_names(const struct host_unit *state)
{
	size_t room = count_names(state->triggered) + count_names(state->dependent) + 1;
	char **with = xcalloc(room, sizeof(*with));
	size_t count = add_names(with, 0, state->triggered, state->id);

	add_names(with, count, state->dependent, state->id);
	return with;
}

static void add_unit(struct snapshot *snapshot, const struct unit *unit)
{
	array_push(snapshot->units, snapshot->unit_count, *unit);
}

static void add_known(struct snapshot *snapshot, uid_t manager, const char *name,
		      const struct host_unit *state)
{
	struct unit unit = {.name = unit_target(manager, name),
			    .active = is_active(state->state),
			    .can_stop = state->can_stop};

	if (!state->can_stop)
		unit.note = xstrdup("systemd does not let it be stopped by hand");
	if (names_are_valid(state->triggered) && names_are_valid(state->dependent)) {
		unit.stops_with = join_names(state);
	} else {
		unit.can_stop = false;
		free(unit.note);
		unit.note = xstrdup("systemd tells names that no unit can have");
	}
	add_unit(snapshot, &unit);
}

static void add_unknown(struct snapshot *snapshot, uid_t manager, const char *name,
			const char *note, bool unasked)
{
	struct unit unit = {.name = unit_target(manager, name),
			    .active = true,
			    .unasked = unasked,
			    .note = text_escape(note)};

	add_unit(snapshot, &unit);
}

static bool has_unit(const struct snapshot *snapshot, uid_t manager, const char *name)
{
	auto_free char *target = unit_target(manager, name);

	return snapshot_unit(snapshot, target) != NULL;
}

/* A machine that only lies there as files has nobody to be asked. */
static bool can_be_asked(const struct host *host)
{
	return host->ops && host->ops->unit_read;
}

/* --- patience --- */

/*
 * How much of our time the system's manager gets in all, and all users' managers together: a user's
 * may be anything, any number of units be his, and any number of users be there.
 */
#define PATIENCE_MS 15000

struct managers {
	uint64_t system_ms, users_ms; /* spent */
};

/* As host_unit_read; ETIMEDOUT, too, without asking where the time is spent. */
static int ask(const struct host *host, struct managers *managers, uid_t uid, const char *name,
	       struct host_unit *ret, struct error *err)
{
	uint64_t *spent_ms = uid ? &managers->users_ms : &managers->system_ms;
	uint64_t started_ms = host_now_ms();
	int result;

	if (*spent_ms >= PATIENCE_MS)
		return error_set(err, ETIMEDOUT, "unit %s: %s too slow before", name,
				 uid ? "managers of users were" : "its manager was");
	result = host_unit_read(host, uid, name, ret, err);
	*spent_ms += result == -ETIMEDOUT ? PATIENCE_MS : host_now_ms() - started_ms;
	return result;
}

/* --- of the holders --- */

static bool may_be_stopped(const struct holder *holder)
{
	const char *type = holder->unit ? strrchr(holder->unit, '.') : NULL;

	if (holder->role == HOLDER_SERVICE || holder->role == HOLDER_USER_SERVICE)
		return type != NULL;
	return holder->role == HOLDER_DISPLAY && holder->manager == 0 && type &&
	       strcmp(type, ".service") == 0;
}

/*
 * Some units leave processes behind when they stop (KillMode=process: a job of cron's, say): to
 * stop them once more would do nothing about those, and to start them is not ours.
 */
static bool has_ended(const struct host_unit *state)
{
	return state->can_stop &&
	       (text_equal(state->state, "inactive") || text_equal(state->state, "failed"));
}

/* What ran in a unit that cannot be started again is ended as a program is. */
static void demote(struct snapshot *snapshot, const struct holder *of)
{
	for (size_t i = 0; i < snapshot->holder_count; i++) {
		struct holder *holder = &snapshot->holders[i];

		if ((holder->role == HOLDER_SERVICE || holder->role == HOLDER_USER_SERVICE) &&
		    holder->manager == of->manager && text_equal(holder->unit, of->unit))
			holder->role = HOLDER_PROCESS;
	}
}

static void read_unit_of(const struct host *host, struct managers *managers,
			 struct snapshot *snapshot, const struct holder *holder)
{
	cleanup(host_unit_done) struct host_unit state = {0};
	struct error err = ERROR_INIT;

	if (!may_be_stopped(holder) || has_unit(snapshot, holder->manager, holder->unit))
		return;
	if (ask(host, managers, holder->manager, holder->unit, &state, &err) < 0)
		add_unknown(snapshot, holder->manager, holder->unit, err.text, !can_be_asked(host));
	else if (state.transient || has_ended(&state))
		demote(snapshot, holder);
	else
		add_known(snapshot, holder->manager, holder->unit, &state);
}

/* --- the display manager --- */

static bool has_display(const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->device_count; i++)
		if (snapshot_graphics(snapshot, &snapshot->devices[i]))
			return true;
	return false;
}

/*
 * What has started a session that may have to end. One that is not running, or was made for one
 * run, starts nothing again.
 */
static void read_starter(const struct host *host, struct managers *managers,
			 struct snapshot *snapshot, const char *name)
{
	cleanup(host_unit_done) struct host_unit state = {0};
	struct error err = ERROR_INIT;
	int ret;

	if (!name || has_unit(snapshot, 0, name))
		return;
	ret = ask(host, managers, 0, name, &state, &err);
	if (ret < 0 && ret != -ENOENT)
		add_unknown(snapshot, 0, name, err.text, !can_be_asked(host));
	else if (ret == 0 && !state.transient && !has_ended(&state))
		add_known(snapshot, 0, name, &state);
}

/* Which one is installed can be seen without asking. */
static void find_display_manager(const struct host *host, struct snapshot *snapshot)
{
	char name[HOST_NAME_SIZE];

	if (host_read_link_name(host, HOST_ETC, name, sizeof(name), NULL,
				"systemd/system/" DISPLAY_MANAGER) < 0 ||
	    !unit_name_valid(name))
		return;
	snapshot->display_manager = xstrdup(name);
	if (!has_unit(snapshot, 0, name))
		add_unknown(snapshot, 0, name, "it could not be asked about", true);
}

static void read_display_manager(const struct host *host, struct managers *managers,
				 struct snapshot *snapshot)
{
	cleanup(host_unit_done) struct host_unit state = {0};
	struct error err = ERROR_INIT;
	int ret;

	if (snapshot->display_manager || !has_display(snapshot))
		return;
	if (!can_be_asked(host)) {
		find_display_manager(host, snapshot);
		return;
	}
	ret = ask(host, managers, 0, DISPLAY_MANAGER, &state, &err);
	if (ret == -ENOENT || ret == -ENOSYS)
		return;
	snapshot->display_manager = xstrdup(ret == 0 ? state.id : DISPLAY_MANAGER);
	if (ret < 0)
		add_unknown(snapshot, 0, DISPLAY_MANAGER, err.text, false);
	else if (!has_unit(snapshot, 0, state.id))
		add_known(snapshot, 0, state.id, &state);
}

/*
 * The X server of a session that is in the background runs in its manager's service, and so does a
 * greeter: what is done about them is a matter of sessions, not of services.
 */
static void find_displays(struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->holder_count; i++) {
		struct holder *holder = &snapshot->holders[i];

		if (holder->role == HOLDER_SERVICE && holder->manager == 0 &&
		    snapshot->display_manager &&
		    text_equal(holder->unit, snapshot->display_manager))
			holder->role = HOLDER_DISPLAY;
	}
}

/* --- what a stop would take along --- */

static bool is_scope_of_session(const char *name)
{
	return text_starts(name, "session-") && strcmp(strrchr(name, '.'), ".scope") == 0;
}

/* Neither the host nor anybody's session is stopped along with a service. */
static bool must_stay(const struct snapshot *snapshot, const char *name)
{
	return protected_from_stop(name) || text_starts(name, "user@") ||
	       is_scope_of_session(name) || text_equal(name, snapshot->display_manager);
}

static void keep_pillars(struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->unit_count; i++) {
		struct unit *unit = &snapshot->units[i];

		for (size_t w = 0; unit->can_stop && unit->stops_with && unit->stops_with[w]; w++) {
			if (!must_stay(snapshot, unit->stops_with[w]))
				continue;
			unit->can_stop = false;
			free(unit->note);
			unit->note = xasprintf("%s would stop with it", unit->stops_with[w]);
		}
	}
}

void units_read(const struct host *host, struct snapshot *snapshot)
{
	struct managers managers = {0};

	for (size_t i = 0; i < snapshot->holder_count; i++)
		read_unit_of(host, &managers, snapshot, &snapshot->holders[i]);
	for (size_t i = 0; i < snapshot->holder_count; i++)
		read_starter(host, &managers, snapshot, snapshot->holders[i].starter);
	if (host_exists(host, HOST_RUN, "systemd/system"))
		read_display_manager(host, &managers, snapshot);
	find_displays(snapshot);
	keep_pillars(snapshot);
}
