// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Files by their absolute path below a host's root: links stay there, and nothing waits.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/host-file.h"
#include "base/host-path.h"
#include "base/text.h"
#include "tests/host/tree.h"

struct machine {
	char root[64], outside[64];
	int root_fd, outside_fd;
	struct host host;
};

static int machine_setup(void **state)
{
	struct machine *machine = xcalloc(1, sizeof(*machine));

	strcpy(machine->root, "/tmp/test-path-XXXXXX");
	if (!mkdtemp(machine->root))
		return -1;
	strcpy(machine->outside, "/tmp/test-outside-XXXXXX");
	if (!mkdtemp(machine->outside))
		return -1;
	machine->outside_fd = open(machine->outside, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	tree_file(machine->outside_fd, "lib/secret", "not mine\n");
	machine->root_fd = open(machine->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	tree_file(machine->root_fd, "etc/passwd", "mine\n");
	tree_file(machine->root_fd, "usr/lib/b", "0123456789");
	tree_file(machine->root_fd, "usr/lib/.hidden", "%s", "");
	tree_file(machine->root_fd, "usr/lib/a", "%s", "");
	tree_raw_link(machine->root_fd, "lib", "/usr/lib");
	tree_raw_link(machine->root_fd, "etc/absolute", "/etc/passwd");
	tree_raw_link(machine->root_fd, "etc/up", "../../../../../../etc/passwd");
	tree_raw_link(machine->root_fd, "etc/loop", "loop");
	tree_raw_link(machine->root_fd, "etc/null", "/dev/null");
	tree_file(machine->root_fd, "usr/boot/kernel", "mine\n");
	tree_raw_link(machine->root_fd, "boot", "/usr/boot");
	tree_raw_link(machine->root_fd, "etc/kernels", "/boot");
	tree_raw_link(machine->root_fd, "usr/boot/link", "kernel");
	tree_raw_link(machine->root_fd, "var", machine->outside);
	tree_file(machine->root_fd, "dev/sda", "%s", "");
	tree_raw_link(machine->root_fd, "dev/disk/by-id/ata-1", "../../sda");
	*state = machine;
	return host_open(&machine->host, machine->root, NULL, NULL, NULL);
}

static int machine_teardown(void **state)
{
	struct machine *machine = *state;

	host_close(&machine->host);
	tree_remove(machine->root_fd, "etc");
	tree_remove(machine->root_fd, "usr");
	tree_remove(machine->root_fd, "lib");
	tree_remove(machine->root_fd, "dev");
	tree_remove(machine->root_fd, "boot");
	tree_remove(machine->root_fd, "var");
	tree_remove(machine->outside_fd, "lib");
	close(machine->outside_fd);
	rmdir(machine->outside);
	close(machine->root_fd);
	rmdir(machine->root);
	free(machine);
	return 0;
}

/* The tests' own machine has a file of that name, too. */
static void links_stay_below_the_root(void **state)
{
	static const char *const paths[] = {"/etc/passwd", "/etc/absolute", "/etc/up",
					    "etc/up",      "//etc/passwd",  "/../etc/passwd"};
	struct machine *machine = *state;

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		auto_free char *text = NULL;
		struct error err = ERROR_INIT;

		assert_ok(host_path_read(&machine->host, paths[i], 100, &text, NULL, &err), &err);
		assert_string_equal(text, "mine\n");
	}
}

static void what_is_no_file_has_no_text(void **state)
{
	struct machine *machine = *state;
	struct error err = ERROR_INIT;
	char *text = NULL;

	assert_int_equal(host_path_read(&machine->host, "/etc", 100, &text, NULL, &err), -EINVAL);
	assert_int_equal(host_path_read(&machine->host, "/etc/loop", 100, &text, NULL, &err),
			 -ELOOP);
	assert_int_equal(host_path_read(&machine->host, "/etc/null", 100, &text, NULL, &err),
			 -ENOENT);
	assert_int_equal(host_path_read(&machine->host, "/usr/lib/b", 9, &text, NULL, &err),
			 -EFBIG);
	assert_contains(err.text, "/usr/lib/b");
	assert_int_equal(mkfifoat(machine->root_fd, "etc/pipe", 0600), 0);
	assert_int_equal(host_path_read(&machine->host, "/etc/pipe", 9, &text, NULL, &err),
			 -EINVAL);
	assert_null(text);
}

static void a_part_can_be_read(void **state)
{
	struct machine *machine = *state;
	struct error err = ERROR_INIT;
	char buffer[4];
	size_t length = 9;

	assert_ok(host_path_read_part(&machine->host, "/lib/b", 3, buffer, 4, &length, &err), &err);
	assert_int_equal(length, 4);
	assert_memory_equal(buffer, "3456", 4);
	assert_ok(host_path_read_part(&machine->host, "/lib/b", 8, buffer, 4, &length, &err), &err);
	assert_int_equal(length, 2);
	assert_ok(host_path_read_part(&machine->host, "/lib/b", 999, buffer, 4, &length, &err),
		  &err);
	assert_int_equal(length, 0);
	assert_int_equal(
		host_path_read_part(&machine->host, "/lib/b", UINT64_MAX, buffer, 4, &length, &err),
		-EOVERFLOW);
}

static void a_folder_is_listed(void **state)
{
	struct machine *machine = *state;
	cleanup(host_free_names) char **names = NULL;
	struct error err = ERROR_INIT;
	struct stat status;

	assert_ok(host_path_list(&machine->host, "/lib/", &names, &err), &err);
	assert_string_equal(names[0], "a");
	assert_string_equal(names[1], "b");
	assert_null(names[2]);
	assert_int_equal(host_path_list(&machine->host, "/nowhere", &names, &err), -ENOENT);
	assert_ok(host_path_stat(&machine->host, "/lib", &status, &err), &err);
	assert_true(S_ISDIR(status.st_mode));
	assert_ok(host_path_stat(&machine->host, "/", &status, &err), &err);
}

/* Whichever directory of the host a path begins in, and by whichever call. */
static void directories_lead_nowhere_else(void **state)
{
	const struct machine *machine = *state;
	const struct host *host = &machine->host;
	cleanup(host_free_names) char **names = NULL;
	auto_free char *link = NULL, *outside = xasprintf("%s/lib/secret", machine->outside + 1);
	char text[32] = "", name[32] = "";
	struct error err = ERROR_INIT;
	struct stat status;

	assert_false(host_exists(host, HOST_VAR, "secret"));
	assert_int_equal(host_read(host, HOST_VAR, text, sizeof(text), &err, "secret"), -ENOENT);
	assert_false(host_exists(host, HOST_ROOT, "var/lib/secret"));
	assert_false(host_exists(host, HOST_ROOT, "%s", outside));
	assert_int_equal(host_list(host, HOST_ROOT, &names, NULL, &err, "var/lib"), -ENOENT);
	assert_int_equal(host_file_stat(host, HOST_ROOT, &status, &err, "var/lib/secret"), -ENOENT);

	assert_ok(host_read(host, HOST_BOOT, text, sizeof(text), &err, "kernel"), &err);
	assert_string_equal(text, "mine");
	assert_true(host_exists(host, HOST_ROOT, "boot/kernel"));
	assert_true(host_exists(host, HOST_ETC, "kernels/kernel"));
	assert_ok(host_read_link_name(host, HOST_ETC, name, sizeof(name), &err, "kernels/link"),
		  &err);
	assert_string_equal(name, "kernel");
	assert_ok(host_file_link(host, HOST_ETC, &link, &err, "kernels/link"), &err);
	assert_string_equal(link, "kernel");
	assert_ok(host_list(host, HOST_ETC, &names, NULL, &err, "kernels"), &err);
	assert_string_equal(names[0], "kernel");
}

/* As a filter of system calls does that was written before there was openat2(2). */
static bool forbid_openat2(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = {.len = 4, .filter = code};

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

#define CANNOT 77

/* What went wrong, as a number; 0: nothing. */
static int look_without_openat2(const struct machine *machine)
{
	struct host own = {0}, other = {0};
	struct stat status;

	if (!forbid_openat2())
		return CANNOT;
	if (host_path_stat(&machine->host, "/etc/passwd", &status, NULL) != -EPERM)
		return 1;
	if (host_exists(&machine->host, HOST_ROOT, "etc/passwd"))
		return 2;
	if (host_open(&other, machine->root, NULL, NULL, NULL) != -EPERM)
		return 3;
	if (host_open(&own, "/", NULL, NULL, NULL) < 0)
		return 4;
	if (host_path_stat(&own, "/etc/passwd", &status, NULL) < 0 ||
	    !host_exists(&own, HOST_ROOT, "etc/passwd"))
		return 5;
	host_close(&own);
	return 0;
}

/* Only "/" may be looked at without: no link leads out of that. */
static void without_openat2_no_other_root_is_opened(void **state)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		_exit(look_without_openat2(*state));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_needs(WEXITSTATUS(status) != CANNOT, "a kernel with seccomp filters");
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* What others do to their files all the time on a host that works. */
static void rename_until_killed(int directory)
{
	tree_file(directory, "one", "%s", "");
	for (;;) {
		renameat(directory, "one", directory, "other");
		renameat(directory, "other", directory, "one");
	}
}

#define LOOKS 20000

/* The kernel gives up a ".." on the way of a confined path when it sees a rename, anywhere. */
static void a_busy_host_hides_no_file(void **state)
{
	const struct machine *machine = *state;
	size_t paths = 0, nodes = 0;
	struct stat status;
	pid_t pid = fork();

	if (pid == 0)
		rename_until_killed(machine->outside_fd);
	assert_true(pid > 0);
	for (size_t i = 0; i < LOOKS; i++) {
		paths += host_path_stat(&machine->host, "/etc/up", &status, NULL) == 0;
		nodes += host_file_node(&machine->host, "disk/by-id/ata-1", &status, NULL) == 0;
	}
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	unlinkat(machine->outside_fd, "one", 0);
	unlinkat(machine->outside_fd, "other", 0);
	assert_int_equal(paths, LOOKS);
	assert_int_equal(nodes, LOOKS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(links_stay_below_the_root, machine_setup,
						machine_teardown),
		cmocka_unit_test_setup_teardown(what_is_no_file_has_no_text, machine_setup,
						machine_teardown),
		cmocka_unit_test_setup_teardown(a_part_can_be_read, machine_setup,
						machine_teardown),
		cmocka_unit_test_setup_teardown(directories_lead_nowhere_else, machine_setup,
						machine_teardown),
		cmocka_unit_test_setup_teardown(without_openat2_no_other_root_is_opened,
						machine_setup, machine_teardown),
		cmocka_unit_test_setup_teardown(a_folder_is_listed, machine_setup,
						machine_teardown),
		cmocka_unit_test_setup_teardown(a_busy_host_hides_no_file, machine_setup,
						machine_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
