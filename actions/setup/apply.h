/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/host.h"
#include "base/text.h"
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

/* The value of a file cell now. */
int apply_read_file(const struct host *host, const char *path, char ret[CELL_VALUE_SIZE],
		    struct error *err);

/* Calls apply->report. */
void apply_report(const struct apply *apply, const struct apply_event *event);
/* Removes a file; one that is not there is removed already. */
int apply_remove_file(const struct apply *apply, const char *path, struct error *err);

/*
 * Where a program has failed, a line of what it has printed goes behind the error. result is what
 * running it has given, and is returned.
 */

/* The first: of those that only say what is wrong. */
int apply_said_first(int result, const struct text *said, struct error *err);
/* The last that is not empty: of those that tell of their work until they fail. */
int apply_said_last(int result, const struct text *said, struct error *err);
