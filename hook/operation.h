/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

/* What the front door asks before it wakes the engine. */
enum operation_wake {
	OP_SCRIPTS, /* has the guest a script for it? All others ask that, too */
	OP_JOURNAL, /* is there a journal of this guest? */
	OP_WORDS,   /* that, or does the XML hold the words of a host device? */
	/* The same, where "prepare" has not seen to all the host devices that the XML can name. */
	OP_NEWCOMERS,
};

/* What libvirt makes of exit status 1, and so whether it may ever see one for a fault of ours. */
enum operation_answer {
	ANSWER_NEVER,   /* it would harm a running guest, or serve nobody: always exit 0 */
	ANSWER_LOGGED,  /* only the daemon's log gets it */
	ANSWER_REFUSES, /* the guest is not started, and the user reads our first line */
};

enum operation_work { WORK_NOTHING, WORK_LEND, WORK_CLAIM, WORK_RETURN, WORK_ADOPT };

/* When the guest's scripts run, and what becomes of one that fails. */
enum operation_scripts {
	SCRIPTS_BEFORE, /* before the work, which is then not begun; exit status 1 */
	SCRIPTS_AFTER,  /* after it; exit status 1, whatever a fault of ours would give */
	SCRIPTS_LOGGED, /* after it, also where it failed; the other scripts run, and only the log
			   gets it */
	SCRIPTS_FILTER, /* each changes the XML; all run, and only the log gets a failure */
};

struct operation {
	const char *name, *suboperation;
	enum operation_wake wake;
	enum operation_answer answer;
	enum operation_work work;
	enum operation_scripts scripts;
};

/*
 * The row of an operation as libvirt spells it on our command line; NULL for any that is unknown,
 * which succeeds silently.
 */
const struct operation *operation_find(const char *name, const char *suboperation);

/* The exit status of an operation in which we failed: 0 or 1. */
int operation_failure(const struct operation *operation);

/* Does its XML hold the guest's passwords? Libvirt leaves them out of all other. */
bool operation_has_secrets(const struct operation *operation);
