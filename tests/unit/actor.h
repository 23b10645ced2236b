/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Real processes that hold nodes, and what a scan of the kernel's own /proc says of them, for the
 * tests of scan/processes.h.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "scan/processes.h"

/* /dev/full, which hardly anybody has open, and a disk that can be mapped. */
static char full_name[] = "full", loop_name[] = "loop7";
static const struct node full = {.major = 1, .minor = 7, .name = full_name};
static const struct node loop = {.is_block = true, .major = 7, .minor = 7, .name = loop_name};

static struct host host;

/* --- processes --- */

/* One that does something, says so, and then waits for its end. */
struct actor {
	pid_t pid;
	int ready; /* a pipe from it */
};

static int to_parent;

static void say_ready(void)
{
	if (write(to_parent, "r", 1) != 1)
		_exit(2);
}

static void __attribute__((noreturn)) wait_for_end(void)
{
	for (;;)
		pause();
}

static struct actor start(void (*act)(void))
{
	struct actor actor;
	int ready[2];
	char byte;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	actor = (struct actor){.pid = fork(), .ready = ready[0]};
	if (actor.pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(ready[0]);
		to_parent = ready[1];
		act();
		_exit(4);
	}
	close(ready[1]);
	assert_true(actor.pid > 0);
	if (read(actor.ready, &byte, 1) != 1) {
		int status = 0;

		waitpid(actor.pid, &status, 0);
		if (WIFEXITED(status))
			fail_msg("the actor ended with exit status %d: see its _exit()",
				 WEXITSTATUS(status));
		fail_msg("the actor was ended by signal %d", WTERMSIG(status));
	}
	return actor;
}

static void actor_end(struct actor *actor)
{
	kill(actor->pid, SIGKILL);
	close(actor->ready);
	waitpid(actor->pid, NULL, 0);
}

#define auto_actor cleanup(actor_end)

/* What it opens stays open. */
static void keep(int fd)
{
	if (fd < 0)
		_exit(5);
}

static int open_node(const struct node *node, int flags)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/dev/%s", node->name);
	fd = open(path, flags | O_CLOEXEC);
	keep(fd);
	return fd;
}

static void need_loop(void)
{
	struct stat file;
	int fd = open("/dev/loop7", O_RDONLY | O_CLOEXEC);

	assert_needs(fd >= 0 && fstat(fd, &file) == 0 && file.st_rdev == makedev(7, 7),
		     "root, and a loop device /dev/loop7");
	close(fd);
}

/* --- results --- */

static uint64_t start_time_of(pid_t pid)
{
	char path[64], text[1024], *at;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	assert_non_null(file);
	assert_non_null(fgets(text, sizeof(text), file));
	fclose(file);
	at = strrchr(text, ')');
	for (int field = 2; field < 22; field++)
		at = strchr(at + 1, ' ');
	return strtoull(at, NULL, 10);
}

static struct scan scan_for(const struct node *nodes, size_t count)
{
	struct error err = ERROR_INIT;
	struct scan scan = {0};

	assert_ok(processes_scan(&host, nodes, count, &scan, &err), &err);
	return scan;
}

static const struct scan_hit *find_hit(const struct scan *scan, pid_t pid, size_t node)
{
	for (size_t i = 0; i < scan->hit_count; i++)
		if (scan->hits[i].pid == pid && scan->hits[i].node == node)
			return &scan->hits[i];
	return NULL;
}

static const struct scan_gap *find_gap(const struct scan *scan, pid_t pid)
{
	for (size_t i = 0; i < scan->gap_count; i++)
		if (scan->gaps[i].pid == pid)
			return &scan->gaps[i];
	return NULL;
}

/* The actor's one way to hold the node, and that it is all there is. */
static void expect_hold(void (*act)(void), const struct node *node, enum holder_how how,
			unsigned int descriptors)
{
	auto_actor struct actor actor = start(act);
	auto_scan struct scan scan = scan_for(node, 1);
	const struct scan_hit *hit = find_hit(&scan, actor.pid, 0);
	struct error err = ERROR_INIT;
	bool holds = false;

	assert_non_null(hit);
	assert_int_equal(hit->how, how);
	assert_int_equal(hit->descriptors, descriptors);
	assert_int_equal(hit->start_time, start_time_of(actor.pid));
	assert_null(find_gap(&scan, actor.pid));
	assert_ok(process_holds(&host, actor.pid, hit->start_time, node, 1, &holds, &err), &err);
	assert_true(holds);
}

static void expect_no_hold(void (*act)(void), const struct node *node)
{
	auto_actor struct actor actor = start(act);
	auto_scan struct scan scan = scan_for(node, 1);
	struct error err = ERROR_INIT;
	bool holds = true;

	assert_null(find_hit(&scan, actor.pid, 0));
	assert_null(find_gap(&scan, actor.pid));
	assert_ok(process_holds(&host, actor.pid, start_time_of(actor.pid), node, 1, &holds, &err),
		  &err);
	assert_false(holds);
}
