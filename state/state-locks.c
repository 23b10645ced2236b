// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which lock files there are, what each is for, and how long it is waited for.
 * Tests: unit/test-lock.c.
 */
#include "state/state-locks.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "state/state-dir.h"

#define CLAIMS_LOCK "claims.lock"
#define CELLS_LOCK "cells.lock"
#define CLAIMS_LOCK_TIMEOUT_MS 10000
#define COMMAND_MAX 4096
#define COMMAND_SHOWN 120

char *state_locks_owner_command(const struct host *host, int pid)
{
	auto_free char *line = NULL;
	size_t length = 0;

	if (host_read_file(host, HOST_PROC, COMMAND_MAX, &line, &length, NULL, "%d/cmdline", pid) <
		    0 ||
	    length == 0)
		return NULL;
	for (size_t i = 0; i + 1 < length; i++)
		if (line[i] == '\0')
			line[i] = ' ';
	if (strlen(line) > COMMAND_SHOWN)
		strcpy(line + COMMAND_SHOWN - 3, "...");
	return text_escape(line);
}

/* A lock file, which part of it is wanted, and what a process that has it is doing. */
struct wanted {
	const char *name;
	struct lock_range range;
	unsigned int timeout_ms;
	const char *doing;
};

static int tell_owner(const struct host *host, const struct lock *lock, const struct wanted *wanted,
		      struct error *err)
{
	auto_free char *command = lock->owner ? state_locks_owner_command(host, lock->owner) : NULL;

	if (!lock->owner)
		return error_set(err, ETIMEDOUT,
				 "an unknown process %s (has locked /run/hostdev-hook/%s) for more "
				 "than %u s; try again",
				 wanted->doing, wanted->name, wanted->timeout_ms / 1000);
	return error_set(err, ETIMEDOUT,
			 "process %d (%s) %s (has locked /run/hostdev-hook/%s) for more than %u s; "
			 "try again when it has ended; if it hangs, kill it (kill -9 %d), then run "
			 "\"hostdevctl recover\"",
			 lock->owner, command ? command : "of unknown name", wanted->doing,
			 wanted->name, wanted->timeout_ms / 1000, lock->owner);
}

/*
 * A lock that is not had in time names the process that has it, by its command line, which tells
 * guest and operation of a hook.
 */
static int take(struct lock *lock, const struct state_locks *locks, const struct host *host,
		const struct wanted *wanted, struct error *err)
{
	int ret;

	if (!host->ops)
		return 0;
	ret = lock_take_range(lock, locks->dir, wanted->name, wanted->range, wanted->timeout_ms,
			      err);
	return ret == -ETIMEDOUT ? tell_owner(host, lock, wanted, err) : ret;
}

int state_locks_take_guest(struct state_locks *locks, const struct host *host, const char *uuid,
			   unsigned int timeout_ms, struct error *err)
{
	const struct wanted wanted = {.name = GUESTS_LOCK,
				      .range = lock_range_of(uuid),
				      .timeout_ms = timeout_ms,
				      .doing = "is at work on this guest"};

	return take(&locks->guest, locks, host, &wanted, err);
}

int state_locks_take_claims(struct state_locks *locks, const struct host *host, struct error *err)
{
	const struct wanted wanted = {.name = CLAIMS_LOCK,
				      .timeout_ms = CLAIMS_LOCK_TIMEOUT_MS,
				      .doing = "claims devices"};

	return take(&locks->claims, locks, host, &wanted, err);
}

int state_locks_take_cell(struct state_locks *locks, const struct host *host,
			  const struct step *step, unsigned int timeout_ms, struct error *err)
{
	auto_free char *cell = xasprintf("%s %s", step_kind_name(step->kind), step->target);
	auto_free char *doing = xasprintf("is at work on %s", cell);
	const struct wanted wanted = {.name = CELLS_LOCK,
				      .range = lock_range_of(cell),
				      .timeout_ms = timeout_ms,
				      .doing = doing};

	return take(&locks->cell, locks, host, &wanted, err);
}

void state_locks_done(struct state_locks *locks)
{
	lock_release(&locks->cell);
	lock_release(&locks->claims);
	lock_release(&locks->guest);
	if (locks->dir >= 0)
		close(locks->dir);
	locks->dir = -1;
}

bool state_locks_guest_is_taken(const struct host *host, const char *uuid, int *ret_pid)
{
	const struct lock_range all = {0};
	auto_close int fd = state_dir_open_file(host, GUESTS_LOCK);

	*ret_pid = 0;
	return fd >= 0 && lock_find_owner(fd, uuid ? lock_range_of(uuid) : all, ret_pid);
}
