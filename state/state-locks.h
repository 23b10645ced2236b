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
 * The locks of /run/hostdev-hook, as a piece of work on one guest holds them. They are taken in
 * this order: the guest, then the claims or a cell. Where the host can only be read (--root DIR)
 * no hook is at work, and each counts as taken.
 */
struct state_locks {
	int dir; /* of state_dir_open; -1: none */
	/* Two pieces of work are never done on one guest at a time; its byte of "guests.lock". */
	struct lock guest;
	/* Claims are read and a journal with new ones appears; for a moment only: all wait for it.
	 */
	struct lock claims;
	/* A cell that the runs of several guests may need is looked at, set and recorded. */
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
