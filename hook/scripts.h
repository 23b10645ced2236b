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
 * Finds the scripts below dir (NULL: there are none), and reads what they are told. To be called
 * before the work, as a return removes the guest's journal. started_ms: when this call of the hook
 * began.
 */
void scripts_open(struct scripts *scripts, const char *dir, uint64_t started_ms);
void scripts_done(struct scripts *scripts);

/*
 * Runs them, one after the other. 0, or -errno with a message as that of hook_call_lend if libvirt
 * must be told of a failure. *output: the XML for libvirt as the filters have changed it; it is
 * left as it is if they change nothing.
 */
int scripts_run(struct scripts *scripts, struct text *output, struct text *message);
