/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/host.h"
#include "model/step.h"
#include "state/lock.h"

/* Has one byte for each guest (lock_range_of its UUID). */
#define GUESTS_LOCK "guests.lock"

/*
 * The locks of /run/hostdev-hook that a piece of work on one guest holds. They are taken in this
 * order: first the guest, then the claims or a cell. On a host that can only be read (--root DIR)
 * no hook is at work, and nothing is locked.
 */
struct state_locks {
	int dir; /* of state_dir_open; -1: none */
	/* So that only one piece of work is done on a guest at a time: its byte of "guests.lock".
	 */
	struct lock guest;
	/* While claims are read and a journal with new claims is made; all wait for it, so only for
	 * a moment. */
	struct lock claims;
	/* While a cell that the runs of several guests may need is read, set and recorded. */
	struct lock cell;
};

#define STATE_LOCKS_INIT                                                                           \
	{                                                                                          \
		.dir = -1, .guest = LOCK_INIT, .claims = LOCK_INIT, .cell = LOCK_INIT              \
	}

/* -ETIMEDOUT: err says which process has the lock, and what to do. */
int state_locks_take_guest(struct state_locks *locks, const struct host *host, const char *uuid,
			   unsigned int timeout_ms, struct error *err);
int state_locks_take_claims(struct state_locks *locks, const struct host *host, struct error *err);
int state_locks_take_cell(struct state_locks *locks, const struct host *host,
			  const struct step *step, unsigned int timeout_ms, struct error *err);

/* The command line of a process, for people; heap, NULL where nothing is to be read. */
char *state_locks_owner_command(const struct host *host, int pid);

/* Releases all three, and closes dir. */
void state_locks_done(struct state_locks *locks);

/*
 * Is some process at work on this guest (NULL: on any guest)? Takes no lock. *ret_pid: the process;
 * 0: not known.
 */
bool state_locks_guest_is_taken(const struct host *host, const char *uuid, int *ret_pid);
