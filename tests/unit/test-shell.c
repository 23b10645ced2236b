// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is compiled in is what stands in generator/shell/, byte by byte: those files are what the
 * shell's tests run.
 */
#include "tests/host/check.h"

#include <stdio.h>
#include <string.h>

#include "generator/shell.h"

static void assert_holds(const char *text, const char *file)
{
	static char read[1 << 16];
	char path[4096];
	FILE *stream;
	size_t size;

	snprintf(path, sizeof(path), TESTS_DIR "/../generator/shell/%s", file);
	stream = fopen(path, "re");
	assert_non_null(stream);
	size = fread(read, 1, sizeof(read) - 1, stream);
	fclose(stream);
	read[size] = '\0';
	assert_string_equal(text, read);
	assert_true(size > 0 && strlen(read) == size);
}

static void texts_are_the_files(void **state)
{
	(void)state;
	assert_holds(shell_binder, "binder");
	assert_holds(shell_initramfs_tools_hook, "initramfs-tools-hook");
	assert_holds(shell_dracut_module_setup, "dracut-module-setup");
	assert_holds(shell_dracut_pre_udev, "dracut-pre-udev");
	assert_holds(shell_dracut_conf, "dracut-conf");
	assert_holds(shell_mkinitcpio_install, "mkinitcpio-install");
	assert_holds(shell_mkinitcpio_hook, "mkinitcpio-hook");
	assert_holds(shell_mkinitcpio_unit, "mkinitcpio-unit");
	assert_holds(shell_mkinitcpio_conf, "mkinitcpio-conf");
	assert_holds(shell_grub_menu, "grub-menu");
	assert_holds(shell_kernel_install, "kernel-install");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_the_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
