// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who holds a node: real processes, each holding it in a way of its own, in the kernel's own /proc;
 * and a made-up /proc for what no process here can be made to show.
 *
 * Linked with --wrap=workers_run: the deadline is cut where a scan is meant to hang.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/worker.h"
#include "scan/processes.h"
#include "tests/host/tree.h"

#define NOBODY 65534

static bool hanging;

void __real_workers_run(struct worker *workers, size_t count);
void __wrap_workers_run(struct worker *workers, size_t count);

void __wrap_workers_run(struct worker *workers, size_t count)
{
	for (size_t i = 0; hanging && i < count; i++)
		workers[i].timeout_ms = 300;
	__real_workers_run(workers, count);
}

/* /dev/full, which hardly anybody has open, and a disk that can be mapped. */
static char full_name[] = "full", loop_name[] = "loop7";
static const struct node full = {.major = 1, .minor = 7, .name = full_name};
static const struct node loop = {.is_block = true, .major = 7, .minor = 7, .name = loop_name};

static struct host host;
static char scratch[] = "/tmp/test-processes-XXXXXX";
static int scratch_fd;

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
	assert_int_equal(read(actor.ready, &byte, 1), 1);
	return actor;
}

static void actor_end(struct actor *actor)
{
	kill(actor->pid, SIGKILL);
	close(actor->ready);
	waitpid(actor->pid, NULL, 0);
}

#define auto_actor cleanup(actor_end)

static int open_node(const struct node *node, int flags)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/dev/%s", node->name);
	fd = open(path, flags | O_CLOEXEC);
	if (fd < 0)
		_exit(5);
	return fd;
}

/* The disk's node may be missing, or its driver: then what needs it is skipped. */
static void need_loop(void)
{
	struct stat file;
	int fd = open("/dev/loop7", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &file) < 0 || file.st_rdev != makedev(7, 7)) {
		print_message("no /dev/loop7\n");
		skip();
	}
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

/* --- descriptors --- */

static void open_twice(void)
{
	open_node(&full, O_RDONLY);
	open_node(&full, O_WRONLY);
	say_ready();
	wait_for_end();
}

static void open_path_only(void)
{
	open_node(&full, O_PATH);
	say_ready();
	wait_for_end();
}

static void open_and_close(void)
{
	close(open_node(&full, O_RDONLY));
	say_ready();
	wait_for_end();
}

/* A node of its own, as containers have, and by another name; gone once it is open. */
static void open_copy(void)
{
	if (mknodat(scratch_fd, "copy", S_IFCHR | 0600, makedev(1, 7)) < 0 ||
	    openat(scratch_fd, "copy", O_RDONLY) < 0 || unlinkat(scratch_fd, "copy", 0) < 0)
		_exit(6);
	say_ready();
	wait_for_end();
}

static void descriptors(void **state)
{
	(void)state;
	expect_hold(open_twice, &full, HOLDS_DESCRIPTOR, 2);
	expect_hold(open_copy, &full, HOLDS_DESCRIPTOR, 1);
	expect_no_hold(open_path_only, &full);
	expect_no_hold(open_and_close, &full);
}

static void type_counts(void **state)
{
	/* The block device 1:7 is another. */
	const struct node ram = {.is_block = true, .major = 1, .minor = 7, .name = full_name};

	(void)state;
	expect_no_hold(open_twice, &ram);
}

static void the_caller_is_left_out(void **state)
{
	auto_close int fd = open_node(&full, O_RDONLY);
	auto_scan struct scan scan = scan_for(&full, 1);

	(void)state;
	assert_true(fd >= 0);
	/* And so is the child that looked, which had the descriptor too, but is no more. */
	for (size_t i = 0; i < scan.hit_count; i++) {
		assert_int_not_equal(scan.hits[i].pid, getpid());
		assert_int_equal(kill(scan.hits[i].pid, 0), 0);
	}
}

/* --- threads --- */

static void *hold_in_thread(void *unshared)
{
	if (unshared && unshare(CLONE_FILES) < 0)
		_exit(7);
	open_node(&full, O_RDONLY);
	say_ready();
	wait_for_end();
}

static void *only_wait(void *data)
{
	(void)data;
	wait_for_end();
}

static void start_thread(void *(*run)(void *), void *data)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, run, data) != 0)
		_exit(8);
}

static void leave_to_threads(void)
{
	start_thread(only_wait, NULL);
	start_thread(hold_in_thread, NULL);
	/* Not pthread_exit: that loads a library, late and beside the sanitizer. */
	syscall(SYS_exit, 0);
}

static void thread_with_own_table(void)
{
	static bool yes = true;

	start_thread(hold_in_thread, &yes);
	wait_for_end();
}

static void threads_share_the_table(void)
{
	start_thread(only_wait, NULL);
	start_thread(hold_in_thread, NULL);
	wait_for_end();
}

static void threads(void **state)
{
	(void)state;
	/* The two that are left share a table: one descriptor is one. */
	expect_hold(leave_to_threads, &full, HOLDS_THREAD, 1);
	expect_hold(thread_with_own_table, &full, HOLDS_THREAD, 1);
	expect_hold(threads_share_the_table, &full, HOLDS_DESCRIPTOR, 1);
}

/* --- maps --- */

static void map(int fd)
{
	if (fd < 0 || mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED)
		_exit(9);
	close(fd);
}

static void only_map(void)
{
	map(open_node(&loop, O_RDONLY));
	say_ready();
	wait_for_end();
}

static void map_copy(void)
{
	if (mknodat(scratch_fd, "disk", S_IFBLK | 0600, makedev(7, 7)) < 0)
		_exit(6);
	map(openat(scratch_fd, "disk", O_RDONLY));
	say_ready();
	wait_for_end();
}

static void map_copy_that_is_gone(void)
{
	if (mknodat(scratch_fd, "gone", S_IFBLK | 0600, makedev(7, 7)) < 0)
		_exit(6);
	map(openat(scratch_fd, "gone", O_RDONLY));
	if (unlinkat(scratch_fd, "gone", 0) < 0)
		_exit(6);
	say_ready();
	wait_for_end();
}

static void *map_in_thread(void *data)
{
	(void)data;
	only_map();
	return NULL;
}

static void leave_map_to_thread(void)
{
	start_thread(map_in_thread, NULL);
	syscall(SYS_exit, 0);
}

static void maps(void **state)
{
	(void)state;
	need_loop();
	expect_hold(only_map, &loop, HOLDS_MAP, 0);
	expect_hold(map_copy, &loop, HOLDS_MAP, 0);
	expect_hold(map_copy_that_is_gone, &loop, HOLDS_MAP, 0);
	expect_hold(leave_map_to_thread, &loop, HOLDS_MAP, 0);
}

/* --- many --- */

static void open_both(void)
{
	map(open_node(&loop, O_RDONLY));
	open_twice();
}

static void several_of_each(void **state)
{
	/* The first and the last have one number, as nodes do that a driver has for all its cards.
	 */
	const struct node nodes[] = {full, loop, full};
	struct scan scan = {0};

	(void)state;
	need_loop();
	{
		auto_actor struct actor both = start(open_both), one = start(open_copy);

		scan = scan_for(nodes, 3);
		for (size_t node = 0; node < 3; node++) {
			const struct scan_hit *hit = find_hit(&scan, both.pid, node);

			assert_non_null(hit);
			assert_int_equal(hit->how, node == 1 ? HOLDS_MAP : HOLDS_DESCRIPTOR);
			assert_int_equal(find_hit(&scan, one.pid, node) != NULL, node != 1);
		}
		for (size_t i = 1; i < scan.hit_count; i++)
			assert_true(scan.hits[i - 1].pid < scan.hits[i].pid ||
				    (scan.hits[i - 1].pid == scan.hits[i].pid &&
				     scan.hits[i - 1].node < scan.hits[i].node));
		scan_done(&scan);
	}
	scan = scan_for(NULL, 0);
	assert_int_equal(scan.hit_count, 0);
}

/* More than one thread has work. */
static void many_processes(void **state)
{
	enum { COUNT = 200 };
	auto_free struct actor *actors = xcalloc(COUNT, sizeof(*actors));
	struct scan scan;

	(void)state;
	for (size_t i = 0; i < COUNT; i++)
		actors[i] = start(i % 2 ? open_twice : open_path_only);
	scan = scan_for(&full, 1);
	for (size_t i = 0; i < COUNT; i++)
		assert_int_equal(find_hit(&scan, actors[i].pid, 0) != NULL, i % 2);
	for (size_t i = 0; i < COUNT; i++)
		actor_end(&actors[i]);
	scan_done(&scan);
}

/* --- what can not be known --- */

static void drop_root(void)
{
	if (setgid(NOBODY) < 0 || setuid(NOBODY) < 0)
		_exit(10);
}

/* What somebody without rights gets to know of a process and of a kernel thread. */
static void look_without_rights(pid_t pid)
{
	auto_scan struct scan scan = {0};
	const struct scan_gap *gap;
	struct error err = ERROR_INIT;
	bool holds;

	drop_root();
	if (processes_scan(&host, &full, 1, &scan, &err) < 0)
		_exit(11);
	gap = find_gap(&scan, pid);
	if (!gap || gap->code != EACCES || find_hit(&scan, pid, 0))
		_exit(12);
	if (find_gap(&scan, 2)) /* kthreadd, but in a container */
		_exit(getppid() == 1 ? 13 : 14);
	if (process_holds(&host, pid, start_time_of(pid), &full, 1, &holds, &err) != -EACCES)
		_exit(15);
	scan_done(&scan);
	_exit(0);
}

static void unreadable_is_not_free(void **state)
{
	auto_actor struct actor actor = start(open_twice);
	pid_t pid = fork();
	int status;

	(void)state;
	if (pid == 0)
		look_without_rights(actor.pid);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* A user's FUSE file system answers nobody else, and this one nobody at all. */
static void hold_fuse(void)
{
	char options[128];
	int fuse = open("/dev/fuse", O_RDWR | O_CLOEXEC);

	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=%d,group_id=%d", fuse,
		 NOBODY, NOBODY);
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mkdirat(scratch_fd, "fuse", 0755) < 0 || chdir(scratch) < 0 ||
	    mount("fuse", "fuse", "fuse", MS_NODEV | MS_NOSUID, options) < 0 ||
	    open("fuse", O_PATH | O_CLOEXEC) < 0)
		_exit(16);
	open_twice();
}

static void files_of_fuse_are_no_gap(void **state)
{
	auto_close int fuse = open("/dev/fuse", O_RDWR | O_CLOEXEC);

	(void)state;
	if (fuse < 0)
		skip();
	expect_hold(hold_fuse, &full, HOLDS_DESCRIPTOR, 2);
}

/* --- identity --- */

static void another_process_does_not_hold(void **state)
{
	struct actor actor = start(open_twice);
	uint64_t start_time = start_time_of(actor.pid);
	struct error err = ERROR_INIT;
	bool holds = true;

	(void)state;
	assert_ok(process_holds(&host, actor.pid, start_time + 1, &full, 1, &holds, &err), &err);
	assert_false(holds);
	actor_end(&actor);
	holds = true;
	assert_ok(process_holds(&host, actor.pid, start_time, &full, 1, &holds, &err), &err);
	assert_false(holds);
}

/* --- a made-up /proc --- */

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
	/* Lets the child go. */
	fifo = openat(scratch_fd, "host/proc/812/maps", O_WRONLY | O_CLOEXEC);
	assert_true(fifo >= 0);
	close(fifo);
	while (waitpid(-1, NULL, 0) > 0)
		;
	host_close(&made);
}

static int set_up(void **state)
{
	struct error err = ERROR_INIT;

	(void)state;
	if (!mkdtemp(scratch) || host_open(&host, "/", NULL, NULL, &err) < 0)
		return -1;
	scratch_fd = open(scratch, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return scratch_fd < 0 ? -1 : 0;
}

static int tear_down(void **state)
{
	static const char *const left[] = {"host", "disk", "fuse"};

	(void)state;
	for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++)
		tree_remove(scratch_fd, left[i]);
	close(scratch_fd);
	host_close(&host);
	return rmdir(scratch);
}

/* Files that tests may leave behind do not get in each other's way. */
static int clear(void **state)
{
	(void)state;
	tree_remove(scratch_fd, "disk");
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(descriptors),
		cmocka_unit_test(type_counts),
		cmocka_unit_test(the_caller_is_left_out),
		cmocka_unit_test(threads),
		cmocka_unit_test_setup(maps, clear),
		cmocka_unit_test(several_of_each),
		cmocka_unit_test(many_processes),
		cmocka_unit_test(unreadable_is_not_free),
		cmocka_unit_test(files_of_fuse_are_no_gap),
		cmocka_unit_test(another_process_does_not_hold),
		cmocka_unit_test(made_up_descriptors),
		cmocka_unit_test(made_up_maps),
		cmocka_unit_test(maps_that_can_not_be_asked),
		cmocka_unit_test(a_stuck_process),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
