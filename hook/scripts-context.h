/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/text.h"
#include "model/guest.h"
#include "model/limits.h"
#include "session/hook-call.h"

/* What scripts are told of a guest, and how long they may take. */
struct script_context {
	char uuid[UUID_TEXT_SIZE]; /* "" where it is not known */
	struct text devices;       /* addresses with blanks between them */
	struct limits limits;
	char *trouble; /* heap; why the limits are not the policy's, or NULL */
};

/* Reads it from the XML; if libvirt gives no XML, as often at "release", from the guest's journal.
 */
void script_context_read(struct hook_call *call, struct script_context *ret);
void script_context_done(struct script_context *context);
