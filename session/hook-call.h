/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "base/text.h"
#include "model/guest.h"

/* One call of the hook by libvirt. */
struct hook_call {
	struct host *host;
	const char *guest; /* as libvirt called it */
	char *xml;         /* the caller's; may be empty */
	size_t xml_length;
	/* The guest's UUID if it stands plainly in the XML, which a return need not parse then. */
	char uuid[UUID_TEXT_SIZE];
	/* When the call began, by host_now_ms: what scripts took is part of total-time. 0: now. */
	uint64_t started_ms;
	bool guarded; /* this process's parent only waits for it, on behalf of its own */
	/* Of hook_call_parse. */
	struct guest parsed; /* empty before, and where it failed */
	bool is_parsed;
	int parse_result;
	struct error parse_error;
};

/*
 * Parses the XML into call->parsed, the first time that somebody asks; no script of a user changes
 * it for the call that runs it. 0 or -errno, each time the same. The error may quote the XML.
 */
int hook_call_parse(struct hook_call *call, struct error *err);
/* The same, and EBADMSG where the guest has no UUID. */
int hook_call_check(struct hook_call *call, struct error *err);
void hook_call_done(struct hook_call *call);

/*
 * The work of the operations; each has one session of its own. Each returns 0 or -errno with a
 * message in *message (heap, one line or more, the first telling all; without the guest's name in
 * front).
 */
int hook_call_lend(struct hook_call *call, struct text *message);
int hook_call_claim(struct hook_call *call, struct text *message);
int hook_call_return(struct hook_call *call, struct text *message);
/*
 * "reconnect": a guest runs that this daemon has not started. Has its claims written down. Never
 * fails: libvirt would kill the guest.
 */
void hook_call_adopt(struct hook_call *call);
