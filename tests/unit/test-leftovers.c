// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What no record tells of: every file that a set-up writes is on the list and known again, no file
 * of others is, and what has built with them is found.
 */
#include "generator/image.h"
#include "generator/leftovers.h"
#include "generator/menu.h"
#include "tests/unit/generate-helpers.h"

#define HOST                                                                                       \
	"00:02.0 0 030000 8086:3e92 i915\n"                                                        \
	"01:00.0 1 030000 10de:2204 nvidia\n"                                                      \
	"03:00.0 3 030000 10de:2206 nvidia\n"

static void use_builder(struct known *known, enum boot_initramfs kind, const char *program)
{
	known->builders[0].kind = kind;
	known->builders[0].program = (char *)program;
}

static void use_kernel_install(struct known *known)
{
	static struct boot_entry own = {.name = (char *)"debian-6.12.conf",
					.release = (char *)"6.12",
					.options = (char *)"root=UUID=1 ro quiet"};

	known->loaders[0].kind = LOADER_SYSTEMD_BOOT;
	known->boot.grub = (struct boot_grub){0};
	known->boot.kernel_install =
		(struct boot_kernel_install){.program = (char *)"/usr/bin/kernel-install",
					     .layout = (char *)"bls",
					     .token = (char *)"debian",
					     .boot_root = (char *)"/efi",
					     .cmdline = (char *)"root=UUID=1 ro quiet\n",
					     .options = (char *)"root=UUID=1 ro quiet",
					     .own = &own,
					     .own_count = 1};
}

static bool is_among(const char *const *paths, const char *path)
{
	for (size_t i = 0; paths[i]; i++)
		if (strcmp(paths[i], path) == 0)
			return true;
	return false;
}

static void check_step(const struct draft_step *step)
{
	auto_text struct text ours = TEXT_INIT;

	if (step->kind != STEP_FILE || step->type != DRAFT_REGULAR ||
	    is_among(leftover_edited, step->target))
		return;
	if (!is_among(leftover_files, step->target) ||
	    !leftover_take(step->target, step->bytes.data, &ours))
		print_error("%s is not known to be ours\n", step->target);
	assert_true(is_among(leftover_files, step->target));
	assert_text(ours.data, step->bytes.data);
}

static void check_draft(const struct known *known, struct generate_wishes *wishes)
{
	auto_draft struct draft draft = {0};

	wishes->headless = true;
	draft_make(known, wishes, &draft);
	assert_remarks(&draft.refusals, "");
	assert_true(draft.step_count > 0);
	for (size_t i = 0; i < draft.step_count; i++)
		check_step(&draft.steps[i]);
}

static void check_set_ups(const struct known *known)
{
	struct generate_wishes words = wishes_of(GENERATE_STATIC, "01:00.0");
	struct generate_wishes conf = wishes_of(GENERATE_STATIC, "01:00.0");
	struct generate_wishes ids = wishes_of(GENERATE_STATIC, "01:00.0");
	struct generate_wishes menu = wishes_of(GENERATE_MULTIBOOT, "01:00.0,03:00.0");

	conf.in_conf = ids.in_conf = ids.by_ids = true;
	check_draft(known, &words);
	check_draft(known, &conf);
	check_draft(known, &ids);
	if (known->boot.grub.found)
		menu.default_choice = "first";
	check_draft(known, &menu);
}

static void what_set_ups_write_is_known_again(void **state)
{
	static const struct {
		enum boot_initramfs kind;
		const char *program;
	} builders[] = {{INITRAMFS_TOOLS, "/usr/sbin/update-initramfs"},
			{INITRAMFS_DRACUT, "/usr/bin/dracut"},
			{INITRAMFS_MKINITCPIO, "/usr/bin/mkinitcpio"}};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		auto_known struct known *grub = known_new(HOST), *entries = known_new(HOST);

		grub->boot.grub.ours_last = true;
		use_builder(grub, builders[i].kind, builders[i].program);
		check_set_ups(grub);
		use_builder(entries, builders[i].kind, builders[i].program);
		use_kernel_install(entries);
		check_set_ups(entries);
	}
}

/* People copy from manuals, and have names like ours. */
static void what_others_write_is_theirs(void **state)
{
	static const char *const texts[] = {
		"", "#!/bin/sh\n# as hostdevctl generate would\n", "GRUB_TIMEOUT=10\n",
		"options vfio-pci ids=10de:2204\n", "hostdev-hook boot-choices 1\nkernels 2\n",
		/* Not at its beginning. */
		"mine\n# Written by hostdev-hook: hostdevctl generate static\n"};

	(void)state;
	for (size_t i = 0; leftover_files[i]; i++)
		for (size_t j = 0; j < sizeof(texts) / sizeof(*texts); j++) {
			auto_text struct text ours = TEXT_INIT;

			assert_false(leftover_take(leftover_files[i], texts[j], &ours));
		}
}

static void an_entry_is_ours_where_kernel_install_writes_them(void **state)
{
	auto_known struct known *grub = known_new(HOST), *entries = known_new(HOST);
	static const char text[] = "title x\noptions root=UUID=1 hostdev.guest=0000:01:00.0=...\n";

	(void)state;
	use_kernel_install(entries);
	assert_true(leftover_entry_is_ours(&entries->boot, "debian-6.12-hostdev-1+0.conf", text));
	assert_false(leftover_entry_is_ours(&entries->boot, "debian-6.12-hostdev-1.conf",
					    "options root=UUID=1\n"));
	assert_false(leftover_entry_is_ours(&entries->boot, "debian-6.12.conf", text));
	assert_false(leftover_entry_is_ours(&entries->boot, "debian-6 12-hostdev-1.conf", text));
	assert_false(leftover_entry_is_ours(&grub->boot, "debian-6.12-hostdev-1.conf", text));
}

#define GRUB_LINE "GRUB_CMDLINE_LINUX_DEFAULT=\"${GRUB_CMDLINE_LINUX_DEFAULT:+$X }"

static void of_files_of_others_our_lines_go(void **state)
{
	auto_known struct known *grub = known_new(HOST), *entries = known_new(HOST);
	auto_text struct text rest = TEXT_INIT, words = TEXT_INIT, none = TEXT_INIT;

	(void)state;
	assert_true(leftover_take_out("/etc/default/grub",
				      "A=1\n" GRUB_LINE
				      "hostdev.guest=x\" # hostdev-hook\n" GRUB_LINE
				      "mine\" # hostdev-hook\n"
				      "GRUB_DEFAULT='hostdev-all>0' # hostdev-hook\n"
				      "GRUB_DEFAULT=2\n",
				      &grub->boot, false, &rest));
	assert_text(rest.data, "A=1\n" GRUB_LINE "mine\" # hostdev-hook\nGRUB_DEFAULT=2\n");
	use_kernel_install(entries);
	assert_true(leftover_take_out("/etc/kernel/cmdline", "root=UUID=1\nhostdev.guest=x\n",
				      &entries->boot, true, &words));
	assert_text(words.data, "root=UUID=1\n");
	/* By hand, as far as is known. */
	assert_false(leftover_take_out("/etc/kernel/cmdline", "root=UUID=1\nhostdev.guest=x\n",
				       &entries->boot, false, &none));
	assert_false(leftover_take_out("/etc/kernel/cmdline", "root=UUID=1\nhostdev.guest=x\n",
				       &grub->boot, true, &none));
}

/* --- what was built --- */

static char *built(const struct known *known, const char *const *paths, size_t count)
{
	auto_draft struct draft draft = {0};
	auto_text struct text out = TEXT_INIT;

	text_append(&out, "", 0);
	leftovers_draft(&known->boot, paths, count, &draft);
	for (size_t i = 0; i < draft.step_count; i++)
		if (draft.steps[i].kind == STEP_BUILD && strcmp(draft.steps[i].after, "stale") == 0)
			text_printf(&out, "%s\n", draft.steps[i].target);
	return steal(&out.data);
}

#define assert_built(known, expected, ...)                                                         \
	do {                                                                                       \
		const char *const paths_[] = {__VA_ARGS__};                                        \
		auto_free char *built_ = built(known, paths_, sizeof(paths_) / sizeof(*paths_));   \
		assert_text(built_, expected);                                                     \
	} while (0)

static void what_has_built_is_what_the_host_has(void **state)
{
	auto_known struct known *grub = known_new(HOST), *entries = known_new(HOST);

	(void)state;
	use_kernel_install(entries);
	assert_built(grub,
		     "image:/usr/sbin/update-initramfs,-u,-k,all\nmenu:/usr/sbin/update-grub\n",
		     "/etc/initramfs-tools/hooks/hostdev-hook",
		     "/etc/default/grub.d/zz-hostdev-hook.cfg");
	/* In the image alone. */
	assert_built(grub, "image:/usr/sbin/update-initramfs,-u,-k,all\n", RESERVE_FILE);
	assert_built(entries,
		     "entries:/usr/bin/kernel-install,/efi,debian\n"
		     "image:/usr/sbin/update-initramfs,-u,-k,all\n",
		     "/etc/initramfs-tools/hooks/hostdev-hook");
	assert_built(entries, "entries:/usr/bin/kernel-install,/efi,debian\n", CHOICES_FILE);
	assert_built(grub, "menu:/usr/sbin/update-grub\n", CHOICES_FILE);
}

/* Another builder may have come since, and the undo tells that this one has gone. */
static void what_has_gone_has_its_usual_name(void **state)
{
	auto_known struct known *known = known_new(HOST);

	(void)state;
	known->boot.grub = (struct boot_grub){0};
	assert_built(known,
		     "image:/usr/bin/dracut,--force,--kver,KERNEL\n"
		     "menu:/usr/sbin/grub-mkconfig,-o,/boot/grub/grub.cfg\n",
		     "/etc/dracut.conf.d/90-hostdev-hook.conf", "/etc/grub.d/12_hostdev-hook");
}

static void the_command_and_the_words_are_told(void **state)
{
	cleanup(setup_done) struct setup setup = {0}, menu = {0};

	(void)state;
	leftover_promise("/etc/default/grub.d/zz-hostdev-hook.cfg",
			 "# Written by hostdev-hook: hostdevctl generate static --devices 01:00.0\n"
			 "# Run\n" GRUB_LINE "hostdev.guest=x a=b\"\n",
			 &setup);
	assert_text(setup.mode, "static");
	assert_text(setup.arguments, "static --devices 01:00.0");
	assert_text(setup_usual_words(&setup), "hostdev.guest=x a=b");
	leftover_promise(CHOICES_FILE,
			 "hostdev-hook boot-choices 1\nkernels 2\nchoice hostdev-all\ntitle T\n"
			 "words hostdev.guest=x\nchoice \nwords z\nchoice a b\nwords z\n"
			 "choice hostdev-keep-1\ntitle U\nwords y\n",
			 &menu);
	assert_int_equal(menu.choice_count, 2);
	assert_text(menu.choices[1].id, "hostdev-keep-1");
	assert_text(menu.choices[1].words, "y");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_set_ups_write_is_known_again),
		cmocka_unit_test(what_others_write_is_theirs),
		cmocka_unit_test(an_entry_is_ours_where_kernel_install_writes_them),
		cmocka_unit_test(of_files_of_others_our_lines_go),
		cmocka_unit_test(what_has_built_is_what_the_host_has),
		cmocka_unit_test(what_has_gone_has_its_usual_name),
		cmocka_unit_test(the_command_and_the_words_are_told),
	};

	return cmocka_run_group_tests_name("leftovers", tests, NULL, NULL);
}
