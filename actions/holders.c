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

struct holders_wait {
	const struct host *host;
	struct hold_nodes nodes;
	struct text who;
};

static void holders_wait_done(struct holders_wait *wait)
{
	hold_nodes_done(&wait->nodes);
	text_done(&wait->who);
}

/* A look that failed is no answer, and the next one may succeed. */
static int is_free(void *data, struct error *err)
{
	struct error failure = ERROR_INIT;
	struct holders_wait *wait = data;
	int ret;

	(void)err;
	text_done(&wait->who);
	ret = hold_find(wait->host, &wait->nodes, &wait->who, &failure);
	if (ret < 0)
		text_printf(&wait->who, "who holds them cannot be found out: %s", failure.text);
	return ret == 0;
}

static int holders_set(struct host *host, const char *target, const char *text, struct error *err)
{
	cleanup(holders_wait_done) struct holders_wait wait = {.host = host};
	auto_watch struct watch watch;
	struct hold_value value;
	int ret;

	watch_init(&watch);
	if (!hold_value_parse(text, &value) || !value.free)
		return error_set(err, EINVAL, "not a gate's value: %.64s", text);
	ret = nodes_of(host, target, &wait.nodes, err);
	if (ret < 0)
		return ret;
	hold_nodes_watch(&wait.nodes, &watch, host);
	if (watch_until(&watch, is_free, &wait, value.wait_ms, 500, err))
		return 0;
	return error_set(err, EBUSY, "%s", wait.who.data);
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
