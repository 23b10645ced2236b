// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a plan can be made on a host that others change meanwhile. Looking for holders may take many
 * seconds and is done without a lock; the claims are then read anew under it, and what others'
 * runs can have moved since is looked at once more: that takes a moment only.
 * Tests: hook/test-engine-plan.c.
 */
#include "session/session-plan.h"

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

static char **held_cells(const struct snapshot *snapshot)
{
	char **cells = xcalloc(snapshot->shared_cell_count + 1, sizeof(*cells));

	for (size_t i = 0; i < snapshot->shared_cell_count; i++)
		cells[i] = xasprintf("%s/%s", step_kind_name(snapshot->shared_cells[i].step.kind),
				     snapshot->shared_cells[i].step.target);
	return cells;
}

/*
 * Is one of the cells that other runs held no longer held? A unit that was stopped and runs again
 * may hold devices of which that was not seen.
 */
static bool was_put_back(const struct snapshot *snapshot, char *const *held)
{
	cleanup(host_free_names) char **now = held_cells(snapshot);

	for (; *held; held++) {
		size_t i = 0;

		while (now[i] && strcmp(now[i], *held) != 0)
			i++;
		if (!now[i])
			return true;
	}
	return false;
}

/* Under the lock. EAGAIN: what was seen is no longer so. */
static int refresh(const struct session *session, struct snapshot *snapshot, struct error *err)
{
	cleanup(host_free_names) char **held = held_cells(snapshot);
	auto_free bool *claimed = xcalloc(snapshot->device_count + 1, sizeof(*claimed));
	const struct device *moved;
	int ret;

	for (size_t i = 0; i < snapshot->device_count; i++)
		claimed[i] = snapshot_claim(snapshot, &snapshot->devices[i].addr, session->uuid);
	ret = journals_read_claims(session->host, session->uuid, snapshot, err);
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

int session_plan(struct session *session, const struct guest *guest, struct situation *ret,
		 struct plan *plan, struct error *err)
{
	cleanup(situation_done) struct situation situation = {.policy = POLICY_INIT};
	struct error failure = ERROR_INIT;
	int result = -EAGAIN;

	for (int i = 0; result == -EAGAIN && i < LOOKS_MAX; i++) {
		uint64_t end_ms = session_deadline_ahead(session, &situation.policy.limits);

		/* Another look would leave no time in which steps may begin. */
		if (i > 0 && end_ms && host_now_ms() >= end_ms)
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
	planner_lend(guest, &situation.snapshot, &situation.policy, plan);
	*ret = situation;
	memset(&situation, 0, sizeof(situation));
	return 0;
}
