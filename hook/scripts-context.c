// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who a guest is and what it is lent, as its scripts get to know it, whatever libvirt has left of
 * its XML. Tests: hook/test-scripts-filter.c, hook/test-scripts.c.
 */
#include "hook/scripts-context.h"

#include <string.h>

#include "base/cleanup.h"
#include "model/policy.h"
#include "parsers/config/config.h"
#include "state/journals.h"

void script_context_done(struct script_context *context)
{
	text_done(&context->devices);
	free(context->trouble);
	context->trouble = NULL;
}

static void add_device(struct script_context *context, const struct pci_addr *addr)
{
	text_printf(&context->devices, "%s%s", context->devices.length ? " " : "", ADDR(addr));
}

/* A controller with several disks on it is named several times. */
static bool is_named_before(const struct guest *guest, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (pci_addr_equal(&guest->hostdevs[i].addr, &guest->hostdevs[index].addr))
			return true;
	return false;
}

static void take_guest(const struct guest *guest, struct script_context *context)
{
	memcpy(context->uuid, guest->uuid, sizeof(context->uuid));
	for (size_t i = 0; i < guest->hostdev_count; i++)
		if (!is_named_before(guest, i))
			add_device(context, &guest->hostdevs[i].addr);
}

static void take_journal(const struct hook_call *call, struct script_context *context)
{
	auto_journal struct journal journal = JOURNAL_INIT;

	memcpy(context->uuid, call->uuid, sizeof(context->uuid));
	if ((!*context->uuid &&
	     journals_find_guest(call->host, call->guest, context->uuid, NULL) < 0) ||
	    journal_read(call->host, context->uuid, &journal, NULL) < 0)
		return;
	for (size_t i = 0; i < journal.claim_count; i++)
		add_device(context, &journal.claims[i]);
	context->limits = journal.limits;
}

/* Read here for the scripts, and again by a lend: in between, a script may have changed the files.
 */
static void take_policy(const struct hook_call *call, struct script_context *context)
{
	auto_policy struct policy policy = POLICY_INIT;
	struct error failure = ERROR_INIT;
	int ret = config_read(call->host, call->guest, &policy, &failure);

	if (ret == 0)
		ret = policy_apply_guest(&policy, &call->parsed, &failure);
	if (ret == 0)
		context->limits = policy.limits;
	else
		context->trouble = xstrdup(failure.text);
}

void script_context_read(struct hook_call *call, struct script_context *ret)
{
	struct script_context context = {.devices = TEXT_INIT, .limits = LIMITS_INIT};

	text_append(&context.devices, "", 0);
	/* Its message is not asked for: it might quote XML, in which there may be secrets. */
	if (hook_call_parse(call, NULL) == 0)
		take_guest(&call->parsed, &context);
	else
		take_journal(call, &context);
	take_policy(call, &context);
	*ret = context;
}
