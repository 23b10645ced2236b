// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is called to build images and menus, on a host with kernels that can be started and with
 * what others have left behind.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "actions/setup/apply-command.h"
#include "base/cleanup.h"
#include "base/host-change.h"
#include "tests/host/testhost.h"
#include "tests/host/tree.h"

static struct {
	struct text ran;
	const char *fails; /* where this word is the last one */
} programs;

static int run(struct host *host, char *const *argv, struct text *said, struct error *err)
{
	const char *last = NULL;

	(void)host;
	for (char *const *word = argv; *word; word++) {
		text_printf(&programs.ran, "%s%s", word == argv ? "" : " ", *word);
		last = *word;
	}
	text_printf(&programs.ran, "\n");
	text_printf(said, "built %s\n", last);
	return text_equal(last, programs.fails) ? error_set(err, EIO, "%s fails", last) : 0;
}

static const struct host_ops operations = {.command_run = run};

static int build(struct testhost *machine, const char *target)
{
	struct apply apply = {.host = &machine->host};
	auto_text struct text said = TEXT_INIT;

	text_done(&programs.ran);
	programs.ran = (struct text)TEXT_INIT;
	text_append(&programs.ran, "", 0);
	return apply_command_run(&apply, target, &said, NULL);
}

static struct testhost *machine_new(const char *text)
{
	struct testhost *machine = testhost_new(text);

	machine->host.ops = &operations;
	return machine;
}

static int stale(void **state)
{
	(void)state;
	text_done(&programs.ran);
	memset(&programs, 0, sizeof(programs));
	return 0;
}

#define KERNEL(release) "file lib/modules/" release "/modules.dep\n"

static void each_kernel_that_can_be_started_is_built_for(void **state)
{
	static const char *const files[] = {
		"boot/vmlinuz-6.12",         "boot/vmlinux-6.12",
		"boot/kernel-6.12",          "lib/modules/6.12/vmlinuz",
		"boot/token/6.12/linux",     "efi/token/6.12/linux",
		"boot/efi/token/6.12/linux", "efi/EFI/Linux/token-6.12+3-1.efi",
		"boot/initramfs-6.12.img",   "boot/EFI/Linux/token-6.12.efi",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		auto_testhost struct testhost *machine = machine_new(KERNEL("6.12"));

		assert_int_equal(build(machine, "image:/usr/bin/dracut,--force,--kver,KERNEL"), 0);
		assert_text(programs.ran.data, "");
		tree_file(machine->root_fd, files[i], "x");
		assert_int_equal(build(machine, "image:/usr/bin/dracut,--force,--kver,KERNEL"), 0);
		assert_text(programs.ran.data, "/usr/bin/dracut --force --kver 6.12\n");
	}
}

static void the_release_stands_in_the_images_path_too(void **state)
{
	auto_testhost struct testhost *machine =
		machine_new(KERNEL("6.12") KERNEL("6.1") "file boot/vmlinuz-6.12\n"
							 "file boot/vmlinuz-6.1\n");

	(void)state;
	assert_int_equal(
		build(machine, "image:/usr/bin/dracut,--force,/boot/KERNEL/i-KERNEL,KERNEL"), 0);
	assert_text(programs.ran.data, "/usr/bin/dracut --force /boot/6.1/i-6.1 6.1\n"
				       "/usr/bin/dracut --force /boot/6.12/i-6.12 6.12\n");
}

static void what_a_kernel_has_left_behind_gets_no_image(void **state)
{
	auto_testhost struct testhost *machine = machine_new(KERNEL("6.1") KERNEL(
		"6.10") "dir lib/modules/6.9\n"
			"file lib/modules/6.12/modules.dep.bin\n"
			"file boot/config-6.1\nfile boot/System.map-6.1\n"
			"file boot/vmlinuz-6.10\nfile boot/vmlinuz-6.12\nfile boot/vmlinuz-6.9\n"
			"file boot/vmlinuz-6.1x\nfile boot/vmlinuz-16.1\n");

	(void)state;
	assert_int_equal(build(machine, "image:/usr/bin/dracut,KERNEL"), 0);
	assert_text(programs.ran.data, "/usr/bin/dracut 6.10\n/usr/bin/dracut 6.12\n");
	programs.fails = "6.10";
	assert_int_equal(build(machine, "image:/usr/bin/dracut,KERNEL"), -EIO);
	assert_text(programs.ran.data, "/usr/bin/dracut 6.10\n");
}

static void without_modules_there_is_no_kernel(void **state)
{
	auto_testhost struct testhost *machine = machine_new("file boot/vmlinuz-6.12\n");

	(void)state;
	tree_remove(machine->root_fd, "lib");
	host_close(&machine->host);
	assert_int_equal(host_open(&machine->host, machine->root, &operations, NULL, NULL), 0);
	assert_int_equal(build(machine, "image:/usr/bin/dracut,KERNEL"), 0);
	assert_text(programs.ran.data, "");
}

static void other_commands_run_once(void **state)
{
	auto_testhost struct testhost *machine =
		machine_new(KERNEL("6.12") "file boot/vmlinuz-6.12\n");

	(void)state;
	assert_int_equal(build(machine, "image:/usr/sbin/update-initramfs,-u,-k,all"), 0);
	assert_text(programs.ran.data, "/usr/sbin/update-initramfs -u -k all\n");
	assert_int_equal(build(machine, "menu:/usr/sbin/update-grub"), 0);
	assert_text(programs.ran.data, "/usr/sbin/update-grub\n");
	assert_int_equal(build(machine, "image:/usr/bin/x,KERNEL,-f"), 0);
	assert_text(programs.ran.data, "/usr/bin/x KERNEL -f\n");
}

/* As where /usr/sbin has become a part of /usr/bin since. */
static void a_program_that_has_moved_is_found(void **state)
{
	auto_testhost struct testhost *machine = machine_new("");

	(void)state;
	tree_file(machine->root_fd, "usr/bin/update-grub", "x");
	assert_int_equal(fchmodat(machine->root_fd, "usr/bin/update-grub", 0755, 0), 0);
	assert_int_equal(build(machine, "menu:/usr/sbin/update-grub"), 0);
	assert_text(programs.ran.data, "/usr/bin/update-grub\n");
	tree_file(machine->root_fd, "usr/sbin/update-grub", "no program");
	assert_int_equal(fchmodat(machine->root_fd, "usr/sbin/update-grub", 0644, 0), 0);
	assert_int_equal(build(machine, "menu:/usr/sbin/update-grub"), 0);
	assert_text(programs.ran.data, "/usr/bin/update-grub\n");
	assert_int_equal(fchmodat(machine->root_fd, "usr/sbin/update-grub", 0755, 0), 0);
	assert_int_equal(build(machine, "menu:/usr/sbin/update-grub"), 0);
	assert_text(programs.ran.data, "/usr/sbin/update-grub\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_teardown(name, stale)
		TEST(the_release_stands_in_the_images_path_too),
		TEST(each_kernel_that_can_be_started_is_built_for),
		TEST(what_a_kernel_has_left_behind_gets_no_image),
		TEST(without_modules_there_is_no_kernel),
		TEST(other_commands_run_once),
		TEST(a_program_that_has_moved_is_found),
#undef TEST
	};

	return cmocka_run_group_tests_name("apply-command", tests, NULL, NULL);
}
