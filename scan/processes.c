// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a pass over /proc is made by a child that may be lost, and how its findings come back: in a
 * file of memory, as they may be many and the child may never write the last of them.
 */
#include "scan/processes.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "base/worker.h"
#include "scan/match.h"
#include "scan/pass.h"
#include "scan/process.h"

void scan_done(struct scan *scan)
{
	free(scan->hits);
	free(scan->gaps);
	*scan = (struct scan){0};
}

/* What parent and child know of one another. */
struct pass_request {
	const struct host *host;
	const struct node *nodes;
	size_t count;
	pid_t parent; /* 0: made-up processes are not to be taken for it */
	int results;
};

static int write_all(int fd, const void *data, size_t length, struct error *err)
{
	const char *at = data;

	while (length > 0) {
		ssize_t written = write(fd, at, length);

		if (written < 0)
			return error_errno(err, errno, "write what was found");
		at += written;
		length -= (size_t)written;
	}
	return 0;
}

static int write_scan(int fd, const struct scan *scan, struct error *err)
{
	const size_t counts[2] = {scan->hit_count, scan->gap_count};
	int ret = write_all(fd, counts, sizeof(counts), err);

	if (ret == 0)
		ret = write_all(fd, scan->hits, scan->hit_count * sizeof(*scan->hits), err);
	if (ret == 0)
		ret = write_all(fd, scan->gaps, scan->gap_count * sizeof(*scan->gaps), err);
	return ret;
}

static int read_part(int fd, off_t *at, void *to, size_t length, struct error *err)
{
	ssize_t got = length > 0 ? pread(fd, to, length, *at) : 0;

	if (got != (ssize_t)length)
		return error_set(err, EIO, "what was found is cut short");
	*at += got;
	return 0;
}

static int read_scan(int fd, struct scan *ret, struct error *err)
{
	auto_scan struct scan scan = {0};
	size_t counts[2];
	off_t at = 0;
	int result = read_part(fd, &at, counts, sizeof(counts), err);

	if (result < 0)
		return result;
	scan.hits = xcalloc(counts[0], sizeof(*scan.hits));
	scan.hit_count = counts[0];
	scan.gaps = xcalloc(counts[1], sizeof(*scan.gaps));
	scan.gap_count = counts[1];
	result = read_part(fd, &at, scan.hits, scan.hit_count * sizeof(*scan.hits), err);
	if (result == 0)
		result = read_part(fd, &at, scan.gaps, scan.gap_count * sizeof(*scan.gaps), err);
	if (result < 0)
		return result;
	*ret = scan;
	scan = (struct scan){0};
	return 0;
}

static int run_errand(void *data, struct error *err)
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
		ret = write_scan(pass_request->results, &scan, err);
	match_done(&match);
	return ret;
}

int processes_scan(const struct host *host, const struct node *nodes, size_t count,
		   struct scan *ret, struct error *err)
{
	auto_close int results = -1;
	struct pass_request pass_request = {.host = host, .nodes = nodes, .count = count};
	struct worker worker = {.work = run_errand,
				.data = &pass_request,
				.unprivileged = true,
				.timeout_ms = SCAN_TIMEOUT_MS};

	if (count == 0) {
		*ret = (struct scan){0};
		return 0;
	}
	results = memfd_create("hostdev-scan", MFD_CLOEXEC);
	if (results < 0)
		return error_errno(err, errno, "memory for what is found");
	pass_request.results = results;
	pass_request.parent = process_is_real(host) ? getpid() : 0;
	workers_run(&worker, 1);
	/* It only reads; and what it has inherited (a step's hold) must not outlive its parent. */
	if (worker.pid > 0)
		kill(worker.pid, SIGKILL);
	if (worker.result < 0) {
		if (err) {
			*err = worker.error;
			error_wrap(err, "look through the processes");
		}
		return worker.result;
	}
	return read_scan(results, ret, err);
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
