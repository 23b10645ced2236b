// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The pass over all of /proc, by as many threads as there are processors for them: who is looked
 * at by whom, and how their findings come together. What starts meanwhile may be missed: it is
 * looked for again before a device is taken.
 * Tests: unit/test-processes.c, unit/test-processes-made-up.c.
 */
#include "scan/pass.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "scan/process.h"

#define THREADS_MAX 4
#define PIDS_A_THREAD 64 /* fewer are not worth starting one */
#define PIDS_AT_ONCE 8

struct pass {
	const struct host *host;
	const struct match *match;
	const struct node *nodes;
	pid_t *pids;
	size_t pid_count;
	atomic_size_t next; /* of pids, not taken by any thread yet */
};

/* A thread and what it has found. */
struct pass_thread {
	struct pass *pass;
	struct scan found;
	pthread_t thread;
};

/* --- one thread's work --- */

/* A hit for every node with the number. */
static void add_hits(struct scan *scan, const struct process_scan *reader, pid_t pid,
		     uint64_t start_time)
{
	const struct match *match = reader->match;

	for (size_t i = 0; i < match->count; i = match_end(match, i)) {
		const struct node_count *count = &reader->counts[i];
		struct scan_hit hit = {
			.pid = pid,
			.start_time = start_time,
			.how = node_count_how(count),
			.descriptors = count->descriptors,
		};

		if (!count->own && !count->thread && !count->map)
			continue;
		for (size_t entry = i; entry < match_end(match, i); entry++) {
			hit.node = match->entries[entry].node;
			scan_add_hit(scan, &hit);
		}
	}
}

static void read_process(struct process_scan *reader, pid_t pid, struct scan *scan)
{
	auto_close int process = process_open(reader->host, pid);
	struct process_stat stat;
	int ret;

	if (process < 0) {
		if (process != -ENOENT && process != -ESRCH)
			scan_add_gap(scan, pid, -process);
		return;
	}
	ret = process_scan_read(reader, process, pid);
	if (ret < 0)
		scan_add_gap(scan, pid, -ret);
	if (!reader->found)
		return;
	ret = process_stat(process, &stat);
	if (ret == 0)
		add_hits(scan, reader, pid, stat.start_time);
	else if (ret != -ENOENT && ret != -ESRCH)
		scan_add_gap(scan, pid, -ret);
}

static void *run(void *data)
{
	struct pass_thread *thread = data;
	struct pass *pass = thread->pass;
	struct process_scan reader;
	size_t first;

	process_scan_init(&reader, pass->host, pass->match, pass->nodes);
	while ((first = atomic_fetch_add(&pass->next, PIDS_AT_ONCE)) < pass->pid_count)
		for (size_t i = first; i < first + PIDS_AT_ONCE && i < pass->pid_count; i++)
			read_process(&reader, pass->pids[i], &thread->found);
	process_scan_done(&reader);
	return NULL;
}

/* --- all together --- */

struct threads {
	pid_t *pids; /* sorted */
	size_t count;
};

static void threads_done(struct threads *threads)
{
	free(threads->pids);
}

/* Without a program: what the kernel starts for itself as a process has the same parent. */
static bool is_kernel_thread(const struct host *host, const struct threads *threads,
			     const char *name, pid_t pid)
{
	char path[64], program[1];

	if (threads->count == 0 ||
	    !bsearch(&pid, threads->pids, threads->count, sizeof(pid), process_compare_pids))
		return false;
	snprintf(path, sizeof(path), "%.16s/exe", name);
	return readlinkat(host->fd[HOST_PROC], path, program, sizeof(program)) < 0 &&
	       errno == ENOENT;
}

static int list_pids(struct pass *pass, const pid_t without[2], struct error *err)
{
	auto_close int fd =
		openat(pass->host->fd[HOST_PROC], ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_closedir DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	cleanup(threads_done) struct threads threads = {0};
	struct dirent *entry;

	if (!stream)
		return error_errno(err, errno, "list /proc");
	fd = -1;
	threads.count = process_kernel_threads(pass->host, &threads.pids);
	for (errno = 0; (entry = readdir(stream)); errno = 0) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (!isdigit((unsigned char)entry->d_name[0]) || pid == without[0] ||
		    pid == without[1] || is_kernel_thread(pass->host, &threads, entry->d_name, pid))
			continue;
		array_push(pass->pids, pass->pid_count, pid);
	}
	return errno ? error_errno(err, errno, "list /proc") : 0;
}

/* Those that it may run on, which is not always all. */
static size_t count_threads(size_t pid_count)
{
	size_t count = 1 + pid_count / PIDS_A_THREAD;
	cpu_set_t processors;

	if (sched_getaffinity(0, sizeof(processors), &processors) < 0)
		return 1;
	if (count > (size_t)CPU_COUNT(&processors))
		count = (size_t)CPU_COUNT(&processors);
	return count > THREADS_MAX ? THREADS_MAX : count;
}

static void move_findings(struct scan *from, struct scan *to)
{
	for (size_t i = 0; i < from->hit_count; i++)
		scan_add_hit(to, &from->hits[i]);
	for (size_t i = 0; i < from->gap_count; i++)
		scan_add_gap(to, from->gaps[i].pid, from->gaps[i].code);
	scan_done(from);
}

static void run_all(struct pass *pass, struct scan *ret)
{
	struct pass_thread runners[THREADS_MAX] = {0};
	size_t wanted = count_threads(pass->pid_count), started = 1;

	for (size_t i = 0; i < THREADS_MAX; i++)
		runners[i].pass = pass;
	/* One that can not be started leaves its share to the others. */
	while (started < wanted &&
	       pthread_create(&runners[started].thread, NULL, run, &runners[started]) == 0)
		started++;
	run(&runners[0]);
	for (size_t i = 1; i < started; i++)
		pthread_join(runners[i].thread, NULL);
	for (size_t i = 0; i < started; i++)
		move_findings(&runners[i].found, ret);
}

static int compare_hits(const void *a, const void *b)
{
	const struct scan_hit *left = a, *right = b;

	if (left->pid != right->pid)
		return left->pid < right->pid ? -1 : 1;
	return left->node < right->node ? -1 : left->node > right->node;
}

static int compare_gaps(const void *a, const void *b)
{
	const struct scan_gap *left = a, *right = b;

	return left->pid < right->pid ? -1 : left->pid > right->pid;
}

int pass_run(const struct host *host, const struct match *match, const struct node *nodes,
	     const pid_t without[2], struct scan *ret, struct error *err)
{
	struct pass pass = {.host = host, .match = match, .nodes = nodes};
	struct scan found = {0};
	int result = list_pids(&pass, without, err);

	if (result == 0) {
		run_all(&pass, &found);
		if (found.hit_count > 0)
			qsort(found.hits, found.hit_count, sizeof(*found.hits), compare_hits);
		if (found.gap_count > 0)
			qsort(found.gaps, found.gap_count, sizeof(*found.gaps), compare_gaps);
		*ret = found;
	}
	free(pass.pids);
	return result;
}
