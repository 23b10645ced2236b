// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The operations libvirt calls its qemu hook for, one row each: the only place that knows which of
 * them concern us. Both programs of the hook read it, so it needs nothing but libc.
 */
#include "hook/operation.h"

#include <stddef.h>
#include <string.h>

static const struct operation operations[] = {
	{"prepare", "begin", OP_WORDS, ANSWER_REFUSES, WORK_LEND, SCRIPTS_BEFORE},
	/* Interfaces from a pool of VFs show their device from here on, not before. All other
	 * devices have their claims since "prepare". */
	{"start", "begin", OP_NEWCOMERS, ANSWER_REFUSES, WORK_CLAIM, SCRIPTS_AFTER},
	/* A failure here makes libvirt kill the guest that has just been started. */
	{"started", "begin", OP_SCRIPTS, ANSWER_NEVER, WORK_NOTHING, SCRIPTS_AFTER},
	/* Too early for the return: libvirt gives its managed devices back after this. */
	{"stopped", "end", OP_SCRIPTS, ANSWER_NEVER, WORK_NOTHING, SCRIPTS_LOGGED},
	{"release", "end", OP_JOURNAL, ANSWER_LOGGED, WORK_RETURN, SCRIPTS_LOGGED},
	/* The daemon came back; a failure makes it kill a guest that runs well. */
	{"reconnect", "begin", OP_WORDS, ANSWER_NEVER, WORK_ADOPT, SCRIPTS_LOGGED},
	/* A refused "restore" makes libvirt 11.3 delete what it was to restore. */
	{"migrate", "begin", OP_SCRIPTS, ANSWER_NEVER, WORK_NOTHING, SCRIPTS_FILTER},
	{"restore", "begin", OP_SCRIPTS, ANSWER_NEVER, WORK_NOTHING, SCRIPTS_FILTER},
	{"attach", "begin", OP_SCRIPTS, ANSWER_NEVER, WORK_NOTHING, SCRIPTS_LOGGED},
};

const struct operation *operation_find(const char *name, const char *suboperation)
{
	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
		const struct operation *row = &operations[i];

		if (strcmp(row->name, name) == 0 && strcmp(row->suboperation, suboperation) == 0)
			return row;
	}
	return NULL;
}

int operation_failure(const struct operation *operation)
{
	return operation && operation->answer != ANSWER_NEVER ? 1 : 0;
}

bool operation_has_secrets(const struct operation *operation)
{
	return operation->scripts == SCRIPTS_FILTER;
}
