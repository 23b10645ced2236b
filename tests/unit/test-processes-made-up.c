// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who holds a node on a made-up /proc: what no process here can be made to show.
 *
 * Linked with --wrap=workers_run: the deadline is cut where a scan is meant to hang.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/worker.h"
#include "scan/processes.h"
#include "tests/host/tree.h"

static bool hanging;

void __real_workers_run(struct worker *workers, size_t count);
void __wrap_workers_run(struct worker *workers, size_t count);

void __wrap_workers_run(struct worker *workers, size_t count)
{
	for (size_t i = 0; hanging && i < count; i++)
		workers[i].timeout_ms = 300;
	__real_workers_run(workers, count);
}

static char full_name[] = "full";
static const struct node full = {.major = 1, .minor = 7, .name = full_name};

static char scratch[] = "/tmp/test-processes-XXXXXX";
static int scratch_fd;

#define STAT " (a) b) S 1 812 812 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 4711 1 1\n"

static struct host made_up(void)
{
	struct error err = ERROR_INIT;
	struct host made;

	tree_remove(scratch_fd, "host");
	tree_dir(scratch_fd, "host/dev");
	tree_file(scratch_fd, "host/proc/812/stat", "812" STAT);
	tree_dir(scratch_fd, "host/proc/812/fd");
	if (mknodat(scratch_fd, "host/dev/full", S_IFCHR | 0600, makedev(1, 7)) < 0)
		fail_msg("mknod: %s", strerror(errno));
	{
		char root[64];

		snprintf(root, sizeof(root), "%s/host", scratch);
		assert_ok(host_open(&made, root, NULL, NULL, &err), &err);
	}
	return made;
}

static void expect_made_up(const struct host *made, pid_t pid, enum holder_how how)
{
	auto_scan struct scan scan = {0};
	struct error err = ERROR_INIT;

	assert_ok(processes_scan(made, &full, 1, &scan, &err), &err);
	assert_int_equal(scan.gap_count, 0);
	assert_int_equal(scan.hit_count, 1);
	assert_int_equal(scan.hits[0].pid, pid);
	assert_int_equal(scan.hits[0].how, how);
	assert_int_equal(scan.hits[0].start_time, 4711);
}

static void made_up_descriptors(void **state)
{
	struct host made = made_up();
	char path[64];

	(void)state;
	tree_raw_link(scratch_fd, "host/proc/812/fd/3", "../../../dev/full");
	expect_made_up(&made, 812, HOLDS_DESCRIPTOR);
	tree_file(scratch_fd, "host/proc/812/fdinfo/3", "pos:\t0\nflags:\t0100001\n");
	expect_made_up(&made, 812, HOLDS_DESCRIPTOR);
	tree_remove(scratch_fd, "host/proc/812/fd/3");
	tree_raw_link(scratch_fd, "host/proc/812/task/813/fd/3", "../../../../../dev/full");
	expect_made_up(&made, 812, HOLDS_THREAD);
	tree_remove(scratch_fd, "host/proc/812");
	/* A made-up process may have this one's number. */
	snprintf(path, sizeof(path), "host/proc/%d/stat", (int)getpid());
	tree_file(scratch_fd, path, "%d" STAT, (int)getpid());
	snprintf(path, sizeof(path), "host/proc/%d/fd/3", (int)getpid());
	tree_raw_link(scratch_fd, path, "../../../dev/full");
	expect_made_up(&made, getpid(), HOLDS_DESCRIPTOR);
	host_close(&made);
}

/* So many that they come in several pieces, with lines cut in two. */
static void long_maps(struct text *text)
{
	for (unsigned int i = 0; i < 3000; i++)
		text_printf(text,
			    "7f%010x-7f%010x r-xp 00000000 fd:01 %u              /usr/lib/%u.so\n",
			    i * 4096, i * 4096 + 4096, 100 + i % 50, i % 50);
}

static void made_up_maps(void **state)
{
	static const char line[] = "00400000-00401000 rw-s 00000000 00:99 77   /private/full\n";
	struct host made = made_up();
	auto_text struct text text = TEXT_INIT;

	(void)state;
	tree_raw_link(scratch_fd, "host/proc/812/map_files/400000-401000", "../../../dev/full");
	tree_file(scratch_fd, "host/proc/812/maps", "%s", line);
	expect_made_up(&made, 812, HOLDS_MAP);
	long_maps(&text);
	text_printf(&text, "%s", line);
	tree_file(scratch_fd, "host/proc/812/maps", "%s", text.data);
	expect_made_up(&made, 812, HOLDS_MAP);
	host_close(&made);
}

static void map(int pid, const char *target)
{
	auto_free char *link = xasprintf("host/proc/%d/map_files/400000-401000", pid);
	auto_free char *path = xasprintf("host/proc/%d/maps", pid);
	auto_free char *stat = xasprintf("host/proc/%d/stat", pid);

	tree_file(scratch_fd, stat, "%d" STAT, pid);
	tree_file(scratch_fd, path, "00400000-00401000 rw-s 00000000 00:99 %d   %s\n", pid, target);
	tree_raw_link(scratch_fd, link, target);
}

/* What one has mapped is not what the next has, whichever is looked at first. */
static void each_has_its_own_maps(void **state)
{
	static char other_name[] = "zero";
	const struct node nodes[] = {full, {.major = 1, .minor = 5, .name = other_name}};
	struct host made = made_up();
	auto_scan struct scan scan = {0};
	struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(mknodat(scratch_fd, "host/dev/zero", S_IFCHR | 0600, makedev(1, 5)), 0);
	map(812, "../../../dev/full");
	map(813, "../../../dev/zero");
	map(814, "../../../dev");
	map(815, "../../../dev/full");
	assert_ok(processes_scan(&made, nodes, 2, &scan, &err), &err);
	assert_int_equal(scan.gap_count, 0);
	assert_int_equal(scan.hit_count, 3);
	for (size_t i = 0; i < 3; i++) {
		static const struct scan_hit expected[] = {
			{.pid = 812}, {.pid = 813, .node = 1}, {.pid = 815}};

		assert_int_equal(scan.hits[i].pid, expected[i].pid);
		assert_int_equal(scan.hits[i].node, expected[i].node);
		assert_int_equal(scan.hits[i].how, HOLDS_MAP);
	}
	host_close(&made);
}

/* Without map_files: by the place of the node in /dev; and what may be one is not free. */
static void maps_that_can_not_be_asked(void **state)
{
	struct host made = made_up();
	auto_scan struct scan scan = {0};
	struct error err = ERROR_INIT;
	struct stat file;

	(void)state;
	assert_int_equal(fstatat(made.fd[HOST_DEV], "full", &file, 0), 0);
	tree_file(scratch_fd, "host/proc/812/maps",
		  "00400000-00401000 rw-s 00000000 %02x:%02x %lu   /dev/full\n", major(file.st_dev),
		  minor(file.st_dev), file.st_ino);
	expect_made_up(&made, 812, HOLDS_MAP);
	tree_file(scratch_fd, "host/proc/812/maps",
		  "00400000-00401000 rw-s 00000000 00:99 77   /usr/lib/libc.so.6\n"
		  "00401000-00402000 rw-s 00000000 00:01 78   /dev/zero (deleted)\n"
		  "00402000-00403000 rw-s 00000000 00:99 79   /dev/dri/card0 (deleted)\n");
	assert_ok(processes_scan(&made, &full, 1, &scan, &err), &err);
	assert_int_equal(scan.hit_count, 0);
	assert_int_equal(scan.gap_count, 1);
	assert_int_equal(scan.gaps[0].pid, 812);
	assert_int_equal(scan.gaps[0].code, EACCES);
	host_close(&made);
}

/* Reading the maps of a process that is stuck in the kernel waits for it. */
static void a_stuck_process(void **state)
{
	struct scan scan = {.hit_count = 4711};
	struct host made = made_up();
	struct error err = ERROR_INIT;
	int fifo;

	(void)state;
	assert_int_equal(mkfifoat(scratch_fd, "host/proc/812/maps", 0600), 0);
	hanging = true;
	assert_int_equal(processes_scan(&made, &full, 1, &scan, &err), -ETIMEDOUT);
	hanging = false;
	assert_contains(err.text, "look through the processes: ");
	assert_int_equal(scan.hit_count, 4711);
	/* Lets the child go; for writing alone, this would wait for one that has been killed. */
	fifo = openat(scratch_fd, "host/proc/812/maps", O_RDWR | O_CLOEXEC);
	assert_true(fifo >= 0);
	close(fifo);
	while (waitpid(-1, NULL, 0) > 0)
		;
	host_close(&made);
}

static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(scratch))
		return -1;
	scratch_fd = open(scratch, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return scratch_fd < 0 ? -1 : 0;
}

static int tear_down(void **state)
{
	(void)state;
	tree_remove(scratch_fd, "host");
	close(scratch_fd);
	return rmdir(scratch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(made_up_descriptors),
		cmocka_unit_test(made_up_maps),
		cmocka_unit_test(each_has_its_own_maps),
		cmocka_unit_test(maps_that_can_not_be_asked),
		cmocka_unit_test(a_stuck_process),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
