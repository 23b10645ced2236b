// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who holds a node: real processes, each holding it in a way of its own, in the kernel's own /proc.
 */
#include "tests/unit/actor.h"

#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>

#include "scan/process.h"
#include "tests/host/tree.h"

#define NOBODY 65534

static char scratch[] = "/tmp/test-processes-XXXXXX";
static int scratch_fd;

/* --- descriptors --- */

static void open_twice(void)
{
	keep(open_node(&full, O_RDONLY));
	keep(open_node(&full, O_WRONLY));
	say_ready();
	wait_for_end();
}

static void open_path_only(void)
{
	keep(open_node(&full, O_PATH));
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
	if (mknodat(scratch_fd, "copy", S_IFCHR | 0600, makedev(1, 7)) < 0)
		_exit(6);
	keep(openat(scratch_fd, "copy", O_RDONLY | O_CLOEXEC));
	if (unlinkat(scratch_fd, "copy", 0) < 0)
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

/* --- the kernel's threads --- */

static bool kernel_has_threads(void)
{
	char comm[64];

	return host_read(&host, HOST_PROC, comm, sizeof(comm), NULL, "2/comm") == 0 &&
	       strcmp(comm, "kthreadd") == 0;
}

/* All that are named are some; in a namespace of processes, where 2 is somebody else, none are. */
static void the_kernels_threads_are_known(void **state)
{
	auto_free pid_t *pids = NULL;
	size_t count = process_kernel_threads(&host, &pids);

	(void)state;
	assert_int_equal(count > 0, kernel_has_threads());
	for (size_t i = 0; i < count; i++) {
		auto_close int process = process_open(&host, pids[i]);
		struct process_stat stat;

		assert_true(i == 0 || pids[i - 1] < pids[i]);
		if (process >= 0 && process_stat(process, &stat) == 0)
			assert_true(stat.flags & 0x00200000); /* PF_KTHREAD */
	}
}

/* --- threads --- */

static void *hold_in_thread(void *unshared)
{
	if (unshared && unshare(CLONE_FILES) < 0)
		_exit(7);
	keep(open_node(&full, O_RDONLY));
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
	const void *mapped;

	keep(fd);
	mapped = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	if (mapped == MAP_FAILED)
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

/* Mounts of its own, which nobody else sees. */
static int leave_mounts(void)
{
	if (unshare(CLONE_NEWNS) < 0)
		return -errno;
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ? -errno : 0;
}

/* In a chroot into a plain folder, what a test mounts would be seen outside. */
static void need_own_mounts(void)
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0)
		_exit(leave_mounts() == -EINVAL ? 1 : 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_needs(WIFEXITED(status) && WEXITSTATUS(status) == 0,
		     "a / that is a mount point, for mounts that only the test sees: bind the "
		     "folder of the chroot onto itself");
}

/* Down a path of more than fits in any buffer, which only a walk can make. */
static void go_deep(void)
{
	char name[251];

	memset(name, 'd', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	if (mount("deep", scratch, "tmpfs", 0, NULL) < 0 || chdir(scratch) < 0)
		_exit(17);
	for (int i = 0; i < 300; i++)
		if (mkdir(name, 0700) < 0 || chdir(name) < 0)
			_exit(18);
}

/* The line of the file comes before that of the disk. */
static void map_behind_a_long_path(void)
{
	char *room = mmap(NULL, 8192, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), *first,
	     *second;
	int file, disk = open_node(&loop, O_RDONLY);

	if (leave_mounts() < 0)
		_exit(16);
	go_deep();
	file = open("file", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	keep(file);
	if (ftruncate(file, 4096) < 0)
		_exit(9);
	first = mmap(room, 4096, PROT_READ, MAP_SHARED | MAP_FIXED, file, 0);
	second = mmap(room + 4096, 4096, PROT_READ, MAP_SHARED | MAP_FIXED, disk, 0);
	if (first != room || second != room + 4096)
		_exit(9);
	close(disk);
	say_ready();
	wait_for_end();
}

/* What the reader cannot take in hides nothing behind it. */
static void maps_behind_a_long_path(void **state)
{
	(void)state;
	need_loop();
	need_own_mounts();
	expect_hold(map_behind_a_long_path, &loop, HOLDS_MAP, 0);
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
	if (leave_mounts() < 0 || mkdirat(scratch_fd, "fuse", 0755) < 0 || chdir(scratch) < 0 ||
	    mount("fuse", "fuse", "fuse", MS_NODEV | MS_NOSUID, options) < 0)
		_exit(16);
	keep(open("fuse", O_PATH | O_CLOEXEC));
	open_twice();
}

static void files_of_fuse_are_no_gap(void **state)
{
	auto_close int fuse = open("/dev/fuse", O_RDWR | O_CLOEXEC);

	(void)state;
	assert_needs(fuse >= 0, "root, and a /dev/fuse");
	need_own_mounts();
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
	static const char *const left[] = {"disk", "fuse"};

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
		cmocka_unit_test(the_kernels_threads_are_known),
		cmocka_unit_test(threads),
		cmocka_unit_test_setup(maps, clear),
		cmocka_unit_test(maps_behind_a_long_path),
		cmocka_unit_test(several_of_each),
		cmocka_unit_test(many_processes),
		cmocka_unit_test(unreadable_is_not_free),
		cmocka_unit_test(files_of_fuse_are_no_gap),
		cmocka_unit_test(another_process_does_not_hold),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
