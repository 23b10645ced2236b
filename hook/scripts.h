/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "hook/operation.h"
#include "hook/scripts-context.h"
#include "hook/scripts-find.h"
#include "session/hook-call.h"

/* The user's scripts for one operation on one guest. */
struct scripts {
	const struct operation *operation;
	struct hook_call *call;
	const char *extra; /* libvirt's fourth argument */
	uint64_t started_ms;
	struct script_list list;
	struct script_context context;
};

/*
 * Finds them below dir (NULL: there are none), and what they are told, which must be asked before
 * the work is done: a return removes the guest's journal. started_ms: of this call of the hook.
 */
void scripts_open(struct scripts *scripts, const char *dir, uint64_t started_ms);
void scripts_done(struct scripts *scripts);

/*
 * Runs them, one after the other. 0, or -errno with a message as those of the pieces of work have
 * it, where libvirt is to be told of a failure. *output: the XML that filters have made of it, for
 * libvirt; untouched where they leave it as it is.
 */
int scripts_run(struct scripts *scripts, struct text *output, struct text *message);
