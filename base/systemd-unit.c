// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What there is to know of a unit before it is stopped: whether it would come back, by which other
 * units, and which go with it. Knows systemd's properties, and nothing of how they travel.
 * Tests: unit/test-host-units.c.
 */
#include "base/systemd.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/text.h"

/* The unit asked for is the first; the others follow in the order they were found. */
struct unit_closure {
	struct {
		char *name;
		bool triggers;
	} * units;
	size_t count;
};

/* More than this is no service with its sockets, but half the system. */
#define CIRCLE_MAX 64

static void closure_done(struct unit_closure *closure)
{
	for (size_t i = 0; i < closure->count; i++)
		free(closure->units[i].name);
	free(closure->units);
}

static bool closure_has(const struct unit_closure *closure, const char *name)
{
	for (size_t i = 0; i < closure->count; i++)
		if (text_equal(closure->units[i].name, name))
			return true;
	return false;
}

static void closure_add(struct unit_closure *closure, const char *name, bool triggers)
{
	closure->units = array_grow(closure->units, closure->count, sizeof(*closure->units));
	closure->units[closure->count].name = xstrdup(name);
	closure->units[closure->count++].triggers = triggers;
}

static bool state_is_active(const char *state)
{
	return !text_equal(state, "inactive") && !text_equal(state, "failed") &&
	       !text_equal(state, "deactivating");
}

static int add_if_active(const struct systemd *systemd, struct unit_closure *closure,
			 const char *name, bool triggers, struct error *err)
{
	auto_free char *path = NULL, *state = NULL;
	int ret;

	if (closure_has(closure, name))
		return 0;
	ret = systemd_unit_path(systemd, name, &path, err);
	if (ret == 0)
		ret = systemd_unit_string(systemd, path, "ActiveState", &state, err);
	if (ret < 0 || !state_is_active(state))
		return ret;
	if (closure->count >= CIRCLE_MAX)
		return error_set(err, E2BIG, "more than %d other units depend on it", CIRCLE_MAX);
	closure_add(closure, name, triggers);
	return 0;
}

static int add_related(const struct systemd *systemd, struct unit_closure *closure,
		       const char *name, struct error *err)
{
	/* What starts a unit; and what systemd stops along with it (systemd.unit(5)). */
	static const char *const relations[] = {"TriggeredBy", "RequiredBy", "RequisiteOf",
						"BoundBy",     "ConsistsOf", "PropagatesStopTo"};
	auto_free char *path = NULL;
	int ret = systemd_unit_path(systemd, name, &path, err);

	for (size_t i = 0; ret == 0 && i < sizeof(relations) / sizeof(relations[0]); i++) {
		cleanup(host_free_names) char **names = NULL;

		ret = systemd_unit_strings(systemd, path, relations[i], &names, err);
		for (size_t n = 0; ret == 0 && names && names[n]; n++)
			ret = add_if_active(systemd, closure, names[n], i == 0, err);
	}
	return ret;
}

/*
 * All of them, not only the next: what is stopped along has sockets of its own, by which it would
 * come back and bring the unit back. Farthest first, as they are best stopped.
 */
static int read_circle(const struct systemd *systemd, const char *id, struct host_unit *unit,
		       struct error *err)
{
	cleanup(closure_done) struct unit_closure closure = {0};
	size_t triggered = 0, dependent = 0;
	int ret = 0;

	closure_add(&closure, id, false);
	for (size_t i = 0; ret == 0 && i < closure.count; i++)
		ret = add_related(systemd, &closure, closure.units[i].name, err);
	if (ret < 0)
		return ret;
	unit->triggered = xcalloc(closure.count, sizeof(*unit->triggered));
	unit->dependent = xcalloc(closure.count, sizeof(*unit->dependent));
	for (size_t i = closure.count - 1; i > 0; i--) {
		if (closure.units[i].triggers)
			unit->triggered[triggered++] = steal(&closure.units[i].name);
		else
			unit->dependent[dependent++] = steal(&closure.units[i].name);
	}
	return 0;
}

static int read_unit(const struct systemd *systemd, const char *name, struct host_unit *unit,
		     struct error *err)
{
	auto_free char *path = NULL, *load_state = NULL;
	int can_stop = 0, transient = 0;
	bool missing;
	int ret = systemd_unit_path(systemd, name, &path, err);

	if (ret == 0)
		ret = systemd_unit_string(systemd, path, "LoadState", &load_state, err);
	if (ret == 0)
		ret = systemd_unit_string(systemd, path, "ActiveState", &unit->state, err);
	if (ret < 0)
		return ret;
	/* A unit may outlive its file. */
	missing = text_equal(load_state, "not-found");
	if (missing && !state_is_active(unit->state))
		return error_set(err, ENOENT, "systemd knows no such unit");
	ret = systemd_unit_string(systemd, path, "Id", &unit->id, err);
	if (ret == 0)
		ret = systemd_unit_trivial(systemd, path, "CanStop", 'b', &can_stop, err);
	if (ret == 0)
		ret = systemd_unit_trivial(systemd, path, "Transient", 'b', &transient, err);
	if (ret == 0)
		ret = read_circle(systemd, unit->id, unit, err);
	unit->can_stop = can_stop;
	unit->transient = transient || missing;
	/* Good to know, and nothing that a guest's start may fail of. */
	if (ret == 0)
		systemd_unit_trivial(systemd, path, "StateChangeTimestamp", 't',
				     &unit->state_changed_us, NULL);
	return ret;
}

int systemd_unit_read(const struct systemd *systemd, const char *name, struct host_unit *ret,
		      struct error *err)
{
	cleanup(host_unit_done) struct host_unit unit = {0};
	int result = read_unit(systemd, name, &unit, err);

	if (result < 0)
		return result;
	*ret = unit;
	unit = (struct host_unit){0};
	return 0;
}
