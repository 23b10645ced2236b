// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is told of a process that the kernel keeps, from files as the kernel writes them.
 */
#include "tests/host/check.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/stall.h"
#include "tests/host/tree.h"

#define GPU "0000:01:00.0"

struct made {
	struct host host;
	char root[64];
	int fd;
};

static int fresh(void **state)
{
	struct made *made = xcalloc(1, sizeof(*made));
	struct error err = ERROR_INIT;

	strcpy(made->root, "/tmp/hostdev-stall-XXXXXX");
	assert_non_null(mkdtemp(made->root));
	made->fd = open(made->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	tree_dir(made->fd, "proc/812");
	tree_dir(made->fd, "dev");
	assert_ok(host_open(&made->host, made->root, NULL, NULL, &err), &err);
	*state = made;
	return 0;
}

static int done(void **state)
{
	struct made *made = *state;

	host_close(&made->host);
	close(made->fd);
	tree_remove(AT_FDCWD, made->root);
	free(made);
	return 0;
}

static void assert_wchan(struct made *made, const char *file, const char *expected)
{
	char wchan[STALL_WCHAN_SIZE] = "old";

	tree_file(made->fd, "proc/812/wchan", "%s", file);
	stall_wchan(&made->host, 812, wchan);
	assert_string_equal(wchan, expected);
}

static void where_it_waits(void **state)
{
	struct made *made = *state;
	char wchan[STALL_WCHAN_SIZE] = "old";

	assert_wchan(made, "nv_pci_remove", "nv_pci_remove");
	assert_wchan(made, "vfio_unregister_group_dev.cold\n", "vfio_unregister_group_dev.cold");
	/* It runs; or who asks may not know. */
	assert_wchan(made, "0", "");
	assert_wchan(made, "", "");
	assert_wchan(made, "two words\x1b[31m", "");
	stall_wchan(&made->host, 813, wchan);
	assert_string_equal(wchan, "");
}

static void its_stack(void **state)
{
	struct made *made = *state;
	auto_text struct text text = TEXT_INIT;

	text_append(&text, "", 0);
	stall_stack(&made->host, 812, &text);
	assert_text(text.data, "");
	tree_file(made->fd, "proc/812/stack", "[<0>] nv_pci_remove+0x1/0x2\n[<0>] unbind_store\n");
	stall_stack(&made->host, 812, &text);
	assert_text(text.data, "[<0>] nv_pci_remove+0x1/0x2\n[<0>] unbind_store\n");
}

static void assert_lines(struct made *made, uint64_t since_ms, const char *expected)
{
	auto_text struct text text = TEXT_INIT;

	text_append(&text, "", 0);
	stall_kernel_lines(&made->host, 812, GPU, since_ms, &text);
	assert_text(text.data, expected);
}

static void lines_about_the_device_and_the_process(void **state)
{
	struct made *made = *state;

	assert_lines(made, 0, "");
	tree_file(made->fd, "dev/kmsg",
		  "6,1,1000000,-;nvidia " GPU ": long ago\n"
		  "6,2,100000000,-;usb 1-1: new device\n"
		  "4,3,101000000,-;NVRM: Attempting to remove device " GPU " with usage count!\n"
		  "no record at all\n"
		  "3,4,102000000,c;task engine:812 blocked for more than 120 seconds.\n"
		  "3,5,103000000,-;task engine:8125 blocked for more than 120 seconds.\n"
		  "4,6,104000000,-;DMAR: something\n SUBSYSTEM=pci\n DEVICE=+pci:" GPU "\n"
		  "4,7,105000000,-;nvidia 0000:01:00.1: another");
	assert_lines(made, 100000,
		     "NVRM: Attempting to remove device " GPU " with usage count!\n"
		     "task engine:812 blocked for more than 120 seconds.\n"
		     "DMAR: something\n");
	assert_lines(made, 900000, "");
}

static void no_more_than_the_last_ten(void **state)
{
	struct made *made = *state;
	auto_text struct text log = TEXT_INIT, expected = TEXT_INIT;

	for (int i = 0; i < 25; i++) {
		text_printf(&log, "6,%d,%d,-;" GPU " line %d\n", i, 100000000 + i, i);
		if (i >= 15)
			text_printf(&expected, GPU " line %d\n", i);
	}
	tree_file(made->fd, "dev/kmsg", "%s", log.data);
	assert_lines(made, 100000, expected.data);
}

/* The kernel's own log gives a record for each read, and has an end that is not the file's. */
static void the_kernels_own_log_has_an_end(void **state)
{
	struct made *made = *state;
	auto_text struct text text = TEXT_INIT;
	struct error err = ERROR_INIT;
	struct host real;

	(void)made;
	assert_ok(host_open(&real, "/", NULL, NULL, &err), &err);
	text_append(&text, "", 0);
	stall_kernel_lines(&real, getpid(), "no such device", 0, &text);
	stall_stack(&real, getpid(), &text);
	host_close(&real);
}

#define test(name) cmocka_unit_test_setup_teardown(name, fresh, done)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(where_it_waits),
		test(its_stack),
		test(lines_about_the_device_and_the_process),
		test(no_more_than_the_last_ten),
		test(the_kernels_own_log_has_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
