// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The record of a set-up as text: written, read, and what is no record.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/setup.h"

#define DIGEST "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

#define HEAD                                                                                       \
	"hostdev-hook set-up 1\n"                                                                  \
	"mode multiboot\n"                                                                         \
	"arguments --devices 0000:01:00.0\n"                                                       \
	"version 0.2.0\n"                                                                          \
	"kernel 6.12.48+deb13-amd64\n"
#define PROMISE                                                                                    \
	"device 0000:01:00.0 10de:2204:1458:403b class=030000\n"                                   \
	"device 0000:01:00.1 10de:1aef:1458:403b class=040300\n"                                   \
	"home 0000:01:00.0 nvidia pci:v000010DEd00002204sv00001458sd0000403Bbc03sc00i00\n"         \
	"home 0000:01:00.1 none\n"                                                                 \
	"members 0000:01:00.0 0000:01:00.1\n"                                                      \
	"members 0000:02:00.0\n"                                                                   \
	"twins 0000:01:00.0 2of3\n"                                                                \
	"choice hostdev-all hostdev.guest=0000:01:00.0=10de:2204:1458:403b:030000\n"               \
	"choice static\n"
#define STEPS                                                                                      \
	"step build image:/usr/sbin/update-initramfs,-u built -> stale # when it is taken back\n"  \
	"step file /etc/grub.d/12_hostdev-hook absent -> 0755,0:0," DIGEST " # entries\n"          \
	"step check shell:/etc/grub.d/12_hostdev-hook open -> passed # its shell can be read\n"

static int parse(const char *text, struct setup *ret, struct error *err)
{
	return setup_parse(text, strlen(text), ret, err);
}

static void assert_same(const char *text)
{
	auto_text struct text out = TEXT_INIT;
	auto_setup struct setup setup = {0};
	struct error err = ERROR_INIT;

	assert_ok(parse(text, &setup, &err), &err);
	setup_format(&setup, &out);
	assert_text(out.data, text);
}

static void what_is_written_is_read_as_the_same(void **state)
{
	(void)state;
	assert_same(HEAD);
	assert_same(HEAD PROMISE STEPS);
	assert_same(HEAD PROMISE STEPS "begun 1\ndone 2\nskipped 3\n");
	assert_same(HEAD PROMISE STEPS "done 1\nundone 2\napplied\nundoing\n");
}

static void all_that_is_promised_is_known_again(void **state)
{
	auto_setup struct setup setup = {0};
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(parse(HEAD PROMISE STEPS "begun 1\ndone 1\nbegun 2\napplied\n", &setup, &err),
		  &err);
	assert_text(setup.mode, "multiboot");
	assert_text(setup.arguments, "--devices 0000:01:00.0");
	assert_text(setup.kernel, "6.12.48+deb13-amd64");
	assert_int_equal(setup.devices.count, 2);
	assert_text(setup_home(&setup, &setup.devices.items[0].addr)->driver, "nvidia");
	assert_text(setup_home(&setup, &setup.devices.items[1].addr)->driver, "none");
	assert_text(setup.homes[1].modalias, "");
	assert_int_equal(setup.member_count, 3);
	assert_int_equal(setup.members[1].group, 0);
	assert_int_equal(setup.members[2].group, 1);
	assert_int_equal(setup_twin(&setup, &setup.members[0].addr)->rank, 2);
	assert_int_equal(setup_twin(&setup, &setup.members[0].addr)->count, 3);
	assert_null(setup_twin(&setup, &setup.members[2].addr));
	assert_text(setup.choices[1].words, "");
	assert_int_equal(setup.marks[0], MARK_DONE);
	assert_int_equal(setup.marks[1], MARK_BEGUN);
	assert_int_equal(setup.marks[2], MARK_PLANNED);
	assert_true(setup.applied && !setup.undoing && setup_is_in_force(&setup));
}

static void drivers_may_have_blanks_in_their_names(void **state)
{
	static const char text[] = HEAD
		"home 0000:00:1f.0 i6300ESB\\x20timer pci:v00008086d000025ABsv0sd0bc08sc80i00\n";
	auto_setup struct setup setup = {0};
	struct error err = ERROR_INIT;

	(void)state;
	assert_same(text);
	assert_ok(parse(text, &setup, &err), &err);
	assert_text(setup.homes[0].driver, "i6300ESB timer");
}

static void arguments_may_hold_anything(void **state)
{
	struct setup setup = {.mode = xstrdup("static"),
			      .arguments = xstrdup("a\nb \\ \x7f \xc3\xa4 \xff"),
			      .version = xstrdup("1"),
			      .kernel = xstrdup("")};
	auto_text struct text out = TEXT_INIT;
	auto_setup struct setup again = {0};
	struct error err = ERROR_INIT;

	(void)state;
	setup_format(&setup, &out);
	assert_ok(setup_parse(out.data, out.length, &again, &err), &err);
	assert_string_equal(again.arguments, setup.arguments);
	assert_text(again.kernel, "");
	setup_done(&setup);
}

static void half_a_line_is_passed_over(void **state)
{
	auto_setup struct setup setup = {0};
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(parse(HEAD STEPS "begun 1\ndone 1", &setup, &err), &err);
	assert_int_equal(setup.marks[0], MARK_BEGUN);
	assert_false(setup.applied);
	setup_done(&setup);
	assert_ok(parse(HEAD STEPS "begun 1\nappli", &setup, &err), &err);
	assert_false(setup.applied);
}

static void lines_of_a_later_version_are_passed_over(void **state)
{
	auto_setup struct setup setup = {0};
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(parse(HEAD "wish something new\nseen\n" STEPS "confirmed 3\n", &setup, &err),
		  &err);
	assert_int_equal(setup.step_count, 3);
}

static void damaged_records_are_refused_by_line(void **state)
{
	static const struct {
		const char *text, *error;
	} damaged[] = {
		{"", "not whole"},
		{"hostdev-hook set-up 1\n", "not whole"},
		{"hostdev-hook set-up 2\n", "another version of hostdev-hook"},
		{"rubbish\n", "line 1 "},
		{HEAD "mode static\n", "line 6 "},
		{HEAD "device 0000:01:00.0\n", "line 6 "},
		{HEAD "device 0000:01:00.0 10de:2204:1458:403b class=030000\n"
		      "device 0000:01:00.0 10de:2204:1458:403b class=030000\n",
		 "line 7 "},
		{HEAD "home 0000:01:00.0\n", "line 6 "},
		{HEAD "home 0000:01:00.0 a b c\n", "line 6 "},
		{HEAD "home 0000:01:00.0 a,module=b c\n", "line 6 "},
		{HEAD "home 0000:01:00.0 a\nhome 0000:01:00.0 b\n", "line 7 "},
		{HEAD "members 0000:01:00.0 0000:01:00.0\n", "line 6 "},
		{HEAD "members 0000:01:00.0  0000:01:00.1\n", "line 6 "},
		{HEAD "members x\n", "line 6 "},
		{HEAD "twins 0000:01:00.0\n", "line 6 "},
		{HEAD "twins 0000:01:00.0 3of2\n", "line 6 "},
		{HEAD "twins 0000:01:00.0 1of2\ntwins 0000:01:00.0 1of2\n", "line 7 "},
		{HEAD "choice \n", "line 6 "},
		{HEAD "step file /etc/x absent\n", "line 6 "},
		{HEAD "step file /etc/x absent -> absent # \n", "line 6 "},
		{HEAD STEPS "done 4\n", "line 9 "},
		{HEAD STEPS "done 0\n", "line 9 "},
		{HEAD STEPS "done 1 x\n", "line 9 "},
		{HEAD "done 1\n" STEPS, "line 6 "},
		{HEAD "\n", "line 6 "},
		{HEAD "Upper\n", "line 6 "},
		{"hostdev-hook set-up 1\nmode a\\q\n", "line 2 "},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(damaged) / sizeof(*damaged); i++) {
		struct setup setup = {0};
		struct error err = ERROR_INIT;

		assert_int_equal(parse(damaged[i].text, &setup, &err), -EBADMSG);
		assert_contains(err.text, damaged[i].error);
		assert_null(setup.mode);
	}
	assert_int_equal(setup_parse("hostdev-hook set-up 1\0\n", 23, &(struct setup){0}, NULL),
			 -EBADMSG);
}

static void what_is_begun_and_not_taken_back_is_in_force(void **state)
{
	static const struct {
		const char *marks;
		bool in_force;
	} cases[] = {
		{"", false},
		{"begun 2\n", true},
		{"done 1\nundone 1\n", false},
		{"done 1\ndone 2\nundone 2\n", true},
		{"skipped 1\n", false},
		{"applied\n", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		auto_free char *text = xasprintf(HEAD STEPS "%s", cases[i].marks);
		auto_setup struct setup setup = {0};
		struct error err = ERROR_INIT;

		assert_ok(parse(text, &setup, &err), &err);
		assert_int_equal(setup_is_in_force(&setup), cases[i].in_force);
	}
}

static void words_of_every_boot_are_those_of_no_choice(void **state)
{
	auto_setup struct setup setup = {0};

	(void)state;
	assert_text(setup_usual_words(NULL), "");
	assert_text(setup_usual_words(&setup), "");
	setup_add_choice(&setup, xstrdup("static"), xstrdup("a=1 b"));
	assert_text(setup_usual_words(&setup), "a=1 b");
	free(setup.choices[0].id);
	setup.choices[0].id = xstrdup("hostdev-all");
	assert_text(setup_usual_words(&setup), "");
	setup_add_choice(&setup, xstrdup("hostdev-keep-0000:01:00.0"), xstrdup("c"));
	assert_text(setup_usual_words(&setup), "");
}

/* Other words of a set-up may be the user's own as well. */
static void only_words_that_reserve_are_looked_for_in_lines_of_others(void **state)
{
	static const char *const cases[][2] = {
		{WORD_GUEST "0000:01:00.0=1 iommu=pt", WORD_GUEST "0000:01:00.0=1 iommu=pt"},
		{"vfio-pci.ids=10de:2204:0000:0000", "vfio-pci.ids=10de:2204:0000:0000"},
		{"intel_iommu=on", ""},
		{"", ""},
	};

	(void)state;
	assert_text(setup_reserving_words(NULL), "");
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		auto_setup struct setup setup = {0};

		setup_add_choice(&setup, xstrdup("static"), xstrdup(cases[i][0]));
		assert_text(setup_reserving_words(&setup), cases[i][1]);
		setup_add_choice(&setup, xstrdup("hostdev-all"), xstrdup(cases[i][0]));
		assert_text(setup_reserving_words(&setup), "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read_as_the_same),
		cmocka_unit_test(all_that_is_promised_is_known_again),
		cmocka_unit_test(drivers_may_have_blanks_in_their_names),
		cmocka_unit_test(arguments_may_hold_anything),
		cmocka_unit_test(half_a_line_is_passed_over),
		cmocka_unit_test(lines_of_a_later_version_are_passed_over),
		cmocka_unit_test(damaged_records_are_refused_by_line),
		cmocka_unit_test(what_is_begun_and_not_taken_back_is_in_force),
		cmocka_unit_test(words_of_every_boot_are_those_of_no_choice),
		cmocka_unit_test(only_words_that_reserve_are_looked_for_in_lines_of_others),
	};

	return cmocka_run_group_tests_name("setup", tests, NULL, NULL);
}
