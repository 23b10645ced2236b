/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What the front door asks before it wakes the engine. */
enum operation_wake {
	OP_NEVER,   /* nothing: there is no work in this operation */
	OP_JOURNAL, /* is there a journal of this guest? */
	OP_WORDS,   /* that, or does the XML hold the words of a host device? */
};

/* What libvirt makes of exit status 1, and so whether it may ever see one. */
enum operation_answer {
	ANSWER_NEVER,   /* it would harm a running guest, or serve nobody: always exit 0 */
	ANSWER_LOGGED,  /* only the daemon's log gets it */
	ANSWER_REFUSES, /* the guest is not started, and the user reads our first line */
};

enum operation_work { WORK_NOTHING, WORK_LEND, WORK_CLAIM, WORK_RETURN, WORK_ADOPT };

struct operation {
	const char *name, *suboperation;
	enum operation_wake wake;
	enum operation_answer answer;
	enum operation_work work;
};

/*
 * The row of an operation as libvirt spells it on our command line; NULL for any that is unknown,
 * which succeeds silently.
 */
const struct operation *operation_find(const char *name, const char *suboperation);

/* The exit status of an operation in which we failed: 0 or 1. */
int operation_failure(const struct operation *operation);
