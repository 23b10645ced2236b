// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How made-up hosts boot: each folder of tests/boot is one.
 *
 *   host           the machine (tests/host/machine.h)
 *   facts.txt      what is known of it (tests/host/boot-text.c)
 *
 * UPDATE_CASES=1 in the environment writes the second anew: read what changed before you believe
 * it.
 */
#include "tests/host/check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "parsers/boot/boot.h"
#include "tests/host/boot-text.h"
#include "tests/host/testhost.h"
#include "tests/host/tree.h"

#define CASES TESTS_DIR "/boot"

static char *read_whole(int dir, const char *name)
{
	auto_free char *text = tree_read(dir, name);

	return text ? xasprintf("%s%s", text, *text ? "\n" : "") : NULL;
}

static void check_case(int cases, const char *name)
{
	auto_close int dir = openat(cases, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_free char *host = read_whole(dir, "host"), *expected = read_whole(dir, "facts.txt");
	auto_free char *found = NULL;

	assert_non_null(host);
	found = boot_text_of(host);
	if (getenv("UPDATE_CASES") && !text_equal(found, expected)) {
		tree_file(dir, "facts.txt", "%s", found);
		print_message("%s/facts.txt is written anew\n", name);
		return;
	}
	if (!text_equal(found, expected))
		print_error("%s/facts.txt:\n", name);
	assert_text(found, expected ? expected : "");
}

static void each_host_is_known(void **state)
{
	auto_close int cases = open(CASES, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_closedir DIR *stream = opendir(CASES);
	struct dirent *entry;
	int count = 0;

	(void)state;
	assert_non_null(stream);
	while ((entry = readdir(stream))) {
		if (entry->d_name[0] == '.')
			continue;
		check_case(cases, entry->d_name);
		count++;
	}
	assert_true(count > 20);
}

static void names_go_there_and_back(void **state)
{
	enum boot_initramfs initramfs;
	enum boot_loader loader;

	(void)state;
	for (int i = 0; i < LOADERS; i++) {
		assert_true(boot_loader_parse(boot_loader_name((enum boot_loader)i), &loader));
		assert_int_equal(loader, i);
	}
	for (int i = 0; i < INITRAMFS_KINDS; i++) {
		assert_true(boot_initramfs_parse(boot_initramfs_name((enum boot_initramfs)i),
						 &initramfs));
		assert_int_equal(initramfs, i);
	}
	assert_false(boot_loader_parse("GRUB", &loader) || boot_loader_parse("", &loader));
	assert_false(boot_initramfs_parse("dracut ", &initramfs));
}

static void built_in_drivers_are_known_by_either_letter(void **state)
{
	char *names[] = {(char *)"xhci_pci", (char *)"ahci", NULL};
	const struct boot_kernel kernel = {.builtin = names}, none = {.builtin = NULL};

	(void)state;
	assert_true(boot_kernel_has_builtin(&kernel, "xhci-pci"));
	assert_true(boot_kernel_has_builtin(&kernel, "ahci"));
	assert_false(boot_kernel_has_builtin(&kernel, "ahc"));
	assert_false(boot_kernel_has_builtin(&none, "ahci"));
}

static void an_empty_host_has_no_facts(void **state)
{
	char root[] = "/tmp/test-boot-XXXXXX";
	struct error err = ERROR_INIT;
	auto_boot struct boot boot = {0};
	auto_free char *text = NULL;
	struct host host;

	(void)state;
	assert_non_null(mkdtemp(root));
	assert_ok(host_open(&host, root, NULL, NULL, &err), &err);
	assert_ok(boot_read(&host, &boot, &err), &err);
	text = boot_text(&boot);
	assert_text(text, "");
	assert_string_equal(boot.cmdline, "");
	host_close(&host);
	rmdir(root);
}

/* What a file would say that nobody may read is not known, and must not pass for nothing. */
static void what_may_not_be_read_is_an_error(void **state)
{
	auto_testhost struct testhost *host = testhost_new("file etc/crypttab\n");
	struct boot boot = {.cmdline = (char *)"untouched"};
	struct error err = ERROR_INIT;
	int ret;

	(void)state;
	fchmodat(host->root_fd, "etc/crypttab", 0, 0);
	fchmodat(host->root_fd, ".", 0755, 0);
	assert_needs(geteuid() != 0 || seteuid(65534) == 0, "to be another user for a while");
	ret = boot_read(&host->host, &boot, &err);
	assert_int_equal(seteuid(getuid()), 0);
	assert_int_equal(ret, -EACCES);
	assert_contains(err.text, "/etc/crypttab");
	assert_string_equal(boot.cmdline, "untouched");
}

#define MENU                                                                                       \
	"program usr/sbin/grub-mkconfig\n\t#!/bin/sh\nfile boot/grub/grub.cfg\n"                   \
	"\t### BEGIN /etc/grub.d/10_linux ###\n\tmenuentry 'a' {\n\t}\n\tmenuentry 'b' {\n\t}\n"   \
	"\t### BEGIN /etc/grub.d/30_os-prober ###\n\tmenuentry 'c' {\n\t}\n"

/* In the settings, in the menu, and in what GRUB keeps for every boot or for the next one. */
static void a_number_of_an_entry_behind_ours_is_seen_wherever_it_stands(void **state)
{
	static const struct {
		const char *host;
		bool last;
	} cases[] = {
		{MENU, false},
		{MENU "file boot/grub/grubenv\n\tnext_entry=1\n", false},
		{MENU "file boot/grub/grubenv\n\tnext_entry=2\n", true},
		{MENU "file boot/grub/grubenv\n\tsaved_entry=2\n", false},
		{MENU "file boot/grub/grubenv\n\tsaved_entry=2\n"
		      "file etc/default/grub\n\tGRUB_DEFAULT=saved\n",
		 true},
		{MENU "file etc/default/grub\n\tGRUB_DEFAULT=2\n", true},
		{MENU "\tset default=\"2\"\n", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		auto_testhost struct testhost *host = testhost_new(cases[i].host);
		auto_boot struct boot boot = {0};
		struct error err = ERROR_INIT;

		assert_ok(boot_read(&host->host, &boot, &err), &err);
		assert_int_equal(boot.grub.ours_last, cases[i].last);
	}
}

static void kernel_install_calls_the_builder_that_is_configured(void **state)
{
	auto_testhost struct testhost *host =
		testhost_new("program usr/bin/kernel-install\nprogram usr/bin/dracut\n"
			     "program usr/bin/mkinitcpio\n"
			     "program usr/lib/kernel/install.d/50-dracut.install\n"
			     "program usr/lib/kernel/install.d/50-mkinitcpio.install\n");
	auto_boot struct boot both = {0}, one = {0};
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(boot_read(&host->host, &both, &err), &err);
	assert_true(boot_initramfs_find(&both, INITRAMFS_DRACUT)->builds);
	assert_true(boot_initramfs_find(&both, INITRAMFS_MKINITCPIO)->builds);
	tree_file(host->root_fd, "etc/kernel/install.conf", "initrd_generator=mkinitcpio\n");
	assert_ok(boot_read(&host->host, &one, &err), &err);
	assert_false(boot_initramfs_find(&one, INITRAMFS_DRACUT)->builds);
	assert_true(boot_initramfs_find(&one, INITRAMFS_MKINITCPIO)->builds);
}

#define KERNELS                                                                                    \
	"program usr/bin/kernel-install\nfile etc/machine-id\n\t0a\n"                              \
	"file boot/0a/6.1/linux\nfile boot/0a/6.9/linux\nfile boot/0a/6.12/linux\n"                \
	"file lib/modules/6.1/modules.dep\nfile lib/modules/6.9/modules.dep\n"                     \
	"file lib/modules/6.12/modules.dep\n"                                                      \
	"file boot/loader/entries/0a-6.1.conf\n\toptions root=1\n"                                 \
	"file boot/loader/entries/0a-6.9.conf\n\toptions root=9\n"

/* The running kernel's; else of those that have an entry the newest one's. */
static void usual_words_are_those_of_one_kernel(void **state)
{
	static const char *const cases[][2] = {
		{KERNELS "kernel 6.1\n", "root=1"},
		{KERNELS "kernel 6.9\n", "root=9"},
		{KERNELS "kernel 6.12\n", "root=9"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		auto_testhost struct testhost *host = testhost_new(cases[i][0]);
		auto_boot struct boot boot = {0};
		struct error err = ERROR_INIT;

		assert_ok(boot_read(&host->host, &boot, &err), &err);
		assert_text(boot.kernel_install.options, cases[i][1]);
	}
}

/* Nobody writes to the pipe: whoever opens it to read would wait for ever. */
static void a_pipe_is_not_waited_for(void **state)
{
	static const char *const paths[] = {"boot/grub/grub.cfg",
					    "boot/initrd.img-6.1.0-test",
					    "etc/crypttab",
					    "etc/default/grub",
					    "etc/modprobe.d/a.conf",
					    "lib/modules/6.1.0-test/modules.builtin",
					    "lib/modules/6.1.0-test/pkgbase"};
	auto_testhost struct testhost *host =
		testhost_new("file boot/vmlinuz-6.1.0-test\ndir boot/grub\ndir etc/default\n"
			     "dir etc/modprobe.d\n");
	auto_boot struct boot boot = {0};
	struct error err = ERROR_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		tree_remove(host->root_fd, paths[i]);
		assert_int_equal(mkfifoat(host->root_fd, paths[i], 0600), 0);
	}
	assert_ok(boot_read(&host->host, &boot, &err), &err);
	assert_int_equal(boot.kernel_count, 1);
	assert_null(boot.kernels[0].initrd);
	assert_null(boot.grub.config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_go_there_and_back),
		cmocka_unit_test(built_in_drivers_are_known_by_either_letter),
		cmocka_unit_test(each_host_is_known),
		cmocka_unit_test(an_empty_host_has_no_facts),
		cmocka_unit_test(what_may_not_be_read_is_an_error),
		cmocka_unit_test(a_number_of_an_entry_behind_ours_is_seen_wherever_it_stands),
		cmocka_unit_test(kernel_install_calls_the_builder_that_is_configured),
		cmocka_unit_test(usual_words_are_those_of_one_kernel),
		cmocka_unit_test(a_pipe_is_not_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
