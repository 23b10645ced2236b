// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Two menus as grub-mkconfig writes them, without a set-up and with it: what is ours in them, and
 * whether anything else has changed.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/grub-menu.h"

#define WORDS "hostdev.guest=0000:01:00.0=10de:2204:1458:403b:030000"
#define OTHER_WORDS "hostdev.guest=0000:02:00.0=10de:2204:1458:403b:030000"

/* What grub-mkconfig puts around a script's output. */
#define SCRIPT(name, output)                                                                       \
	"\n### BEGIN /etc/grub.d/" name " ###\n" output "### END /etc/grub.d/" name " ###\n"

#define HEADER SCRIPT("00_header", "set default=\"0\"\n")
#define ENTRY(args, recovery)                                                                      \
	"menuentry 'Debian GNU/Linux' --class debian $menuentry_id_option "                        \
	"'gnulinux-simple-6f2a' {\n\techo\t'Loading Linux'\n"                                      \
	"\tlinux\t/vmlinuz-6.12 root=UUID=6f2a ro  " args "\n\tinitrd\t/initrd.img-6.12\n}\n"      \
	"menuentry 'Debian GNU/Linux (recovery mode)' {\n"                                         \
	"\tlinux\t/vmlinuz-6.12 root=UUID=6f2a ro single " recovery "\n}\n"
#define LINUX(args) SCRIPT("10_linux", ENTRY(args, ""))
#define REST SCRIPT("30_os-prober", "") SCRIPT("41_custom", "if [ -f x ]; then\n  source x\nfi\n")

/* What 12_hostdev-hook prints for one choice. */
#define CHOICE(id, root, words)                                                                    \
	"submenu 'VFIO: " id "' $menuentry_id_option '" id "' {\n"                                 \
	"\tmenuentry 'Debian GNU/Linux' --class debian $menuentry_id_option '" id                  \
	"-gnulinux-simple-6f2a' {\n\t\techo\t'Loading Linux'\n"                                    \
	"\t\tlinux\t/vmlinuz-6.12 " root " ro quiet " words "\n"                                   \
	"\t\tinitrd\t/initrd.img-6.12\n\t}\n}\n"
#define OURS(choices) SCRIPT("12_hostdev-hook", choices)
#define ROOT "root=UUID=6f2a"

#define BASE HEADER LINUX("quiet") REST
#define WITH(choices) HEADER LINUX("quiet") OURS(choices) REST

static struct setup setup_of(const char *mode, const char *const (*choices)[2], size_t count)
{
	struct setup setup = {.mode = xstrdup(mode)};

	for (size_t i = 0; i < count; i++)
		setup_add_choice(&setup, xstrdup(choices[i][0]), xstrdup(choices[i][1]));
	return setup;
}

static struct setup of_static(const char *words)
{
	const char *const choices[][2] = {{"static", words}};

	return setup_of("static", choices, 1);
}

static struct setup of_menu(void)
{
	static const char *const choices[][2] = {{"hostdev-all", WORDS},
						 {"hostdev-keep-0000:01:00.0", OTHER_WORDS}};

	return setup_of("multiboot", choices, 2);
}

static int compare(const char *before, const struct setup *past, const char *after,
		   const struct setup *setup, struct error *err)
{
	const struct text one = {.data = (char *)before, .length = strlen(before)};
	const struct text other = {.data = (char *)after, .length = strlen(after)};

	return grub_menu_compare(&one, past, &other, setup, err);
}

#define assert_refused(before, past, after, setup, part)                                           \
	do {                                                                                       \
		struct error err_ = ERROR_INIT;                                                    \
		assert_int_equal(compare(before, past, after, setup, &err_), -EINVAL);             \
		assert_contains(err_.text, part);                                                  \
	} while (0)

#define BOTH                                                                                       \
	CHOICE("hostdev-all", ROOT, WORDS) CHOICE("hostdev-keep-0000:01:00.0", ROOT, OTHER_WORDS)

static void a_menu_with_every_choice_is_right(void **state)
{
	auto_setup struct setup setup = of_menu();
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(compare(BASE, NULL, WITH(BOTH), &setup, &err), &err);
	/* Over itself, and over an earlier one with other choices. */
	assert_ok(compare(WITH(BOTH), &setup, WITH(BOTH), &setup, &err), &err);
	assert_ok(compare(WITH(CHOICE("hostdev-all", ROOT, OTHER_WORDS)), &setup, WITH(BOTH),
			  &setup, &err),
		  &err);
}

static void what_the_header_sets_may_change(void **state)
{
	static const char after[] =
		SCRIPT("00_header", "set default='hostdev-all>0'\n") LINUX("quiet") OURS(BOTH) REST;
	auto_setup struct setup setup = of_menu();
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(compare(BASE, NULL, after, &setup, &err), &err);
}

static void a_choice_that_is_missing_is_named(void **state)
{
	auto_setup struct setup setup = of_menu();

	(void)state;
	assert_refused(BASE, NULL, BASE, &setup, "hostdev-all is not in the boot menu");
	assert_refused(BASE, NULL, WITH(CHOICE("hostdev-all", ROOT, WORDS)), &setup,
		       "hostdev-keep-0000:01:00.0 is not in the boot menu");
	assert_refused("", NULL, "", &setup, "hostdev-all is not in the boot menu");
}

static void an_entry_without_its_words_or_root_is_refused(void **state)
{
	auto_setup struct setup setup = of_menu();

	(void)state;
	assert_refused(BASE, NULL, WITH(CHOICE("hostdev-all", ROOT, OTHER_WORDS)), &setup,
		       "an entry of hostdev-all lacks its words");
	assert_refused(BASE, NULL, WITH(CHOICE("hostdev-all", ROOT, WORDS "x")), &setup,
		       "an entry of hostdev-all lacks its words");
	assert_refused(BASE, NULL, WITH(CHOICE("hostdev-all", "", WORDS)), &setup,
		       "an entry of hostdev-all has no root=");
	assert_refused(BASE, NULL, WITH("submenu 'x' $menuentry_id_option 'hostdev-all' {\n}\n"),
		       &setup, "hostdev-all has 0 entries and 0 kernels");
	assert_refused(BASE, NULL,
		       WITH("submenu 'x' $menuentry_id_option 'hostdev-all' {\n"
			    "\tmenuentry 'y' $menuentry_id_option 'hostdev-all-y' {\n\t}\n}\n"),
		       &setup, "hostdev-all has 1 entries and 0 kernels");
}

static void what_others_have_must_not_change(void **state)
{
	auto_setup struct setup setup = of_menu();

	(void)state;
	assert_refused(BASE, NULL, HEADER LINUX("quiet splash") OURS(BOTH) REST, &setup,
		       "what others have in the boot menu would change at \"linux");
	assert_refused(BASE, NULL, HEADER LINUX("quiet") OURS(BOTH), &setup,
		       "would change at \"### BEGIN /etc/grub.d/30_os-prober");
	assert_refused(HEADER LINUX("quiet"), NULL, WITH(BOTH), &setup,
		       "would change at \"### BEGIN /etc/grub.d/30_os-prober");
}

static void words_of_every_boot_stand_on_the_usual_lines(void **state)
{
	auto_setup struct setup setup = of_static(WORDS), past = of_static(OTHER_WORDS);
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(compare(BASE, NULL, HEADER LINUX("quiet " WORDS) REST, &setup, &err), &err);
	/* Where nothing else stands there. */
	assert_ok(compare(HEADER LINUX("") REST, NULL, HEADER LINUX(WORDS) REST, &setup, &err),
		  &err);
	/* In place of an earlier one's, and of a menu of ours. */
	assert_ok(compare(HEADER LINUX("quiet " OTHER_WORDS) REST, &past,
			  HEADER LINUX("quiet " WORDS) REST, &setup, &err),
		  &err);
	assert_ok(compare(WITH(BOTH), NULL, HEADER LINUX("quiet " WORDS) REST, &setup, &err), &err);
	assert_refused(BASE, NULL, BASE, &setup, "no entry of the boot menu has \"" WORDS);
	/* An earlier one's must go. */
	assert_refused(HEADER LINUX("quiet " OTHER_WORDS) REST, &past,
		       HEADER LINUX("quiet " OTHER_WORDS " " WORDS) REST, &setup,
		       "would change at \"linux");
}

/* Of either protocol: "" or "2". */
#define XEN(protocol, args)                                                                        \
	SCRIPT("20_linux_xen",                                                                     \
	       "menuentry 'Xen' {\n\tmultiboot" protocol "\t/xen.gz placeholder\n"                 \
	       "\tmodule" protocol "\t/vmlinuz-6.12 placeholder root=UUID=6f2a ro  " args "\n"     \
	       "\tmodule" protocol "\t--nounzip /initrd.img-6.12\n}\n")

static void kernels_below_xen_get_the_words_as_well(void **state)
{
	auto_setup struct setup setup = of_static(WORDS);
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(compare(HEADER LINUX("quiet") XEN("2", "quiet") REST, NULL,
			  HEADER LINUX("quiet " WORDS) XEN("2", "quiet " WORDS) REST, &setup, &err),
		  &err);
	assert_ok(compare(HEADER LINUX("quiet") XEN("", "quiet") REST, NULL,
			  HEADER LINUX("quiet " WORDS) XEN("", "quiet " WORDS) REST, &setup, &err),
		  &err);
	assert_ok(compare(HEADER LINUX("") XEN("2", "") REST, NULL,
			  HEADER LINUX(WORDS) XEN("2", WORDS) REST, &setup, &err),
		  &err);
}

static void a_set_up_without_words_changes_nothing(void **state)
{
	auto_setup struct setup setup = of_static("");
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(compare(BASE, NULL, BASE, &setup, &err), &err);
	assert_refused(BASE, NULL, HEADER LINUX("quiet " WORDS) REST, &setup,
		       "would change at \"linux");
}

static void what_was_written_is_looked_for_after_a_restart(void **state)
{
	auto_setup struct setup menu = of_menu(), usual = of_static(WORDS);
	static const char text[] = WITH(BOTH);
	const struct text whole = {.data = (char *)text, .length = strlen(text)}, none = TEXT_INIT;
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(grub_menu_has_setup(&whole, &menu, &err), &err);
	assert_int_equal(grub_menu_has_setup(&none, &usual, &err), -EINVAL);
	assert_int_equal(grub_menu_has_setup(&none, &menu, &err), -EINVAL);
}

static void the_usual_entries_are_told_from_ours(void **state)
{
	static const char text[] = WITH(BOTH), ours[] = HEADER OURS(BOTH) REST;
	const struct text whole = {.data = (char *)text, .length = strlen(text)};
	static const char zfs[] = "\tlinux\t\"/BOOT/u@/vmlinuz-6.12\" root=ZFS=\"r/u\" ro\n";
	const struct text quoted = {.data = (char *)zfs, .length = strlen(zfs)};
	const struct text alone = {.data = (char *)ours, .length = strlen(ours)};

	(void)state;
	assert_true(grub_menu_starts(&whole, "/boot/vmlinuz-6.12"));
	assert_false(grub_menu_starts(&whole, "/boot/vmlinuz-6.1"));
	assert_false(grub_menu_starts(&alone, "/boot/vmlinuz-6.12"));
	/* As 10_linux_zfs has them. */
	assert_true(grub_menu_starts(&quoted, "/boot/vmlinuz-6.12"));
	assert_false(grub_menu_starts(&quoted, "/boot/vmlinuz-6.1"));
}

static void what_others_have_written_by_hand_is_not_lost(void **state)
{
	static const char made[] = BASE, with_ours[] = WITH(BOTH),
			  by_hand[] = "menuentry 'mine' {\n\tlinux /mine root=/dev/sda2\n}\n" BASE;
	const struct text base = {.data = (char *)made, .length = strlen(made)};
	const struct text ours = {.data = (char *)with_ours, .length = strlen(with_ours)};
	const struct text mine = {.data = (char *)by_hand, .length = strlen(by_hand)};
	const struct text none = TEXT_INIT;
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(grub_menu_keeps(&base, &base, &err), &err);
	assert_ok(grub_menu_keeps(&ours, &base, &err), &err);
	assert_ok(grub_menu_keeps(&none, &base, &err), &err);
	assert_int_equal(grub_menu_keeps(&mine, &base, &err), -EINVAL);
	assert_contains(err.text, "menuentry 'mine' {");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_menu_with_every_choice_is_right),
		cmocka_unit_test(what_others_have_written_by_hand_is_not_lost),
		cmocka_unit_test(the_usual_entries_are_told_from_ours),
		cmocka_unit_test(what_the_header_sets_may_change),
		cmocka_unit_test(a_choice_that_is_missing_is_named),
		cmocka_unit_test(an_entry_without_its_words_or_root_is_refused),
		cmocka_unit_test(what_others_have_must_not_change),
		cmocka_unit_test(words_of_every_boot_stand_on_the_usual_lines),
		cmocka_unit_test(kernels_below_xen_get_the_words_as_well),
		cmocka_unit_test(a_set_up_without_words_changes_nothing),
		cmocka_unit_test(what_was_written_is_looked_for_after_a_restart),
	};

	return cmocka_run_group_tests_name("grub-menu", tests, NULL, NULL);
}
