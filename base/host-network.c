// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How the kernel is asked about its network without waiting for it: a driver that is stuck keeps
 * the lock of all interfaces, and who asks waits with it; so a child does.
 * Tests: unit/test-network-dump.c.
 */
#include "base/host-real.h"

#include <errno.h>

#include "base/cleanup.h"
#include "base/network-dump.h"
#include "base/text.h"
#include "base/worker-ask.h"

#define ANSWER_TIMEOUT_MS 5000

static int ask(void *data, int answer, struct error *err)
{
	auto_text struct text text = TEXT_INIT;
	int ret = network_dump(&text, err);

	(void)data;
	return ret < 0 ? ret : worker_answer(answer, text.data, text.length, err);
}

int real_network_read(const struct host *host, char **ret, struct error *err)
{
	/* The kernel tells the other ends of WireGuard to CAP_NET_ADMIN alone. */
	const struct worker_question question = {
		.ask = ask,
		.privileged = true,
		.timeout_ms = ANSWER_TIMEOUT_MS,
		.silence =
			"the kernel does not answer over netlink: a network driver may be stuck"};
	auto_free char *answer = NULL;
	int result = worker_ask(&question, &answer, NULL, err);

	(void)host;
	if (result == 0)
		*ret = steal(&answer);
	return result;
}
