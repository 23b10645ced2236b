// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What one process has open: its descriptors, and those of its threads where they are others. A
 * process whose leader has exited shows none of its own, and any thread may have left the common
 * table. Descriptors on their way through a socket are in no table and not found.
 * Tests: unit/test-processes.c.
 */
#include "scan/process.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"

/* The kernel's PF_KTHREAD. */
#define FLAG_KERNEL_THREAD 0x00200000

bool process_is_real(const struct host *host)
{
	struct statfs proc;

	return fstatfs(host->fd[HOST_PROC], &proc) == 0 && proc.f_type == PROC_SUPER_MAGIC;
}

void process_scan_init(struct process_scan *scan, const struct host *host,
		       const struct match *match, const struct node *nodes)
{
	*scan = (struct process_scan){.host = host, .match = match, .real = process_is_real(host)};
	scan->counts = xcalloc(match->count, sizeof(*scan->counts));
	scan->buffer = xcalloc(1, PROCESS_SCAN_BUFFER_SIZE);
	for (size_t i = 0; i < match->count; i++)
		scan->may_be_mapped |= !node_is_clock(&nodes[match->entries[i].node]);
	maps_init(&scan->maps, host, match, nodes);
}

void process_scan_done(struct process_scan *scan)
{
	free(scan->counts);
	free(scan->buffer);
	maps_done(&scan->maps);
}

enum holder_how node_count_how(const struct node_count *count)
{
	return count->own ? HOLDS_DESCRIPTOR : count->thread ? HOLDS_THREAD : HOLDS_MAP;
}

/* It is not there, or no longer. */
static bool has_ended(int code)
{
	return code == -ENOENT || code == -ESRCH;
}

int process_open(const struct host *host, pid_t pid)
{
	char name[16];
	int fd;

	snprintf(name, sizeof(name), "%d", (int)pid);
	fd = openat(host->fd[HOST_PROC], name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int process_stat(int process, struct process_stat *ret)
{
	auto_close int fd = openat(process, "stat", O_RDONLY | O_CLOEXEC);
	struct process_stat stat;
	char text[1024], *end;
	ssize_t length;

	if (fd < 0)
		return -errno;
	length = read(fd, text, sizeof(text) - 1);
	if (length < 0)
		return -errno;
	text[length] = '\0';
	/* The name before it may hold anything, parentheses too. */
	end = strrchr(text, ')');
	if (!end || sscanf(end + 1,
			   " %c %*d %*d %*d %*d %*d %u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %u"
			   " %*d %lu",
			   &stat.state, &stat.flags, &stat.threads, &stat.start_time) != 4)
		return -EBADMSG;
	*ret = stat;
	return 0;
}

/* --- the kernel's threads --- */

#define KTHREADD 2 /* the parent of all the others */

int process_compare_pids(const void *a, const void *b)
{
	const pid_t *left = a, *right = b;

	return *left < *right ? -1 : *left > *right;
}

/* "3 4 5 ", as far as it can be read: whoever is left out is merely looked at for nothing. */
static size_t read_children(int fd, pid_t **ret)
{
	auto_text struct text text = TEXT_INIT;
	char part[4096], *at;
	size_t count = 0;
	ssize_t length;

	while ((length = read(fd, part, sizeof(part))) > 0)
		text_append(&text, part, (size_t)length);
	for (at = text.data; at && *at; at += strspn(at, " ")) {
		char *end;
		pid_t pid = (pid_t)strtol(at, &end, 10);

		if (end == at || *end != ' ')
			break;
		*ret = array_grow(*ret, count, sizeof(**ret));
		(*ret)[count++] = pid;
		at = end;
	}
	if (count > 0)
		qsort(*ret, count, sizeof(**ret), process_compare_pids);
	return count;
}

size_t process_kernel_threads(const struct host *host, pid_t **ret)
{
	auto_close int process = process_is_real(host) ? process_open(host, KTHREADD) : -1;
	auto_close int fd = -1;
	struct process_stat stat = {0};

	*ret = NULL;
	/* In a namespace of its own it is any process. */
	if (process < 0 || process_stat(process, &stat) < 0 || !(stat.flags & FLAG_KERNEL_THREAD))
		return 0;
	fd = openat(process, "task/2/children", O_RDONLY | O_CLOEXEC);
	return fd < 0 ? 0 : read_children(fd, ret);
}

/* --- descriptors --- */

/* Only a name of a file, which does not keep its device busy. */
static bool is_path_only(int table, const char *name)
{
	char path[64], text[256], *flags;
	auto_close int fd = -1;
	ssize_t length;

	snprintf(path, sizeof(path), "../fdinfo/%.20s", name);
	fd = openat(table, path, O_RDONLY | O_CLOEXEC);
	length = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (length < 0)
		return false;
	text[length] = '\0';
	flags = strstr(text, "flags:");
	return flags && (strtoul(flags + strlen("flags:"), NULL, 8) & O_PATH);
}

static int look_at_descriptor(struct process_scan *scan, int table, const char *name,
			      bool is_thread)
{
	struct node_count *count;
	struct statx file;
	int ret = match_stat(table, name, &file);
	size_t entry;

	if (ret != 0)
		return ret < 0 && !has_ended(ret) ? ret : 0;
	entry = match_find(scan->match, &file);
	if (entry == MATCH_NONE || is_path_only(table, name))
		return 0;
	count = &scan->counts[entry];
	count->descriptors++;
	if (is_thread)
		count->thread = true;
	else
		count->own = true;
	scan->found = true;
	return 0;
}

/* This process is closed to the caller: so is all the rest of it. */
static bool is_closed(int code)
{
	return code == -EACCES || code == -EPERM;
}

/* All of a table at path below the process; the first failure, if any. */
static int look_at_table(struct process_scan *scan, int process, const char *path, bool is_thread)
{
	auto_close int table = openat(process, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ssize_t length = 0;
	int failure = 0;

	if (table < 0)
		return has_ended(-errno) ? 0 : -errno;
	/* To its end: a signal on its way makes an answer short before that. */
	while (!is_closed(failure) &&
	       (length = getdents64(table, scan->buffer, PROCESS_SCAN_BUFFER_SIZE)) > 0) {
		const struct dirent64 *entry;

		for (ssize_t at = 0; !is_closed(failure) && at < length; at += entry->d_reclen) {
			int ret;

			entry = (const void *)(scan->buffer + at);
			if (entry->d_name[0] == '.')
				continue;
			ret = look_at_descriptor(scan, table, entry->d_name, is_thread);
			if (failure == 0)
				failure = ret;
		}
	}
	return length < 0 && !has_ended(-errno) ? -errno : failure;
}

/* --- threads --- */

/* More tables than this in one process are looked into without asking whether they are the same. */
#define TABLES_MAX 16

/* The threads whose tables have been looked into. */
struct tables {
	pid_t owners[TABLES_MAX];
	size_t count;
};

/*
 * Is the thread's table one of those? The kernel compares without reading them; where it can not
 * or may not (no CONFIG_KCMP), a table looked into twice does no harm but to the count.
 */
static bool is_known_table(const struct process_scan *scan, const struct tables *tables,
			   pid_t thread)
{
	for (size_t i = 0; scan->real && i < tables->count; i++)
		if (syscall(SYS_kcmp, tables->owners[i], thread, KCMP_FILES, 0, 0) == 0)
			return true;
	return false;
}

static int look_at_thread(struct process_scan *scan, int process, struct tables *tables,
			  pid_t thread)
{
	char path[64];

	if (is_known_table(scan, tables, thread))
		return 0;
	if (tables->count < TABLES_MAX)
		tables->owners[tables->count++] = thread;
	snprintf(path, sizeof(path), "task/%d/fd", (int)thread);
	return look_at_table(scan, process, path, true);
}

/* The count of threads is in the links of the directory, which costs far less than "stat". */
static bool has_threads(const struct process_scan *scan, int process)
{
	struct statx task;

	if (!scan->real)
		return true;
	return statx(process, "task", AT_STATX_DONT_SYNC, STATX_NLINK, &task) == 0 &&
	       task.stx_nlink > 2 + 1;
}

/* Also gives one thread other than the leader, of which there may be no more than a name left. */
static int look_at_threads(struct process_scan *scan, int process, pid_t pid, pid_t *ret_thread)
{
	struct tables tables = {.owners = {pid}, .count = 1};
	auto_closedir DIR *stream = NULL;
	auto_close int fd = -1;
	struct dirent *entry;
	int failure = 0;

	if (!has_threads(scan, process))
		return 0;
	fd = openat(process, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return has_ended(-errno) ? 0 : -errno;
	stream = fdopendir(fd);
	if (!stream)
		return -errno;
	fd = -1;
	while ((entry = readdir(stream))) {
		pid_t thread = (pid_t)strtol(entry->d_name, NULL, 10);
		int ret;

		if (!isdigit((unsigned char)entry->d_name[0]) || thread == pid)
			continue;
		ret = look_at_thread(scan, process, &tables, thread);
		if (failure == 0)
			failure = ret;
		*ret_thread = thread;
	}
	return failure;
}

/* --- the whole of it --- */

/* Nobody may look into some of which everybody knows that there is nothing in them. */
static bool is_hollow(int process)
{
	struct process_stat stat = {0};

	return process_stat(process, &stat) == 0 &&
	       (stat.flags & FLAG_KERNEL_THREAD || (strchr("ZX", stat.state) && stat.threads <= 1));
}

static void forget(struct process_scan *scan)
{
	if (scan->found)
		memset(scan->counts, 0, scan->match->count * sizeof(*scan->counts));
	scan->found = false;
}

static int look_at_maps(struct process_scan *scan, int process, pid_t thread)
{
	int ret = maps_look(&scan->maps, process, thread, scan->buffer, PROCESS_SCAN_BUFFER_SIZE);

	for (size_t i = 0; scan->maps.any_seen && i < scan->match->count; i++)
		if (scan->maps.seen[i])
			scan->counts[i].map = scan->found = true;
	return ret;
}

int process_scan_read(struct process_scan *scan, int process, pid_t pid)
{
	int results[3], failure = 0;
	pid_t thread = 0;

	forget(scan);
	results[0] = look_at_table(scan, process, "fd", false);
	results[1] = is_closed(results[0]) ? 0 : look_at_threads(scan, process, pid, &thread);
	results[2] = scan->may_be_mapped ? look_at_maps(scan, process, thread) : 0;
	for (size_t i = 0; i < 3 && failure == 0; i++)
		failure = results[i];
	if ((scan->found || failure < 0) && is_hollow(process)) {
		forget(scan);
		return 0;
	}
	return failure;
}
