// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reading a machine below a root directory: what is there, what is not, and what is too long.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <string.h>

#include "tests/host/testhost.h"
#include "tests/host/tree.h"

static const char host_text[] = "device 0000:01:00.0 8086:10d3 group=1 driver=e1000e\n"
				"driver vfio-pci module=vfio-pci\n"
				"driver mlx5_vfio_pci module=mlx5_vfio_pci\n"
				"file etc/one\n"
				"\tone\n"
				"file etc/two\n"
				"\tone\n"
				"\ttwo\n"
				"file etc/empty\n"
				"link etc/link ../run/there\n"
				"file etc/dir/b\n"
				"file etc/dir/a\n"
				"file etc/dir/.hidden\n";

static int fresh(void **state)
{
	*state = testhost_new(host_text);
	return 0;
}

static int stale(void **state)
{
	struct testhost *host = *state;

	testhost_free(&host);
	return 0;
}

static void a_missing_root_is_an_error(void **state)
{
	struct error err = ERROR_INIT;
	struct host host;

	(void)state;
	assert_int_equal(host_open(&host, "/absent/root", NULL, NULL, &err), -ENOENT);
	assert_contains(err.text, "/absent/root");
}

static void missing_directories_are_found_at_use(void **state)
{
	struct testhost *made = *state;
	struct error err = ERROR_INIT;
	char text[8] = "same";
	struct host host;

	tree_remove(made->root_fd, "run");
	tree_remove(made->root_fd, "lib");
	assert_ok(host_open(&host, made->root, NULL, NULL, &err), &err);
	assert_false(host_exists(&host, HOST_RUN, "x"));
	assert_int_equal(host_read(&host, HOST_RUN, text, sizeof(text), &err, "x"), -ENOENT);
	assert_contains(err.text, "/run");
	assert_string_equal(text, "same");
	assert_int_equal(host_list(&host, HOST_MODULES, NULL, NULL, &err, "x"), -ENOENT);
	assert_contains(err.text, "/lib/modules");
	host_close(&host);
	host_close(&host);
}

static void without_operations_nothing_is_written(void **state)
{
	struct testhost *made = *state;
	struct error err = ERROR_INIT;
	struct host host;

	assert_ok(host_open(&host, made->root, NULL, NULL, &err), &err);
	assert_int_equal(host_write_attr(&host, "1", &err, "bus/pci/rescan"), -EROFS);
	assert_contains(err.text, "bus/pci/rescan");
	assert_int_equal(host_module_load(&host, "vfio-pci", 0, &err), -EROFS);
	host_close(&host);
}

static void reads_a_line(void **state)
{
	struct testhost *made = *state;
	struct error err = ERROR_INIT;
	char text[16] = "same";

	assert_ok(host_read(&made->host, HOST_ETC, text, sizeof(text), &err, "%s", "one"), &err);
	assert_string_equal(text, "one");
	assert_ok(host_read(&made->host, HOST_ETC, text, sizeof(text), &err, "two"), &err);
	assert_string_equal(text, "one\ntwo");
	assert_ok(host_read(&made->host, HOST_ETC, text, sizeof(text), &err, "empty"), &err);
	assert_string_equal(text, "");
}

static void reading_fails_with_the_path(void **state)
{
	struct testhost *made = *state;
	struct error err = ERROR_INIT;
	char text[4] = "abc";

	assert_int_equal(host_read(&made->host, HOST_ETC, text, sizeof(text), &err, "absent"),
			 -ENOENT);
	assert_contains(err.text, "/etc/absent");
	assert_int_equal(host_read(&made->host, HOST_ETC, text, sizeof(text), &err, "dir"),
			 -EISDIR);
	/* "one" and its newline are four bytes, and a NUL must fit too. */
	assert_int_equal(host_read(&made->host, HOST_ETC, text, sizeof(text), &err, "one"),
			 -ENAMETOOLONG);
	/* Outputs of a failed function are untouched. */
	assert_memory_equal(text, "abc", 4);
}

static void long_paths_are_refused(void **state)
{
	struct testhost *made = *state;
	struct error err = ERROR_INIT;
	char text[8];

	assert_int_equal(host_read(&made->host, HOST_ETC, text, sizeof(text), &err, "%0600d", 1),
			 -ENAMETOOLONG);
	assert_false(host_exists(&made->host, HOST_ETC, "%0600d", 1));
	assert_int_equal(host_write_attr(&made->host, "1", &err, "%0600d", 1), -ENAMETOOLONG);
	assert_int_equal(testhost_operations(made), 0);
}

static void links_give_their_last_name(void **state)
{
	struct testhost *made = *state;
	struct error err = ERROR_INIT;
	char name[16] = "same";

	assert_true(host_exists(&made->host, HOST_ETC, "link"));
	assert_ok(host_read_link_name(&made->host, HOST_ETC, name, sizeof(name), &err, "link"),
		  &err);
	assert_string_equal(name, "there");
	assert_int_equal(host_read_link_name(&made->host, HOST_ETC, name, 5, &err, "link"),
			 -ENAMETOOLONG);
	assert_int_equal(
		host_read_link_name(&made->host, HOST_ETC, name, sizeof(name), &err, "one"),
		-EINVAL);
	assert_int_equal(
		host_read_link_name(&made->host, HOST_ETC, name, sizeof(name), &err, "absent"),
		-ENOENT);
	assert_string_equal(name, "there");
}

static void files_have_a_limit(void **state)
{
	struct testhost *made = *state;
	auto_free char *data = NULL;
	struct error err = ERROR_INIT;
	size_t length = 0;

	assert_ok(host_read_file(&made->host, HOST_ETC, 8, &data, &length, &err, "two"), &err);
	assert_int_equal(length, 8);
	assert_string_equal(data, "one\ntwo\n");
	cleanup_free(&data);
	data = NULL;
	assert_int_equal(host_read_file(&made->host, HOST_ETC, 7, &data, &length, &err, "two"),
			 -EFBIG);
	assert_contains(err.text, "/etc/two");
	assert_null(data);
	/* A link in place of a journal is not followed. */
	assert_int_equal(host_read_file(&made->host, HOST_ETC, 7, &data, NULL, &err, "link"),
			 -ELOOP);
	assert_ok(host_read_file(&made->host, HOST_ETC, 0, &data, NULL, &err, "empty"), &err);
	assert_string_equal(data, "");
}

static void lists_are_sorted(void **state)
{
	struct testhost *made = *state;
	cleanup(host_free_names) char **names = NULL;
	struct error err = ERROR_INIT;
	size_t count = 0;

	assert_ok(host_list(&made->host, HOST_ETC, &names, &count, &err, "dir"), &err);
	assert_int_equal(count, 2);
	assert_string_equal(names[0], "a");
	assert_string_equal(names[1], "b");
	assert_null(names[2]);
	host_free_names(&names);
	assert_null(names);
	assert_ok(host_list_hidden(&made->host, HOST_ETC, &names, &count, &err, "dir"), &err);
	assert_int_equal(count, 3);
	assert_string_equal(names[0], ".hidden");
	assert_string_equal(names[1], "a");
	host_free_names(&names);
	assert_int_equal(host_list(&made->host, HOST_ETC, &names, &count, &err, "absent"), -ENOENT);
	assert_int_equal(host_list(&made->host, HOST_ETC, &names, &count, &err, "one"), -ENOTDIR);
}

static void drivers_are_found_by_either_spelling(void **state)
{
	struct testhost *made = *state;
	struct error err = ERROR_INIT;
	char name[HOST_NAME_SIZE] = "same";

	assert_ok(host_pci_driver(&made->host, "vfio-pci", name, sizeof(name), &err), &err);
	assert_string_equal(name, "vfio-pci");
	assert_ok(host_pci_driver(&made->host, "vfio_pci", name, sizeof(name), &err), &err);
	assert_string_equal(name, "vfio-pci");
	assert_ok(host_pci_driver(&made->host, "mlx5-vfio-pci", name, sizeof(name), &err), &err);
	assert_string_equal(name, "mlx5_vfio_pci");
	assert_int_equal(host_pci_driver(&made->host, "vfio", name, sizeof(name), &err), -ENOENT);
	assert_int_equal(host_pci_driver(&made->host, "vfio-pci", name, 8, &err), -ENAMETOOLONG);
	assert_string_equal(name, "mlx5_vfio_pci");
}

static void boot_ids_are_checked(void **state)
{
	struct testhost *made = *state;
	struct error err = ERROR_INIT;
	char id[HOST_BOOT_ID_SIZE];

	assert_ok(host_boot_id(&made->host, id, &err), &err);
	assert_string_equal(id, "0d9e2c1e-5b7a-4f0e-9d55-6a1f3c2b4e10");
	tree_file(made->root_fd, "proc/sys/kernel/random/boot_id", "short\n");
	assert_int_equal(host_boot_id(&made->host, id, &err), -EBADMSG);
	tree_file(made->root_fd, "proc/sys/kernel/random/boot_id", "%060d\n", 1);
	assert_true(host_boot_id(&made->host, id, &err) < 0);
}

#define test(name) cmocka_unit_test_setup_teardown(name, fresh, stale)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_missing_root_is_an_error),
		test(missing_directories_are_found_at_use),
		test(without_operations_nothing_is_written),
		test(reads_a_line),
		test(reading_fails_with_the_path),
		test(long_paths_are_refused),
		test(links_give_their_last_name),
		test(files_have_a_limit),
		test(lists_are_sorted),
		test(drivers_are_found_by_either_spelling),
		test(boot_ids_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
