// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The "holders" gate: nobody at all has the devices open, of all processes that there are now.
 */
#include <errno.h>
#include <string.h>

#include "actions/hold.h"
#include "actions/table.h"
#include "base/cleanup.h"
#include "scan/processes.h"

#define MARGIN_MS 5000

static int nodes_of(const struct host *host, const char *target, struct hold_nodes *ret,
		    struct error *err)
{
	struct hold_target parsed;

	if (!hold_target_parse(target, &parsed) || parsed.pid)
		return error_set(err, EINVAL, "not devices: %.64s", target);
	return hold_nodes_read(host, parsed.addrs, parsed.addr_count, ret, err);
}

static int holders_read(const struct host *host, const char *target, char ret[CELL_VALUE_SIZE],
			struct error *err)
{
	auto_hold_nodes struct hold_nodes nodes = {0};
	auto_text struct text who = TEXT_INIT;
	int result = nodes_of(host, target, &nodes, err);

	if (result == 0)
		result = hold_find(host, &nodes, &who, err);
	if (result < 0)
		return result;
	strcpy(ret, result ? "held" : "free");
	return 0;
}

static int holders_set(struct host *host, const char *target, const char *text, struct error *err)
{
	auto_hold_nodes struct hold_nodes nodes = {0};
	auto_text struct text who = TEXT_INIT;
	struct error failure = ERROR_INIT;
	struct hold_value value;
	int ret;

	if (!hold_value_parse(text, &value) || !value.free)
		return error_set(err, EINVAL, "not a gate's value: %.64s", text);
	ret = nodes_of(host, target, &nodes, err);
	if (ret < 0)
		return ret;
	ret = hold_wait(host, &nodes, value.wait_ms, &who, &failure);
	if (ret < 0)
		return error_set(err, EBUSY, "who holds them cannot be found out: %s",
				 failure.text);
	return ret > 0 ? error_set(err, EBUSY, "%s", who.data) : 0;
}

/* The last look may begin when the time is all but over. */
static unsigned int holders_timeout(const char *from, const char *text, const struct limits *limits)
{
	struct hold_value value = {0};

	(void)from;
	(void)limits;
	return (hold_value_parse(text, &value) ? value.wait_ms : 0) + SCAN_TIMEOUT_MS + MARGIN_MS;
}

const struct step_ops holders_ops = {
	.read = holders_read,
	.set = holders_set,
	.timeout_ms = SCAN_TIMEOUT_MS + MARGIN_MS,
	.timeout_for = holders_timeout,
	.keep = "a gate that was passed",
};
