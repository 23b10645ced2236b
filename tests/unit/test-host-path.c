// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Files by their absolute path below a host's root: links stay there, and nothing waits.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/host-path.h"
#include "base/text.h"
#include "tests/host/tree.h"

struct machine {
	char root[64];
	int root_fd;
	struct host host;
};

static int machine_setup(void **state)
{
	struct machine *machine = xcalloc(1, sizeof(*machine));

	strcpy(machine->root, "/tmp/test-path-XXXXXX");
	if (!mkdtemp(machine->root))
		return -1;
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(links_stay_below_the_root, machine_setup,
						machine_teardown),
		cmocka_unit_test_setup_teardown(what_is_no_file_has_no_text, machine_setup,
						machine_teardown),
		cmocka_unit_test_setup_teardown(a_part_can_be_read, machine_setup,
						machine_teardown),
		cmocka_unit_test_setup_teardown(a_folder_is_listed, machine_setup,
						machine_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
