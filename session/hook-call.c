// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What one call of the hook has read of the guest: whoever needs it, it is parsed once.
 */
#include "session/hook-call.h"

#include <errno.h>

#include "parsers/domain/domain.h"

int hook_call_parse(struct hook_call *call, struct error *err)
{
	if (!call->is_parsed)
		call->parse_result = domain_parse(call->xml, call->xml_length, &call->parsed,
						  &call->parse_error);
	call->is_parsed = true;
	if (call->parse_result < 0 && err)
		*err = call->parse_error;
	return call->parse_result;
}

int hook_call_check(struct hook_call *call, struct error *err)
{
	int ret = hook_call_parse(call, err);

	if (ret == 0 && !*call->parsed.uuid)
		return error_set(err, EBADMSG, "the domain XML has no <uuid>");
	return ret;
}

void hook_call_done(struct hook_call *call)
{
	guest_done(&call->parsed);
}
