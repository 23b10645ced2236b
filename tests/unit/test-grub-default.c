// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which entry of a menu is started by itself, before and after entries of ours came into it.
 */
#include "tests/host/check.h"

#include <errno.h>

#include "base/cleanup.h"
#include "model/grub-default.h"

#define SCRIPT(name, output)                                                                       \
	"\n### BEGIN /etc/grub.d/" name " ###\n" output "### END /etc/grub.d/" name " ###\n"

/* As 00_header writes it. */
#define HEADER(value)                                                                              \
	SCRIPT("00_header",                                                                        \
	       "if [ \"${next_entry}\" ] ; then\n   set default=\"${next_entry}\"\n"               \
	       "   set next_entry=\n   set boot_once=true\nelse\n"                                 \
	       "   set default=\"" value "\"\nfi\nfunction recordfail {\n"                         \
	       "  if [ -n \"$x\" ]; then if [ -z \"$y\" ]; then save_env x; fi; fi\n}\n")
#define LINUX                                                                                      \
	SCRIPT("10_linux",                                                                         \
	       "menuentry 'Linux' $menuentry_id_option 'gnulinux-1' {\n"                           \
	       "\tif [ x$a = xxen ]; then insmod xzio; fi\n\tlinux /vmlinuz root=1\n}\n"           \
	       "submenu 'Advanced' $menuentry_id_option 'gnulinux-advanced' {\n"                   \
	       "\tmenuentry 'Linux 2' $menuentry_id_option 'gnulinux-2' {\n\t\tlinux /v2\n\t}\n"   \
	       "\tmenuentry 'Linux 1' $menuentry_id_option 'gnulinux-1a' {\n\t\tlinux /v1\n\t}\n"  \
	       "}\n")
#define OURS                                                                                       \
	"submenu 'VFIO' $menuentry_id_option 'hostdev-all' {\n"                                    \
	"\tmenuentry 'Linux' $menuentry_id_option 'hostdev-all-gnulinux-1' {\n"                    \
	"\t\tlinux /vmlinuz root=1 hostdev.guest=x\n\t}\n}\n"
#define OTHERS                                                                                     \
	SCRIPT("30_windows", "menuentry \"Windows\" {\n\tchainloader /x\n}\n"                      \
			     "submenu 'More' {\n\tmenuentry 'Old' {\n\t}\n}\n"                     \
			     "if [ x$grub_platform = xefi ]; then\n\tmenuentry 'Setup' {\n"        \
			     "\t\tfwsetup\n\t}\nfi\n")

#define BEFORE(value) HEADER(value) LINUX OTHERS
#define AT_12(value) HEADER(value) LINUX SCRIPT("12_hostdev-hook", OURS) OTHERS
#define LAST(value)                                                                                \
	HEADER(value) LINUX SCRIPT("12_hostdev-hook", "") OTHERS SCRIPT("99_hostdev-hook", OURS)

static int compare(const char *before, const char *after, const char *environment,
		   struct error *err)
{
	const struct text one = {.data = (char *)before}, other = {.data = (char *)after};

	return grub_default_compare(&one, &other, environment, err);
}

#define assert_same(before, after, environment)                                                    \
	do {                                                                                       \
		struct error err_ = ERROR_INIT;                                                    \
		assert_ok(compare(before, after, environment, &err_), &err_);                      \
	} while (0)

#define assert_other(before, after, environment, part)                                             \
	do {                                                                                       \
		struct error err_ = ERROR_INIT;                                                    \
		assert_int_equal(compare(before, after, environment, &err_), -EINVAL);             \
		assert_contains(err_.text, part);                                                  \
	} while (0)

static void a_number_before_ours_keeps_its_entry(void **state)
{
	(void)state;
	assert_same(BEFORE("0"), AT_12("0"), NULL);
	assert_same(BEFORE("1>1"), AT_12("1>1"), NULL);
	assert_same(BEFORE("1>gnulinux-2"), AT_12("1>gnulinux-2"), NULL);
}

static void a_number_behind_ours_would_get_another(void **state)
{
	(void)state;
	assert_other(BEFORE("2"), AT_12("2"), NULL,
		     "would start \"submenu 'VFIO' $menuentry_id_option 'hostdev-all' {\" by "
		     "itself, and not \"menuentry \"Windows\" {\" any more: \"2\" is a number");
	assert_other(BEFORE("3>0"), AT_12("3>0"), NULL, "'More' { > menuentry 'Old' {\" any more");
	assert_other(BEFORE("4"), AT_12("4"), NULL, "'Setup'");
	/* Of a number that is too large GRUB takes the first entry. */
	assert_other(BEFORE("5"), AT_12("5"), NULL, "not \"menuentry 'Linux'");
	assert_other(BEFORE("5"), LAST("5"), NULL, "submenu 'VFIO'");
}

static void behind_all_others_ours_change_no_number(void **state)
{
	(void)state;
	assert_same(BEFORE("2"), LAST("2"), NULL);
	assert_same(BEFORE("3>0"), LAST("3>0"), NULL);
	assert_same(BEFORE("4"), LAST("4"), NULL);
}

static void ids_and_titles_mean_the_same(void **state)
{
	(void)state;
	assert_same(BEFORE("Windows"), AT_12("Windows"), NULL);
	assert_same(BEFORE("gnulinux-advanced>gnulinux-2"), AT_12("gnulinux-advanced>gnulinux-2"),
		    NULL);
	assert_same("", "", NULL);
}

static void ours_may_be_the_default(void **state)
{
	(void)state;
	assert_same(BEFORE("0"), AT_12("hostdev-all>0"), NULL);
	assert_same(AT_12("hostdev-all>0"), AT_12("0"), NULL);
	/* Which entry was meant before ours came is not in this menu any more. */
	assert_other(AT_12("hostdev-all>0"), AT_12("2"), NULL, "submenu 'VFIO'");
	/* Somebody has chosen it by its number. */
	assert_same(AT_12("2"), AT_12("2"), NULL);
}

#define SAVED "# GRUB Environment Block\n"

static void what_grub_has_saved_counts(void **state)
{
	static const char before[] = BEFORE("${saved_entry}"), after[] = AT_12("${saved_entry}");

	(void)state;
	assert_same(before, after, NULL);
	assert_same(before, after, SAVED "saved_entry=\n####");
	assert_same(before, after, SAVED "saved_entry=Windows\n");
	assert_other(before, after, SAVED "saved_entry=2\n", "\"2\" is a number");
	assert_other(before, after, SAVED "saved_entry=0\nprev_saved_entry=2\n", "'VFIO'");
	assert_same(before, LAST("${saved_entry}"), SAVED "saved_entry=2\n");
	/* For one boot, whatever the default is. */
	assert_other(BEFORE("0"), AT_12("0"), SAVED "next_entry=2\n", "'VFIO'");
	assert_same(BEFORE("0"), AT_12("0"), SAVED "saved_entry=2\nnext_entry=1>0\n");
}

static bool is_behind(const char *value)
{
	return grub_default_is_behind(BEFORE("0"), value);
}

static void where_ours_would_move_a_number_is_known(void **state)
{
	(void)state;
	assert_false(is_behind("0"));
	assert_false(is_behind("1>2"));
	assert_true(is_behind("2"));
	assert_true(is_behind("2>0"));
	assert_false(is_behind("gnulinux-1"));
	assert_false(is_behind(""));
	/* Whether one under a condition is in the menu is not known: it counts neither way. */
	assert_true(grub_default_is_behind(
		HEADER("1") SCRIPT("06_x", "if [ x$a = xb ]; then\nmenuentry 'x' {\n}\nfi\n") LINUX,
		"2"));
}

static void ours_are_found_where_they_are(void **state)
{
	bool last;

	(void)state;
	assert_false(grub_menu_has_ours(BEFORE("0"), &last) || last);
	assert_true(grub_menu_has_ours(AT_12("0"), &last));
	assert_false(last);
	assert_true(grub_menu_has_ours(LAST("0"), &last) && last);
	assert_false(grub_menu_has_ours(BEFORE("0") SCRIPT("12_hostdev-hook", ""), &last) || last);
}

static void what_is_set_later_does_not_count(void **state)
{
	auto_text struct text file = TEXT_INIT;

	(void)state;
	text_printf(&file, "# Written\n");
	assert_false(grub_default_is_overruled(file.data, "2"));
	grub_default_instead("0", &file);
	text_printf(&file, "GRUB_DEFAULT='hostdev-all>0'\n");
	assert_false(grub_default_is_overruled(file.data, "0"));
	assert_true(grub_default_is_overruled(file.data, "02"));
	assert_true(grub_default_is_overruled(file.data, ""));
	assert_true(grub_default_is_overruled(file.data, NULL));
	text_done(&file);
	grub_default_instead(NULL, &file);
	assert_false(grub_default_is_overruled(file.data, NULL));
	assert_true(grub_default_is_overruled(file.data, "0"));
	assert_false(grub_default_is_overruled(NULL, "0"));
}

static void must_move(const char *before, const char *after, const char *environment,
		      const char *expected)
{
	const struct text one = {.data = (char *)before}, other = {.data = (char *)after};
	auto_text struct text said = TEXT_INIT;

	text_append(&said, "", 0);
	assert_int_equal(grub_default_moves(&one, &other, environment, &said), *expected != '\0');
	assert_text(said.data, expected);
}

#define WHERE                                                                                      \
	", in GRUB_DEFAULT or saved by grub-set-default or grub-reboot; put the id or the title "  \
	"of the entry there"

static void a_number_that_has_counted_ours_is_told(void **state)
{
	(void)state;
	must_move(
		AT_12("3"), BEFORE("3"), NULL,
		"now GRUB starts \"More\" by itself, and would have started \"Windows\": \"3\" is "
		"a number" WHERE);
	must_move(AT_12("2>0"), BEFORE("2>0"), NULL,
		  "now GRUB starts \"Windows\" by itself, and would have started \"VFIO > "
		  "Linux\": \"2>0\" is a number" WHERE);
	must_move(
		"set default=1\nsubmenu 'Keep A > B' {\n}\nmenuentry 'C' --class d {\n}\n",
		"set default=1\nmenuentry \"It's > C\" {\n}\n", NULL,
		"now GRUB starts \"It's > C\" by itself, and would have started \"C\": \"1\" is a "
		"number" WHERE);
	/* Set since, and the menu was not written then. */
	must_move(
		AT_12("0"), BEFORE("3"), NULL,
		"now GRUB starts \"More\" by itself, and would have started \"Windows\": \"3\" is "
		"a number" WHERE);
	must_move(
		AT_12("${saved_entry}"), BEFORE("${saved_entry}"), "saved_entry=2\n",
		"now GRUB starts \"Windows\" by itself, and would have started \"VFIO\": \"2\" is "
		"a number" WHERE);
	must_move(AT_12("0"), BEFORE("0"), "next_entry=3\n",
		  "at the next start GRUB starts \"More\" by itself, and would have started "
		  "\"Windows\": \"3\" is a number" WHERE);
}

static void the_name_of_one_of_ours_is_told(void **state)
{
	(void)state;
	must_move(AT_12("hostdev-all"), BEFORE("hostdev-all"), NULL,
		  "now GRUB starts \"Linux\" by itself, and would have started \"hostdev-all\": "
		  "\"hostdev-all\" is gone" WHERE);
	/* The one that a set-up has chosen goes with it. */
	must_move(AT_12("hostdev-all"), BEFORE("0"), NULL, "");
}

static void what_means_the_same_is_not_told(void **state)
{
	static const char *const saved[] = {NULL,
					    "saved_entry=0\n",
					    "saved_entry=1>1\n",
					    "saved_entry=Windows\n",
					    "saved_entry=gnulinux-advanced>gnulinux-2\n",
					    "next_entry=\nsaved_entry=1\n"};

	(void)state;
	for (size_t i = 0; i < sizeof(saved) / sizeof(*saved); i++)
		must_move(AT_12("${saved_entry}"), BEFORE("${saved_entry}"), saved[i], "");
	must_move(LAST("3"), BEFORE("3"), NULL, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_number_before_ours_keeps_its_entry),
		cmocka_unit_test(a_number_behind_ours_would_get_another),
		cmocka_unit_test(behind_all_others_ours_change_no_number),
		cmocka_unit_test(ids_and_titles_mean_the_same),
		cmocka_unit_test(ours_may_be_the_default),
		cmocka_unit_test(what_grub_has_saved_counts),
		cmocka_unit_test(where_ours_would_move_a_number_is_known),
		cmocka_unit_test(ours_are_found_where_they_are),
		cmocka_unit_test(what_is_set_later_does_not_count),
		cmocka_unit_test(a_number_that_has_counted_ours_is_told),
		cmocka_unit_test(the_name_of_one_of_ours_is_told),
		cmocka_unit_test(what_means_the_same_is_not_told),
	};

	return cmocka_run_group_tests_name("grub-default", tests, NULL, NULL);
}
