/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

/* When the front door starts the engine. */
enum operation_wake {
	OP_SCRIPTS, /* if the guest has a script for the operation; that holds for all others, too
		     */
	OP_JOURNAL, /* or if there is a journal of this guest */
	OP_WORDS,   /* or if the XML holds the words of a host device */
	/* The same, but not if "prepare" has seen all the host devices that the XML can name. */
	OP_NEWCOMERS,
};

/* What libvirt does at exit status 1, and so whether the hook may end with it. */
enum operation_answer {
	ANSWER_NEVER,  /* it would harm a running guest, or help nobody: the hook always ends with 0
			*/
	ANSWER_LOGGED, /* libvirt writes it to its log */
	ANSWER_REFUSES, /* libvirt does not start the guest, and shows our first line to the user */
};

enum operation_work { WORK_NOTHING, WORK_LEND, WORK_CLAIM, WORK_RETURN, WORK_ADOPT };

/* When the guest's scripts run, and what happens if a script fails. */
enum operation_scripts {
	SCRIPTS_BEFORE, /* before the work; if one fails, the work is not begun: exit status 1 */
	SCRIPTS_AFTER,  /* after the work; if one fails: exit status 1 */
	/* After the work, even if that has failed. All run; a failure is only logged. */
	SCRIPTS_LOGGED,
	SCRIPTS_FILTER, /* each may change the XML. All run; a failure is only logged */
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

/* The exit status of an operation whose work has failed: 0 or 1. */
int operation_failure(const struct operation *operation);

/* Does the XML of this operation hold the guest's passwords? Libvirt leaves them out of the others.
 */
bool operation_has_secrets(const struct operation *operation);
