// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The list that the generator fills.
 */
#include "tests/unit/generate-helpers.h"

static void steps_keep_their_order(void **state)
{
	auto_draft struct draft draft = {0};
	auto_free char *steps = NULL;

	(void)state;
	draft_add_build(&draft, DRAFT_IMAGE, "image:/bin/x", "stale", "why");
	draft_add_directory(&draft, DRAFT_IMAGE, "/etc/x", "why");
	draft_add_file(&draft, DRAFT_MENU, "/etc/x/y", 0600, "text", "why");
	draft_add_check(&draft, DRAFT_MENU, "shell:/etc/x/y", "why");
	steps = steps_text(&draft);
	assert_text(steps, "build image:/bin/x stale\nfile /etc/x\nfile /etc/x/y\n"
			   "check shell:/etc/x/y\n");
	assert_int_equal(draft.steps[1].type, DRAFT_DIRECTORY);
	assert_int_equal(draft.steps[1].mode, 0755);
	assert_int_equal(draft.steps[2].mode, 0600);
	assert_int_equal(draft.steps[2].part, DRAFT_MENU);
	assert_text(draft.steps[2].bytes.data, "text");
}

static void a_remark_is_made_once(void **state)
{
	auto_draft struct draft draft = {0};

	(void)state;
	draft_refuse(&draft, "%s is %d", "it", 1);
	draft_refuse(&draft, "it is 1");
	draft_refuse(&draft, "it is 2");
	draft_note(&draft, "it is 1");
	draft_advise(&draft, "100%%");
	assert_remarks(&draft.refusals, "it is 1\nit is 2\n");
	assert_remarks(&draft.notes, "it is 1\n");
	assert_remarks(&draft.advice, "100%\n");
}

static void files_belong_to_the_image_or_to_the_menu(void **state)
{
	static const char *const menu[] = {
		"/etc/default/grub", "/etc/default/grub.d/zz-hostdev-hook.cfg",
		"/etc/grub.d/12_hostdev-hook", "/etc/hostdev-hook/boot-choices",
		"/etc/kernel/install.d/91-hostdev-hook.install"};
	static const char *const image[] = {"/etc/hostdev-hook",
					    "/etc/hostdev-hook/reserve",
					    "/etc/modprobe.d/hostdev-hook.conf",
					    "/etc/dracut.conf.d/90-hostdev-hook.conf",
					    "/usr/lib/dracut/modules.d/01hostdev-hook/binder",
					    "/etc/initramfs-tools/hooks/hostdev-hook"};

	(void)state;
	for (size_t i = 0; i < sizeof(menu) / sizeof(*menu); i++)
		assert_int_equal(draft_part_of(menu[i]), DRAFT_MENU);
	for (size_t i = 0; i < sizeof(image) / sizeof(*image); i++)
		assert_int_equal(draft_part_of(image[i]), DRAFT_IMAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steps_keep_their_order),
		cmocka_unit_test(a_remark_is_made_once),
		cmocka_unit_test(files_belong_to_the_image_or_to_the_menu),
	};

	return cmocka_run_group_tests_name("draft", tests, NULL, NULL);
}
