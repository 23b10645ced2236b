// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a menu of GRUB tells: the longest command line, and whether a root is named.
 */
#include "tests/host/check.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "parsers/boot/boot-grub.h"
#include "parsers/boot/boot-loaders.h"

static struct boot_grub parse(const char *text)
{
	auto_free char *copy = xstrdup(text);
	auto_boot struct boot boot = {0};

	grub_menu_parse(copy, &boot.grub);
	return boot.grub;
}

/* Each with a blank before it; heap. */
static char *words_in(const char *text)
{
	auto_free char *copy = xstrdup(text);
	auto_boot struct boot boot = {0};
	auto_text struct text out = TEXT_INIT;

	grub_menu_parse(copy, &boot.grub);
	text_append(&out, "", 0);
	for (size_t i = 0; i < boot.grub.word_count; i++)
		text_printf(&out, " %s", boot.grub.words[i].word);
	return steal(&out.data);
}

static void words_for_the_boot_scripts_are_known(void **state)
{
	auto_free char *none =
		words_in("linux /vmlinuz-1 root=1 hostdev.off=0 hostdev.off=no hostdev.offer x\n"
			 "### BEGIN /etc/grub.d/12_hostdev-hook ###\n"
			 "linux /vmlinuz-1 root=1 hostdev.guest=0000:01:00.0\n"
			 "### END /etc/grub.d/12_hostdev-hook ###\n");
	auto_free char *some =
		words_in("linux /vmlinuz-1 root=1 \"hostdev.off\" hostdev.guest=a\n"
			 "linux /vmlinuz-2 hostdev.guest=a hostdev.guest=b hostdev.off=1\n");

	(void)state;
	assert_text(none, "");
	assert_text(some, " hostdev.off hostdev.guest=a hostdev.guest=b hostdev.off=1");
}

static void words_of_a_rescue_and_of_own_scripts_are_not_the_usual_ones(void **state)
{
	auto_free char *none =
		words_in("### BEGIN /etc/grub.d/09_rescue ###\n"
			 "linux /vmlinuz-1 root=1 hostdev.off\n"
			 "### END /etc/grub.d/09_rescue ###\n"
			 "### BEGIN /etc/grub.d/10_linux ###\n"
			 "linux /vmlinuz-1 root=1 single hostdev.off\n"
			 "linux /vmlinuz-1 root=1 hostdev.off systemd.unit=rescue.target\n"
			 "### END /etc/grub.d/10_linux ###\n");
	auto_free char *some = words_in("### BEGIN /etc/grub.d/10_linux_zfs ###\n"
					"linux /vmlinuz-1 root=1 hostdev.off\n"
					"### END /etc/grub.d/10_linux_zfs ###\n");

	(void)state;
	assert_text(none, "");
	assert_text(some, " hostdev.off");
}

static void the_longest_line_counts(void **state)
{
	struct boot_grub grub =
		parse("menuentry 'a' {\n\tlinux\t/boot/vmlinuz-6.9 root=/dev/sda1  \n}\n"
		      "\tlinux /vmlinuz-6.12 root=UUID=1 ro quiet\r\n"
		      "linux16 /boot/memtest86+.bin a very long line without a root\n"
		      "linux ($root)/boot/vmlinuz-6.1 root=/dev/sda1\n");

	(void)state;
	assert_true(grub.has_entries);
	assert_false(grub.lacks_root);
	assert_int_equal(grub.longest_line, strlen("root=UUID=1 ro quiet"));
}

/* A set-up that comes over another one takes its place. */
static void words_of_ours_do_not_count(void **state)
{
	static const char line[] =
		"linux /vmlinuz-6.12 root=1 ro quiet hostdev.guest=0000:01:00.0=1:2\n"
		"linux /vmlinuz-6.12 root=1 hostdev.guest=0000:01:00.0=1:2 ro x\n";

	(void)state;
	assert_int_equal(parse(line).longest_line, strlen("root=1 ro quiet"));
	assert_int_equal(parse("linux /vmlinuz-6.12 hostdev.guest=1\r\n").longest_line, 0);
}

static void a_line_without_root_is_seen(void **state)
{
	(void)state;
	assert_true(parse("linux /live/vmlinuz boot=live\n").lacks_root);
	assert_true(parse("linuxefi /vmlinuz-1").lacks_root);
	assert_true(parse("linux /boot/vmlinuz-1 noroot=1 xroot=2\n").lacks_root);
	assert_false(parse("linux /boot/vmlinuz-1 ro root=ZFS=rpool/ROOT\n").lacks_root);
	assert_false(parse("linux /boot/vmlinuz-1 \"root=UUID=1 2\" ro\n").lacks_root);
	assert_false(parse("linux\nlinux \n# linux /boot/vmlinuz\n").has_entries);
	assert_true(parse("\t  echo\t'GRUB_FORCE_PARTUUID set, attempting initrdless boot.'\n")
			    .skips_image);
	assert_false(parse("# echo attempting initrdless boot\necho 'Loading'\n").skips_image);
}

static void other_systems_do_not_count(void **state)
{
	struct boot_grub grub = parse("### BEGIN /etc/grub.d/30_os-prober ###\n"
				      "linux /boot/vmlinuz-1 no root and a long line, too\n"
				      "### END /etc/grub.d/30_os-prober ###\n"
				      "### BEGIN /etc/grub.d/40_custom ###\n"
				      "linux /boot/vmlinuz-1 quiet\n"
				      "### BEGIN /etc/grub.d/12_hostdev-hook ###\n"
				      "linux /boot/vmlinuz-1 root=1 hostdev.guest=0000:01:00.0\n"
				      "### END /etc/grub.d/12_hostdev-hook ###\n"
				      "linux /boot/vmlinuz-1 root=1\n");

	(void)state;
	assert_true(grub.has_entries);
	assert_false(grub.lacks_root);
	assert_int_equal(grub.longest_line, strlen("root=1"));
}

/* As 00_header writes it. */
#define TIMEOUT(style, seconds)                                                                    \
	"if [ \"${recordfail}\" = 1 ] ; then\n  set timeout=30\nelse\n"                            \
	"  if [ x$feature_timeout_style = xy ] ; then\n    set timeout_style=" style               \
	"\n    set timeout=" seconds "\n  else\n    set timeout=" seconds "\n  fi\nfi\n"

static struct boot_menu shown(const char *text)
{
	struct boot_menu menu = {0};

	grub_menu_read_shown(text, &menu);
	return menu;
}

static void whether_the_menu_is_shown_is_known(void **state)
{
	(void)state;
	assert_false(shown(TIMEOUT("menu", "5")).hidden || shown(TIMEOUT("menu", "5")).absent);
	assert_true(shown(TIMEOUT("hidden", "0")).hidden);
	assert_false(shown(TIMEOUT("hidden", "0")).absent);
	assert_true(shown(TIMEOUT("countdown", "3")).hidden);
	assert_true(shown(TIMEOUT("menu", "0")).absent);
	assert_false(shown(TIMEOUT("menu", "-1")).absent);
	/* Without a style nothing is said. */
	assert_false(shown("set timeout=0\n").absent);
	assert_false(shown(TIMEOUT("menu", "5")).asks_password);
	assert_true(shown("set superusers=\"root\"\n").asks_password);
}

static struct boot_menu configured(const char *text)
{
	struct boot_menu menu = {0};

	loader_conf_read(text, &menu);
	return menu;
}

static void what_systemd_boot_is_told_is_known(void **state)
{
	(void)state;
	assert_true(configured("default x\ntimeout 0\n").hidden);
	assert_true(configured("timeout menu-hidden").hidden);
	assert_true(configured("timeout menu-disabled\n").absent);
	assert_false(configured("timeout 3\n#timeout 0\ntimeouts 0\n").hidden);
	assert_false(configured("editor yes\n").no_editor);
	assert_true(configured("editor yes\neditor  no\n").no_editor);
}

static void the_commands_are_seen(void **state)
{
	struct boot_grub grub = parse("insmod blscfg\n# uki\nset blscfg=1\n");

	(void)state;
	assert_false(grub.lists_entries || grub.lists_images || grub.has_entries);
	assert_true(parse("if true; then\n  blscfg\nfi").lists_entries);
	assert_true(parse("uki non-default (hd0,gpt1)/x").lists_images);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_longest_line_counts),
		cmocka_unit_test(words_of_ours_do_not_count),
		cmocka_unit_test(words_for_the_boot_scripts_are_known),
		cmocka_unit_test(words_of_a_rescue_and_of_own_scripts_are_not_the_usual_ones),
		cmocka_unit_test(a_line_without_root_is_seen),
		cmocka_unit_test(other_systems_do_not_count),
		cmocka_unit_test(whether_the_menu_is_shown_is_known),
		cmocka_unit_test(what_systemd_boot_is_told_is_known),
		cmocka_unit_test(the_commands_are_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
