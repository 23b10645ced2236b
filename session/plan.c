// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a plan can be made on a host that others change meanwhile. Looking for holders may take many
 * seconds and is done without a lock; the claims are then read anew under it, and what others'
 * runs can have moved since is looked at once more: that takes a moment only.
 */
#include "session/plan.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/planner.h"
#include "parsers/pci/pci.h"
#include "state/journals.h"

#define LOOKS_MAX 3

/*
 * Has a device another driver than it had when it was looked at? Once lent, it may be home again,
 * and have users of whom nothing was seen. Who has no claim now does not move it before we do. An
 * override that was there may have been that of a hand-over on its way; without one there was none.
 */
static bool has_moved(const struct host *host, const struct device *device)
{
	char driver[HOST_NAME_SIZE];
	int ret = host_absent_is_empty(host_read_link_name(host, HOST_SYS, driver, sizeof(driver),
							   NULL, "bus/pci/devices/%s/driver",
							   ADDR(&device->addr)),
				       driver);

	return ret < 0 || strcmp(driver, device->bound.driver) != 0 ||
	       (*device->bound.override && !pci_override_stands(host, device));
}

/* Which of the snapshot's devices others claim. */
static bool *claimed_devices(const struct snapshot *snapshot, const char *uuid)
{
	bool *claimed = xcalloc(snapshot->device_count + 1, sizeof(*claimed));

	for (size_t i = 0; i < snapshot->device_count; i++)
		claimed[i] = snapshot_claim(snapshot, &snapshot->devices[i].addr, uuid) != NULL;
	return claimed;
}

/*
 * A device that was claimed was seen on its way home: its power setting, say, may have come back
 * behind its driver.
 */
static const struct device *moved_device(const struct host *host, const struct snapshot *snapshot,
					 const bool *claimed, const char *uuid)
{
	for (size_t i = 0; i < snapshot->device_count; i++) {
		const struct device *device = &snapshot->devices[i];

		/* Another guest's may be on its way; it is none of ours. */
		if (!snapshot_claim(snapshot, &device->addr, uuid) &&
		    (claimed[i] || has_moved(host, device)))
			return device;
	}
	return NULL;
}

/* The cells that other runs held, as one word each. */
static bool holds(const struct snapshot *snapshot, const char *cell)
{
	for (size_t i = 0; i < snapshot->shared_cell_count; i++) {
		const struct step *step = &snapshot->shared_cells[i].step;
		auto_free char *other =
			xasprintf("%s/%s", step_kind_name(step->kind), step->target);

		if (strcmp(other, cell) == 0)
			return true;
	}
	return false;
}

/* A unit that was stopped and runs again may hold devices of which it was not seen to. */
static bool was_put_back(const struct snapshot *snapshot, char *const *cells)
{
	for (size_t i = 0; cells[i]; i++)
		if (!holds(snapshot, cells[i]))
			return true;
	return false;
}

static char **held_cells(const struct snapshot *snapshot)
{
	char **cells = xcalloc(snapshot->shared_cell_count + 1, sizeof(*cells));

	for (size_t i = 0; i < snapshot->shared_cell_count; i++)
		cells[i] = xasprintf("%s/%s", step_kind_name(snapshot->shared_cells[i].step.kind),
				     snapshot->shared_cells[i].step.target);
	return cells;
}

/* Under the lock. EAGAIN: what was seen is no longer so. */
static int refresh(const struct session *session, struct snapshot *snapshot, struct error *err)
{
	cleanup(host_free_names) char **held = held_cells(snapshot);
	auto_free bool *claimed = claimed_devices(snapshot, session->uuid);
	const struct device *moved;
	int ret = journals_read_claims(session->host, session->uuid, snapshot, err);

	if (ret < 0)
		return ret;
	moved = moved_device(session->host, snapshot, claimed, session->uuid);
	if (moved)
		return error_set(err, EAGAIN, "%s changed hands while it was looked at; try again",
				 ADDR(&moved->addr));
	if (was_put_back(snapshot, held))
		return error_set(err, EAGAIN,
				 "another guest ended while the host was looked at; try again");
	return 0;
}

static int look(struct session *session, const struct guest *guest, struct situation *ret,
		struct error *err)
{
	int result = situation_read(session->host, guest, ret, err);

	if (result == 0)
		result = session_lock_claims(session, err);
	if (result == 0)
		result = refresh(session, &ret->snapshot, err);
	if (result < 0)
		session_unlock_claims(session);
	return result;
}

/* The time in which steps may begin: another look would leave them none. */
static bool is_over(const struct session *session, const struct limits *limits)
{
	uint64_t end_ms = session_deadline_ahead(session, limits);

	return end_ms && host_now_ms() >= end_ms;
}

int session_plan(struct session *session, const struct guest *guest, struct situation *ret,
		 struct plan *plan, struct error *err)
{
	cleanup(situation_done) struct situation situation = {.policy = POLICY_INIT};
	struct error failure = ERROR_INIT;
	int result = -EAGAIN;

	for (int i = 0; result == -EAGAIN && i < LOOKS_MAX; i++) {
		if (i > 0 && is_over(session, &situation.policy.limits))
			break;
		situation_done(&situation);
		situation = (struct situation){.policy = POLICY_INIT};
		failure = (struct error)ERROR_INIT;
		result = look(session, guest, &situation, &failure);
	}
	if (result < 0) {
		if (err)
			*err = failure;
		return result;
	}
	plan_lend(guest, &situation.snapshot, &situation.policy, plan);
	*ret = situation;
	memset(&situation, 0, sizeof(situation));
	return 0;
}
