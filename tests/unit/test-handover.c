// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The record of a guest's last hand-overs: what is written is read again, what a later version adds
 * is passed over, and what is damaged is refused with its line.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/handover.h"

#define UUID "4dea22b3-1d52-48f3-a516-782e98ab3fa0"
#define LEND "lend done 1764525180 5321\n"
#define STEP "step 812 set driver 0000:01:00.0\n"
#define RETURN                                                                                     \
	"return unsettled 1764529999 24000\nmessage not everything: a\\x5cb\nmessage \n"           \
	"message Try again.\nstep 20000 failed driver 0000:01:00.0\n"                              \
	"step 0 left unit a.service\n"

static int parse(const char *text, struct handovers *ret, struct error *err)
{
	return handovers_parse(text, strlen(text), ret, err);
}

static void what_is_written_is_read(void **state)
{
	static const char text[] =
		"hostdev-hook handovers 1\nguest win 11\\x0a\nuuid " UUID "\n" LEND STEP RETURN;
	auto_handovers struct handovers handovers = {0};
	const struct handover *lend = &handovers.last[HANDOVER_LEND];
	const struct handover *back = &handovers.last[HANDOVER_RETURN];
	auto_text struct text again = TEXT_INIT;
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(parse(text, &handovers, &err), &err);
	assert_string_equal(handovers.guest, "win 11\n");
	assert_string_equal(handovers.uuid, UUID);
	assert_int_equal(lend->result, HANDOVER_DONE);
	assert_int_equal(lend->at, 1764525180);
	assert_int_equal(lend->duration_ms, 5321);
	assert_null(lend->message);
	assert_int_equal(lend->step_count, 1);
	assert_int_equal(lend->steps[0].kind, STEP_DRIVER);
	assert_int_equal(lend->steps[0].deed, DEED_SET);
	assert_string_equal(lend->steps[0].target, "0000:01:00.0");
	assert_int_equal(lend->steps[0].duration_ms, 812);
	assert_int_equal(back->result, HANDOVER_UNSETTLED);
	assert_string_equal(back->message, "not everything: a\\b\n\nTry again.");
	assert_int_equal(back->step_count, 2);
	assert_int_equal(back->steps[0].deed, DEED_FAILED);
	assert_int_equal(back->steps[1].deed, DEED_LEFT);
	handovers_format(&handovers, &again);
	assert_text(again.data, text);
}

static void the_last_of_several_holds(void **state)
{
	auto_handovers struct handovers handovers = {0};
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(parse("hostdev-hook handovers 1\nguest a\nuuid " UUID "\n" LEND STEP
			"lend refused 7 1\nmessage no\n",
			&handovers, &err),
		  &err);
	assert_int_equal(handovers.last[HANDOVER_LEND].result, HANDOVER_REFUSED);
	assert_int_equal(handovers.last[HANDOVER_LEND].step_count, 0);
	assert_string_equal(handovers.last[HANDOVER_LEND].message, "no");
	assert_int_equal(handovers.last[HANDOVER_RETURN].result, HANDOVER_NONE);
}

#define GOOD "hostdev-hook handovers 1\nguest a\nuuid " UUID "\n"

static void what_a_later_version_adds_is_passed_over(void **state)
{
	auto_handovers struct handovers handovers = {0};
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(parse(GOOD
			"weather fine\nlend done 5 6 +by=hand +x=y\nmood good\n"
			"step 1 set warp 0000:01:00.0\nstep 1 melted driver 0000:01:00.0\n" STEP
			"message cut o",
			&handovers, &err),
		  &err);
	assert_int_equal(handovers.last[HANDOVER_LEND].at, 5);
	assert_int_equal(handovers.last[HANDOVER_LEND].step_count, 1);
	assert_null(handovers.last[HANDOVER_LEND].message);
}

static void what_is_malformed_is_refused_with_its_line(void **state)
{
	static const struct {
		const char *text, *where;
	} rows[] = {
		{"", "line 1"},
		{"hostdev-hook handovers 2\n", "line 1"},
		{"hostdev-hook journal 1\n", "line 1"},
		{"hostdev-hook handovers 1\n", "line 2"},
		{"hostdev-hook handovers 1\nguests a\n", "line 2"},
		{"hostdev-hook handovers 1\nguest a\\b\n", "line 2"},
		{"hostdev-hook handovers 1\nguest a\nuuid 1\n", "line 3"},
		{GOOD "\n", "line 4"},
		{GOOD "lend\n", "line 4"},
		{GOOD "lend none 5 6\n", "line 4"},
		{GOOD "lend fine 5 6\n", "line 4"},
		{GOOD "lend done 5\n", "line 4"},
		{GOOD "lend done -5 6\n", "line 4"},
		{GOOD "lend done 05 6\n", "line 4"},
		{GOOD "lend done 5 6 7\n", "line 4"},
		{GOOD "lend done 99999999999999999999 6\n", "line 4"},
		{GOOD "message nobody's\n", "line 4"},
		{GOOD STEP, "line 4"},
		{GOOD LEND "step 1 set driver\n", "line 5"},
		{GOOD LEND "step 1 set driver a b\n", "line 5"},
		{GOOD LEND "step x set driver a\n", "line 5"},
		{GOOD LEND "message a\\b\n", "line 5"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct handovers handovers = {.guest = NULL};
		struct error err = ERROR_INIT;

		if (parse(rows[i].text, &handovers, &err) != -EBADMSG)
			fail_msg("\"%s\" was taken for a record", rows[i].text);
		assert_contains(err.text, rows[i].where);
		assert_null(handovers.guest);
	}
}

static void a_nul_is_refused(void **state)
{
	static const char text[] = GOOD LEND "message a\0b\n";
	struct handovers handovers;

	(void)state;
	assert_int_equal(handovers_parse(text, sizeof(text) - 1, &handovers, NULL), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(the_last_of_several_holds),
		cmocka_unit_test(what_a_later_version_adds_is_passed_over),
		cmocka_unit_test(what_is_malformed_is_refused_with_its_line),
		cmocka_unit_test(a_nul_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
