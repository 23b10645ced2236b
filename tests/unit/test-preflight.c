// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Is there room for what is to be built, on file systems that are as full as the test wants? And is
 * a package manager at work?
 */
#include "tests/host/check.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "hostdevctl/generate/generate.h"
#include "tests/host/testhost.h"
#include "tests/host/tree.h"

#define MIB (1024ull * 1024)

/* Of the file systems of /boot and of /efi. */
static struct {
	unsigned long long boot_free, efi_free;
	bool efi_read_only;
} room;

int __wrap_fstatvfs(int fd, struct statvfs *ret);

int __wrap_fstatvfs(int fd, struct statvfs *ret)
{
	char name[64], found[4096] = "";
	bool is_efi;

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	assert_true(readlink(name, found, sizeof(found) - 1) > 4);
	is_efi = strcmp(found + strlen(found) - 4, "/efi") == 0;
	*ret = (struct statvfs){.f_frsize = 4096};
	ret->f_bavail = (is_efi ? room.efi_free : room.boot_free) / 4096;
	ret->f_flag = is_efi && room.efi_read_only ? ST_RDONLY : 0;
	return 0;
}

static void make_large(int root, const char *path, off_t size)
{
	auto_close int fd = -1;

	tree_file(root, path, "x");
	fd = openat(root, path, O_WRONLY | O_CLOEXEC);
	assert_int_equal(ftruncate(fd, size), 0);
}

static struct boot_kernel kernels[] = {
	{.release = (char *)"6.12",
	 .image = (char *)"/boot/vmlinuz-6.12",
	 .initrd = (char *)"/boot/initrd.img-6.12"},
	{.release = (char *)"6.11", .image = (char *)"/boot/vmlinuz-6.11"},
};

/* An image of 40 MiB and a kernel of 12: 45 MiB in /boot, 57 where the entries are. */
static int fresh(void **state)
{
	struct testhost *machine = testhost_new("");

	make_large(machine->root_fd, "boot/vmlinuz-6.12", 12 * MIB);
	make_large(machine->root_fd, "boot/initrd.img-6.12", 40 * MIB);
	make_large(machine->root_fd, "boot/vmlinuz-6.11", 10 * MIB);
	tree_dir(machine->root_fd, "efi");
	memset(&room, 0, sizeof(room));
	*state = machine;
	host_close(&machine->host);
	return host_open(&machine->host, machine->root, &host_ops_files, NULL, NULL);
}

static int stale(void **state)
{
	struct testhost *machine = *state;

	testhost_free(&machine);
	return 0;
}

static void add_build(struct generate_plan *plan, const char *target)
{
	const struct step step = {.kind = STEP_BUILD,
				  .target = xstrdup(target),
				  .before = xstrdup("stale"),
				  .after = xstrdup("built"),
				  .why = xstrdup("")};

	setup_add_step(&plan->setup, &step);
}

static int look(const struct testhost *machine, bool image, bool entries, struct error *err)
{
	struct generate_host host = {.host = machine->host,
				     .boot = {.kernels = kernels, .kernel_count = 2}};
	cleanup(generate_plan_done) struct generate_plan plan = {0};

	if (image)
		add_build(&plan, "image:/usr/sbin/update-initramfs,-u");
	if (entries)
		add_build(&plan, "entries:/usr/bin/kernel-install,/efi,debian");
	return generate_preflight(&host, &plan, err);
}

static void an_image_needs_room_in_boot(void **state)
{
	struct error err = ERROR_INIT;

	room.boot_free = 45 * MIB;
	assert_ok(look(*state, true, false, &err), &err);
	room.boot_free--;
	assert_int_equal(look(*state, true, false, &err), -ENOSPC);
	assert_contains(err.text, "/boot has 44 MiB left, and a new image needs 45 beside");
	assert_ok(look(*state, false, false, &err), &err);
}

static void a_kernel_with_its_image_needs_room_beside_the_entries(void **state)
{
	struct error err = ERROR_INIT;

	room.boot_free = 100 * MIB;
	room.efi_free = 57 * MIB;
	assert_ok(look(*state, true, true, &err), &err);
	room.efi_free--;
	assert_int_equal(look(*state, true, true, &err), -ENOSPC);
	assert_contains(err.text,
			"/efi has 56 MiB left, and a kernel with a new image needs 57 beside");
	assert_ok(look(*state, true, false, &err), &err);
}

static void entries_must_be_writable(void **state)
{
	struct error err = ERROR_INIT;
	struct testhost *machine = *state;

	room.boot_free = room.efi_free = 100 * MIB;
	room.efi_read_only = true;
	assert_int_equal(look(machine, false, true, &err), -EROFS);
	assert_contains(err.text, "/efi is mounted read-only; nothing was written");
	tree_remove(machine->root_fd, "efi");
	assert_int_equal(look(machine, false, true, &err), -ENOENT);
	assert_contains(err.text, "look at /efi");
}

/* Takes a lock on the file, as package managers do. */
static void lock_file(const struct testhost *machine, const char *path)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int fd = openat(machine->root_fd, path, O_RDWR | O_CLOEXEC);

	if (fd < 0 || fcntl(fd, F_SETLK, &lock) < 0)
		_exit(1);
}

/* A process that has the lock until it is ended. */
static pid_t lock_elsewhere(const struct testhost *machine, const char *path)
{
	int ready[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		lock_file(machine, path);
		if (write(ready[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return pid;
}

static void a_package_manager_at_work_is_waited_for(void **state)
{
	static const char *const locks[][2] = {{"var/lib/dpkg/lock-frontend", "dpkg"},
					       {"var/lib/dpkg/lock", "dpkg"},
					       {"var/lib/rpm/.rpm.lock", "rpm"},
					       {"usr/lib/sysimage/rpm/.rpm.lock", "rpm"}};
	const struct testhost *machine = *state;

	for (size_t i = 0; i < sizeof(locks) / sizeof(*locks); i++) {
		struct error err = ERROR_INIT;
		pid_t pid;

		tree_file(machine->root_fd, locks[i][0], "%s", "");
		for (int how = 0; how < 4; how++)
			assert_ok(generate_check_managers(&machine->host, how & 1, how & 2, &err),
				  &err);
		pid = lock_elsewhere(machine, locks[i][0]);
		for (int how = 0; how < 4; how++) {
			assert_int_equal(
				generate_check_managers(&machine->host, how & 1, how & 2, &err),
				-EBUSY);
			assert_contains(err.text, locks[i][1]);
			assert_contains(err.text, " is at work, and may build images and menus");
		}
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
	}
}

/* A file is no process: of a host that does not run, it was left behind. */
static void a_file_that_says_so_counts_on_a_host_that_runs(void **state)
{
	const struct testhost *machine = *state;
	struct error err = ERROR_INIT;

	tree_file(machine->root_fd, "var/lib/pacman/db.lck", "%s", "");
	assert_int_equal(generate_check_managers(&machine->host, false, false, &err), -EBUSY);
	assert_contains(err.text, "pacman is at work");
	assert_int_equal(generate_check_managers(&machine->host, true, false, &err), -EBUSY);
	assert_ok(generate_check_managers(&machine->host, true, true, &err), &err);
}

/* As the script of a package that is being removed has it: the manager waits for its end. */
static void who_has_called_for_an_undo_is_not_waited_for(void **state)
{
	const struct testhost *machine = *state;
	int status = 0;
	pid_t pid;

	tree_file(machine->root_fd, "var/lib/dpkg/lock", "%s", "");
	lock_file(machine, "var/lib/dpkg/lock");
	tree_dir(machine->root_fd, "proc");
	pid = fork();
	if (pid == 0) {
		struct host host = machine->host;

		host.fd[HOST_PROC] = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (generate_check_managers(&host, true, false, NULL) != 0)
			_exit(2);
		_exit(generate_check_managers(&host, false, false, NULL) == -EBUSY ? 0 : 3);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh, stale)
		TEST(an_image_needs_room_in_boot),
		TEST(a_kernel_with_its_image_needs_room_beside_the_entries),
		TEST(entries_must_be_writable),
		TEST(a_package_manager_at_work_is_waited_for),
		TEST(a_file_that_says_so_counts_on_a_host_that_runs),
		TEST(who_has_called_for_an_undo_is_not_waited_for),
#undef TEST
	};

	return cmocka_run_group_tests_name("preflight", tests, NULL, NULL);
}
