/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/host.h"
#include "model/setup.h"

/* What happened to one step, for whoever tells people. */
struct apply_event {
	const struct step *step;
	bool begins; /* a command that may take minutes is about to run */
	bool undo;
	bool failed;
	const char *note; /* the error's text, or what was found of somebody else's; NULL */
	/* What the note is about, where that is not the step's target; NULL. */
	const char *about;
};

/* A set-up being carried out or taken back. All pointers are the caller's. */
struct apply {
	struct host *host;
	int store;                /* of store_open */
	int record;               /* of setups_create or setups_open_entry */
	struct setup *setup;      /* its marks are kept up to date */
	const struct setup *past; /* the one in force before it, or NULL */
	/*
	 * When it is taken back, the next that will be, or NULL: what that builds anew need not be
	 * built before.
	 */
	const struct setup *next;
	/* When it is taken back, one that stays in force has images checked, or may have. */
	bool images_stay;
	/* On a host that does not run: what is missing of it may only not be mounted. */
	bool elsewhere;
	/* It is taken back right after a failure, by the process that has begun it. */
	bool at_once;
	bool again; /* set by apply_undo: another process has begun to take it back */
	/* Set by apply_undo: what others have written meanwhile is left, and was told. */
	bool left;
	/* What set-ups that are taken back with it have put onto the usual entries' lines; NULL. */
	const char *words;
	const volatile sig_atomic_t *interrupted; /* not 0: the next step is not begun; NULL */
	void (*report)(void *data, const struct apply_event *event); /* may be NULL */
	void *report_data;
};

/*
 * Carries out what is planned, in order: a file that is not as the record has it stops it (EBUSY).
 * Nothing is taken back here. ECANCELED: interrupted.
 */
int apply_run(struct apply *apply, struct error *err);

/*
 * Takes back what was begun, last first. A file that somebody has edited since keeps that: only our
 * lines go. Goes on after a failure, but not to what the next try needs; err has the first. 0:
 * everything is taken back.
 */
int apply_undo(struct apply *apply, struct error *err);

/* The value of a file cell now. */
int apply_read_file(const struct host *host, const char *path, char ret[CELL_VALUE_SIZE],
		    struct error *err);
