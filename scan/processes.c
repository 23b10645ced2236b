// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a pass over /proc is made by a child that may be lost, and how its findings come back.
 */
#include "scan/processes.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "base/worker-ask.h"
#include "scan/match.h"
#include "scan/pass.h"
#include "scan/process.h"

/* What parent and child know of one another. */
struct pass_request {
	const struct host *host;
	const struct node *nodes;
	size_t count;
	pid_t parent; /* 0: made-up processes are not to be taken for it */
};

/* Two counts, the hits, and the gaps. */
static int answer_scan(int answer, const struct scan *scan, struct error *err)
{
	const size_t counts[2] = {scan->hit_count, scan->gap_count};
	int ret = worker_answer(answer, counts, sizeof(counts), err);

	if (ret == 0)
		ret = worker_answer(answer, scan->hits, scan->hit_count * sizeof(*scan->hits), err);
	if (ret == 0)
		ret = worker_answer(answer, scan->gaps, scan->gap_count * sizeof(*scan->gaps), err);
	return ret;
}

static void *copy(const char **at, size_t count, size_t size)
{
	void *copied = xcalloc(count, size);

	memcpy(copied, *at, count * size);
	*at += count * size;
	return copied;
}

static void take_scan(const char *answer, struct scan *ret)
{
	size_t counts[2];

	memcpy(counts, answer, sizeof(counts));
	answer += sizeof(counts);
	*ret = (struct scan){.hit_count = counts[0], .gap_count = counts[1]};
	ret->hits = copy(&answer, counts[0], sizeof(*ret->hits));
	ret->gaps = copy(&answer, counts[1], sizeof(*ret->gaps));
}

static int run_errand(void *data, int answer, struct error *err)
{
	const struct pass_request *pass_request = data;
	const pid_t without[2] = {pass_request->parent, pass_request->parent ? getpid() : 0};
	auto_scan struct scan scan = {0};
	struct match match;
	int ret;

	/* What it has inherited (a step's hold) must not outlive its parent, however that ends. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	match_init(&match, pass_request->nodes, pass_request->count);
	ret = pass_run(pass_request->host, &match, pass_request->nodes, without, &scan, err);
	if (ret == 0)
		ret = answer_scan(answer, &scan, err);
	match_done(&match);
	return ret;
}

int processes_scan(const struct host *host, const struct node *nodes, size_t count,
		   struct scan *ret, struct error *err)
{
	struct pass_request pass_request = {.host = host, .nodes = nodes, .count = count};
	const struct worker_question question = {
		.ask = run_errand, .data = &pass_request, .timeout_ms = SCAN_TIMEOUT_MS};
	auto_free char *answer = NULL;
	int result;

	if (count == 0) {
		*ret = (struct scan){0};
		return 0;
	}
	pass_request.parent = process_is_real(host) ? getpid() : 0;
	result = worker_ask(&question, &answer, NULL, err);
	if (result < 0 && err)
		error_wrap(err, "look through the processes");
	if (result < 0)
		return result;
	take_scan(answer, ret);
	return 0;
}

static int look_once(struct process_scan *scan, pid_t pid, uint64_t start_time, bool *ret,
		     struct error *err)
{
	auto_close int process = process_open(scan->host, pid);
	struct process_stat stat;
	int result = process < 0 ? process : process_stat(process, &stat);

	if (result == 0 && stat.start_time == start_time)
		result = process_scan_read(scan, process, pid);
	if (result < 0 && result != -ENOENT && result != -ESRCH && !scan->found)
		return error_errno(err, -result, "look into process %d", (int)pid);
	*ret = scan->found;
	return 0;
}

int process_holds(const struct host *host, pid_t pid, uint64_t start_time, const struct node *nodes,
		  size_t count, bool *ret, struct error *err)
{
	struct match match;
	struct process_scan scan;
	int result;

	match_init(&match, nodes, count);
	process_scan_init(&scan, host, &match, nodes);
	result = look_once(&scan, pid, start_time, ret, err);
	process_scan_done(&scan);
	match_done(&match);
	return result;
}
