// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a start that came to nothing says of whom it has ended or stopped, and what becomes of what
 * does not come back.
 */
#include "tests/hook/engine-call.h"

#include <errno.h>

#include "base/worker.h"
#include "model/journal.h"
#include "session/lend-message.h"
#include "session/session.h"

static const char held_machine[] =
	"boot " BOOT "\n"
	"bridge 0000:00:01.0 8086:1901 bus=01 group=1 driver=pcieport\n"
	"device 0000:01:00.0 1002:744c class=030000 group=14 driver=amdgpu\n"
	"driver amdgpu module=amdgpu\n"
	"node 0000:01:00.0 drm/renderD128 226:128 subsystem=drm name=dri/renderD128\n"
	"module vfio-pci unloaded registers=vfio-pci\n"
	"unit lactd.service active pids=900\n";

#define LACTD "process 900 comm=lactd cgroup=/system.slice/lactd.service holds=dri/renderD128\n"
#define MPV "process 812 comm=mpv holds=dri/renderD128\n"

static void fail_after(const char *holders, const char *end, struct call *prepare)
{
	auto_free char *text = xasprintf("%s%s", held_machine, holders);
	auto_testhost struct testhost *host = testhost_new(text);
	struct fault fault = {
		.kind = FAULT_FAIL, .at = FAULT_ANY, .path = "drivers/vfio-pci/bind", .code = EIO};

	testhost_script(host, &fault);
	call_engine(host, prepare);
	assert_int_equal(prepare->status, 1);
	assert_contains(prepare->said, end);
	assert_false(has_journal(host, UUID_1));
}

#define XML DOMAIN("g1", UUID_1, HOSTDEV("0x01", "0x0"))

static void who_was_ended_is_named(void **state)
{
	auto_call struct call prepare = PREPARE("g1", XML);

	(void)state;
	fail_after(MPV,
		   "\nEvery setting is back as it was; ended, and not to be brought back: process "
		   "812 (mpv, user root) through /dev/dri/renderD128. Each step",
		   &prepare);
	assert_null(strstr(prepare.said, "nothing was changed"));
}

/* Its file of state is as it was; what it was doing is not. */
static void a_unit_that_was_stopped_is_named(void **state)
{
	auto_call struct call prepare = PREPARE("g1", XML);

	(void)state;
	fail_after(LACTD,
		   "\nEvery setting is back as it was; stopped in between, with all that it did: "
		   "lactd.service. Each step",
		   &prepare);
	assert_null(strstr(prepare.said, "nothing was changed"));
}

static void both_are_named(void **state)
{
	auto_call struct call prepare = PREPARE("g1", XML);

	(void)state;
	fail_after(LACTD MPV,
		   "through /dev/dri/renderD128; stopped in between, with all that it did: "
		   "lactd.service. Each step",
		   &prepare);
}

static void nobody_was_there(void **state)
{
	auto_call struct call prepare = PREPARE("g1", XML);

	(void)state;
	fail_after("",
		   "\nEverything is back as it was, so in the end nothing was changed. Each step",
		   &prepare);
}

#define BROWSER                                                                                    \
	"session 2 uid=1000 user=alice active seat=seat0\n"                                        \
	"process 730 comm=firefox uid=1000 cgroup=/user.slice/user-1000.slice/user@1000.service/"  \
	"app.slice/app-firefox-730.scope holds=dri/renderD128 term=ignored\n"

/* As a refusal: who and why, what to do, and the command for whoever wants it all the same. */
static void a_program_that_does_not_end_is_a_refusal(void **state)
{
	auto_free char *text = xasprintf("%s%s", held_machine, BROWSER);
	auto_testhost struct testhost *host = testhost_new(text);
	auto_call struct call prepare = PREPARE("g1", XML);
	auto_free char *before = testhost_tree(host), *after = NULL;
	unsigned int lines = 0;

	(void)state;
	call_engine(host, &prepare);
	assert_int_equal(prepare.status, 1);
	assert_contains(prepare.said, "g1 is not started: 0000:01:00.0");
	assert_contains(prepare.said, " is used by process 730 (firefox, user alice, session 2");
	assert_contains(prepare.said, " through /dev/dri/renderD128.\nIt was asked to end: ");
	assert_contains(prepare.said,
			" Its work may not be saved, so it is not killed. Save it, and "
			"end the program.\n"
			"To lend it all the same: hostdevctl set g1 processes=kill\n"
			"Everything is back as it was, so in the end nothing was changed.");
	for (const char *at = prepare.said; (at = strchr(at, '\n')); at++)
		lines++;
	/* With the one before it. */
	assert_int_equal(lines, 5);
	assert_false(has_journal(host, UUID_1));
	after = testhost_tree(host);
	assert_text(after, before);
}

/* What a unit does not do any more is no reason to keep a device that is home from others. */
static void a_unit_that_does_not_start_keeps_no_device(void **state)
{
	auto_free char *text = xasprintf("%s%s", held_machine, LACTD);
	auto_testhost struct testhost *host = testhost_new(text);
	struct fault fault = {.kind = FAULT_FAIL,
			      .at = FAULT_ANY,
			      .path = "lactd.service",
			      .value = "start",
			      .code = EIO};
	auto_call struct call prepare = PREPARE("g1", XML), release = RELEASE("g1", XML);
	auto_call struct call second = PREPARE("g2", DOMAIN("g2", UUID_2, HOSTDEV("0x01", "0x0")));
	auto_call struct call third = PREPARE("g1", XML);

	(void)state;
	call_engine(host, &prepare);
	assert_int_equal(prepare.status, 0);
	testhost_script(host, &fault);
	call_engine(host, &release);
	assert_contains(release.said, "not everything could be returned");
	assert_true(has_journal(host, UUID_1));
	call_engine(host, &second);
	assert_string_equal(second.said, "");
	assert_int_equal(second.status, 0);
	call_engine(host, &third);
	assert_contains(third.said, "belongs to guest g2");
}

/* Its package was removed while the guest ran. */
static void a_unit_that_is_gone_is_given_up(void **state)
{
	auto_free char *text = xasprintf("%s%s", held_machine, LACTD);
	auto_testhost struct testhost *host = testhost_new(text);
	auto_call struct call prepare = PREPARE("g1", XML), release = RELEASE("g1", XML);

	(void)state;
	call_engine(host, &prepare);
	assert_int_equal(prepare.status, 0);
	host->machine.units[0].name[0] = 'x';
	call_engine(host, &release);
	assert_string_equal(release.said, "");
	assert_int_equal(release.status, 0);
	assert_false(has_journal(host, UUID_1));
}

#define HEAD "hostdev-hook journal 1\nboot " BOOT "\nguest g1\nuuid " UUID_1 "\n"
#define STEP(pid, after) "step process " pid ":5000@0000:01:00.0 held -> " after " # " pid "\n"

/* Whom nobody has buried yet, and whose number somebody else has by now. */
static void the_dead_are_known(void **state)
{
	static const char text[] = HEAD STEP("811", "free,grace=1000") STEP("812",
									    "free,grace=1000")
		STEP("813", "free,grace=1000") STEP("814", "free,wait=1000") STEP(
			"815", "free,grace=1000") "done 1\ndone 2\nbegun 3\ndone 4\nskipped 5\n";
	auto_testhost struct testhost *host =
		testhost_new("process 811 start=9000 comm=other\n"
			     "process 812 comm=mpv zombie\n"
			     "process 813 comm=lives zombie threads=901\n");
	struct execution execution = {.host = &host->host};
	auto_text struct text losses = TEXT_INIT;
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(journal_parse(text, strlen(text), &execution.journal, &err), &err);
	lend_tell_losses(&execution, &losses);
	assert_string_equal(losses.data, "; ended, and not to be brought back: 811, 812");
	journal_done(&execution.journal);
}

/* Its stop takes longer than we wait; one that systemd would not even begin to stop is as it was.
 */
static void units_that_are_being_stopped_are_known(void **state)
{
	static const char text[] =
		HEAD "step unit slow.service active -> inactive # x\n"
		     "step unit refused.service active -> inactive # x\n"
		     "step unit later.service active -> inactive # x\nbegun 1\nbegun 2\n";
	auto_testhost struct testhost *host = testhost_new("unit slow.service inactive\n"
							   "unit refused.service active pids=900\n"
							   "unit later.service inactive\n");
	struct execution execution = {.host = &host->host};
	auto_text struct text losses = TEXT_INIT;
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(journal_parse(text, strlen(text), &execution.journal, &err), &err);
	lend_tell_losses(&execution, &losses);
	workers_dismiss();
	assert_string_equal(losses.data,
			    "; stopped in between, with all that it did: slow.service");
	journal_done(&execution.journal);
}

/* A user may kill the process that asks his manager on our behalf: nothing is in the kernel then.
 */
static void whoever_asks_for_a_unit_may_be_killed(void **state)
{
	auto_free char *text = xasprintf("%s%s", held_machine, LACTD);
	auto_testhost struct testhost *host = testhost_new(text);
	struct fault fault = {.kind = FAULT_FAIL,
			      .at = FAULT_ANY,
			      .path = "lactd.service",
			      .value = "start",
			      .code = ECHILD};
	auto_call struct call prepare = PREPARE("g1", XML), release = RELEASE("g1", XML);
	auto_call struct call again = PREPARE("g1", XML);

	(void)state;
	call_engine(host, &prepare);
	assert_int_equal(prepare.status, 0);
	testhost_script(host, &fault);
	call_engine(host, &release);
	assert_contains(release.said, "not everything could be returned");
	assert_null(strstr(release.said, "restart of the host"));
	call_engine(host, &again);
	assert_string_equal(again.said, "");
	assert_int_equal(again.status, 0);
}

static void what_was_left_alone_is_told(void **state)
{
	const struct session none = SESSION_INIT, some = {.left_alone = true};
	auto_text struct text nothing = TEXT_INIT, left = TEXT_INIT, well = TEXT_INIT;
	auto_text struct text less = TEXT_INIT;

	(void)state;
	text_append(&nothing, "", 0);
	session_tell_left_alone(&none, &nothing);
	assert_string_equal(nothing.data, "");
	session_tell_left_alone(&some, &left);
	assert_contains(left.data, ", but for what somebody else has changed");
	lend_tell_undone(&nothing, &nothing, &well);
	assert_contains(well.data, "in the end nothing was changed");
	lend_tell_undone(&nothing, &left, &less);
	assert_contains(less.data, "Every setting is back as it was, but for what");
	assert_null(strstr(less.data, "nothing was changed"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_was_ended_is_named),
		cmocka_unit_test(a_unit_that_was_stopped_is_named),
		cmocka_unit_test(both_are_named),
		cmocka_unit_test(nobody_was_there),
		cmocka_unit_test(a_program_that_does_not_end_is_a_refusal),
		cmocka_unit_test(the_dead_are_known),
		cmocka_unit_test(units_that_are_being_stopped_are_known),
		cmocka_unit_test(whoever_asks_for_a_unit_may_be_killed),
		cmocka_unit_test(what_was_left_alone_is_told),
		cmocka_unit_test(a_unit_that_does_not_start_keeps_no_device),
		cmocka_unit_test(a_unit_that_is_gone_is_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
