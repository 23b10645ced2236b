// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The "process" gate: one process lets go of some devices, by itself or because it is ended.
 * Tests: unit/test-gates.c, model/test-sockets.c.
 */
#include <errno.h>
#include <string.h>

#include "actions/device-users.h"
#include "actions/step-ops.h"
#include "base/cleanup.h"
#include "scan/processes.h"

#define RELEASE_TIMEOUT_MS 2000 /* from a process's end to the release of what it held */
#define MARGIN_MS 15000         /* and for a killed one to end, within the operation */

struct gate_process {
	const struct host *host;
	struct gate_target target;
	struct user_nodes nodes;
};

static void gate_process_done(struct gate_process *process)
{
	user_nodes_done(&process->nodes);
}
#define auto_process __attribute__((__cleanup__(gate_process_done)))

static int gate_process_init(struct gate_process *ret, const struct host *host, const char *target,
			     struct error *err)
{
	struct gate_process process = {.host = host};
	int result;

	if (!gate_target_parse(target, &process.target) || !process.target.pid)
		return error_set(err, EINVAL, "not a process with devices: %.64s", target);
	result = user_nodes_read(host, process.target.addrs, process.target.addr_count,
				 &process.nodes, err);
	if (result == 0)
		*ret = process;
	return result;
}

/* 1 when it holds none of count nodes from first on. */
static int is_free_of(const struct gate_process *process, size_t first, size_t count,
		      struct error *err)
{
	bool holds;
	int ret = process_holds(process->host, process->target.pid, process->target.start_time,
				process->nodes.nodes + first, count, &holds, err);

	return ret < 0 ? ret : !holds;
}

static int is_free(void *data, struct error *err)
{
	const struct gate_process *process = data;

	if (process->nodes.count == 0)
		return 1;
	return is_free_of(process, 0, process->nodes.count, err);
}

static int gate_process_read(const struct host *host, const char *target, char ret[CELL_VALUE_SIZE],
			     struct error *err)
{
	auto_process struct gate_process process = {0};
	int result = gate_process_init(&process, host, target, err);

	if (result == 0)
		result = is_free(&process, err);
	if (result < 0)
		return result;
	strcpy(ret, result ? "free" : "held");
	return 0;
}

static int still_held(const struct gate_process *process, struct error *err)
{
	auto_text struct text who = TEXT_INIT;

	device_users_name_process(process->host, process->target.pid, &who);
	for (size_t i = 0; i < process->nodes.count; i++)
		if (is_free_of(process, i, 1, NULL) == 0)
			return error_set(err, EBUSY, "%s still holds /dev/%s", who.data,
					 process->nodes.nodes[i].name);
	return error_set(err, EBUSY, "%s has only just let go", who.data);
}

/* 0 once it holds nothing. Closing is an event, and so is its end; the rest is asked for. */
static int wait_until_free(struct gate_process *process, struct watch *watch,
			   unsigned int timeout_ms, struct error *err)
{
	int ret = watch_until(watch, is_free, process, timeout_ms, 100, err);

	if (ret == 0)
		return still_held(process, err);
	return ret < 0 ? ret : 0;
}

static int signal_process(struct host *host, const struct gate_process *process,
			  const struct gate_value *value, struct error *err)
{
	int pid = process->target.pid, ret;

	if (!value->spare)
		return host_process_end(host, pid, process->target.start_time, value->grace_ms,
					err);
	ret = host_process_ask(host, pid, process->target.start_time, value->grace_ms, err);
	/* One that lives on without the device has done what it was asked to. */
	if (ret == -EBUSY && is_free_of(process, 0, process->nodes.count, NULL) == 1)
		return 0;
	return ret;
}

static int gate_process_set(struct host *host, const char *target, const char *text,
			    struct error *err)
{
	auto_process struct gate_process process = {0};
	auto_watch struct watch watch;
	struct gate_value value;
	int ret;

	watch_init(&watch);
	if (!gate_value_parse(text, &value) || !value.free)
		return error_set(err, EINVAL, "not a gate's value: %.64s", text);
	ret = gate_process_init(&process, host, target, err);
	if (ret < 0)
		return ret;
	user_nodes_watch(&process.nodes, &watch, host);
	watch_process(&watch, process.target.pid);
	ret = wait_until_free(&process, &watch, value.wait_ms, err);
	if (ret != -EBUSY || !value.has_grace)
		return ret;
	ret = signal_process(host, &process, &value, err);
	return ret < 0 ? ret : wait_until_free(&process, &watch, RELEASE_TIMEOUT_MS, err);
}

static unsigned int gate_process_timeout(const char *from, const char *text,
					 const struct limits *limits)
{
	struct gate_value value = {0};

	(void)from;
	(void)limits;
	return (gate_value_parse(text, &value) ? value.wait_ms + value.grace_ms : 0) +
	       RELEASE_TIMEOUT_MS + MARGIN_MS;
}

const struct step_ops process_ops = {
	.read = gate_process_read,
	.set = gate_process_set,
	.timeout_for = gate_process_timeout,
	.read_timeout_ms = 10000, /* a process in the kernel can keep its maps from readers */
	.keep = "a process that was ended does not come back",
};
