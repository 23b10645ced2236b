/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "base/text.h"
#include "model/guest.h"

/* One call of the hook by libvirt. */
struct hook_call {
	struct host *host;
	const char *guest; /* the name that libvirt gives */
	char *xml;         /* belongs to the caller; may be empty */
	size_t xml_length;
	/* The guest's UUID, if it could be read without parsing the XML; "" if not. */
	char uuid[UUID_TEXT_SIZE];
	/* When the call began, by host_now_ms: total-time includes the scripts. 0: it begins now.
	 */
	uint64_t started_ms;
	bool guarded; /* the parent of this process only waits for it; libvirt is the grandparent */
	/* The result of hook_call_parse. */
	struct guest parsed; /* empty before the parsing, and if it has failed */
	bool is_parsed;
	int parse_result;
	struct error parse_error;
};

/*
 * Parses the XML into call->parsed at the first call; later calls give the same result again. (A
 * user's script cannot change the XML of the call that runs the script.) 0 or -errno. The error may
 * quote the XML.
 */
int hook_call_parse(struct hook_call *call, struct error *err);
/* The same; EBADMSG also if the guest has no UUID. */
int hook_call_check(struct hook_call *call, struct error *err);
void hook_call_done(struct hook_call *call);

/*
 * The work of the hook's operations. Each opens a session of its own. Each returns 0, or -errno
 * with a message in *message: one line or more; the first line says all that matters; the guest's
 * name is not in front.
 */
int hook_call_lend(struct hook_call *call, struct text *message);
int hook_call_claim(struct hook_call *call, struct text *message);
int hook_call_return(struct hook_call *call, struct text *message);
/*
 * "reconnect": the guest runs, and this daemon has not started it. Writes the guest's claims into a
 * journal. It reports no failure, as libvirt would then kill the guest.
 */
void hook_call_adopt(struct hook_call *call);
