// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Plans of one, two and eight devices in which every kind of step occurs, and any one operation
 * that does not return: the hook answers within its time, names what hangs and has put everything
 * else back; and when the operation returns at last, all is home without anybody's call.
 * Nobody sits out a deadline of a minute: see tests/host/clock.h.
 */
#include "tests/hook/engine-call.h"

#include <errno.h>
#include <stdlib.h>

#include "actions/step-ops.h"
#include "model/journal.h"
#include "tests/host/clock.h"
#include "tests/model/kinds.h"

/* --- the guests --- */

#define METADATA                                                                                   \
	"<metadata><h:policy xmlns:h='urn:hostdev-hook:1' allow='console' wait-time='1' "          \
	"grace-time='1'/></metadata>"
#define GUEST(devices)                                                                             \
	"<domain type='kvm'><name>g1</name><uuid>" UUID_1 "</uuid>" METADATA "<devices>" devices   \
	"</devices></domain>"
#define TWO HOSTDEV("0x01", "0x0") HOSTDEV("0x01", "0x1")
#define EIGHT                                                                                      \
	TWO HOSTDEV("0x81", "0x0") HOSTDEV("0x83", "0x0") HOSTDEV("0x85", "0x0") HOSTDEV("0x86",   \
											 "0x0")    \
		HOSTDEV("0x87",                                                                    \
			"0x0") "<hostdev mode='subsystem' type='pci' "                             \
			       "managed='yes'><source><address "                                   \
			       "domain='0x10000' bus='0xe1' slot='0x00' function='0x0'/></source>" \
			       "</hostdev>"

struct setting {
	const char *host, *xml;
	int stride; /* every which operation is tried; EVERY_OPERATION=1: all */
};

static struct setting one = {"boot " BOOT "\n" KINDS_HOST_1, GUEST(HOSTDEV("0x01", "0x0")), 4};
static struct setting two = {"boot " BOOT "\n" KINDS_HOST_2, GUEST(TWO), 7};
static struct setting eight = {"boot " BOOT "\n" KINDS_HOST_8, GUEST(EIGHT), 17};

struct world {
	struct testhost *host;
	char *before;
	struct call prepare, release;
};

/* A test that fails leaves by a jump: its worker would hang for ever, and all that wait for it. */
static struct testhost *open_host;

static int let_go(void **state)
{
	(void)state;
	if (open_host)
		testhost_release(open_host);
	open_host = NULL;
	clock_watch(NULL);
	return 0;
}

static struct world world_make(const struct setting *setting)
{
	struct world world = {.host = testhost_new(setting->host),
			      .prepare = PREPARE("g1", setting->xml),
			      .release = RELEASE("g1", setting->xml)};

	open_host = world.host;
	world.before = testhost_tree(world.host);
	clock_watch(NULL);
	return world;
}

static void world_done(struct world *world)
{
	let_go(NULL);
	testhost_free(&world->host);
	free(world->before);
	call_done(&world->prepare);
	call_done(&world->release);
}

#define auto_world cleanup(world_done)

static void lend(struct world *world)
{
	testhost_script(world->host, NULL);
	call_engine(world->host, &world->prepare);
	assert_string_equal(world->prepare.said, "");
	assert_int_equal(world->prepare.status, 0);
}

static int count_operations(const struct setting *setting, bool of_return)
{
	auto_world struct world world = world_make(setting);

	lend(&world);
	if (!of_return)
		return testhost_operations(world.host);
	testhost_script(world.host, NULL);
	call_engine(world.host, &world.release);
	assert_string_equal(world.release.said, "");
	return testhost_operations(world.host);
}

/* --- what is left --- */

/* The one step in flight. */
static size_t find_in_flight(const struct journal *journal)
{
	size_t found = SIZE_MAX;

	for (size_t i = 0; i < journal->step_count; i++) {
		if (journal->marks[i] != MARK_IN_FLIGHT)
			continue;
		assert_int_equal(found, SIZE_MAX);
		found = i;
	}
	assert_int_not_equal(found, SIZE_MAX);
	return found;
}

/* By its address, name or number; of a program the message shows who it is, and not since when. */
static void assert_named(const char *said, const struct step *step)
{
	auto_free char *name = xstrdup(step->target);

	if (step->kind == STEP_PROCESS)
		*strchr(name, ':') = '\0';
	assert_contains(said, name);
}

static bool same_slot(const struct step *a, const struct step *b)
{
	const char *dot = strrchr(a->target, '.');

	return dot && strncmp(a->target, b->target, (size_t)(dot - a->target)) == 0;
}

static bool leaves_home(const struct step *step)
{
	return step->kind == STEP_DRIVER && strncmp(step->before, "none", 4) != 0 &&
	       !strstr(step->before, "vfio");
}

/*
 * May this one still be open while the other is in flight? Its device is busy; its slot changes
 * hands together; the console needs the card, and the socket its service; and nobody is invited to
 * open a card that is just being let go of.
 */
static bool may_wait(const struct step *step, const struct step *stuck)
{
	if (strcmp(step->target, stuck->target) == 0)
		return true;
	switch (step->kind) {
	case STEP_DRIVER:
	case STEP_POWER: /* with the driver that waits */
		return stuck->kind == STEP_DRIVER && same_slot(step, stuck);
	case STEP_FRAMEBUFFER:
		return stuck->kind == STEP_DRIVER;
	case STEP_VTCONSOLE:
		return stuck->kind == STEP_DRIVER || stuck->kind == STEP_FRAMEBUFFER;
	case STEP_UDEV:
		return leaves_home(stuck);
	case STEP_UNIT:
		if (leaves_home(stuck))
			return true;
		return stuck->kind == STEP_UNIT && strcmp(step->target, "lactd.socket") == 0 &&
		       strcmp(stuck->target, "lactd.service") == 0;
	default:
		return false;
	}
}

/* Home is what the first step on a cell has found. */
static bool is_first(const struct journal *journal, const struct step *step)
{
	for (const struct step *other = journal->steps; other < step; other++)
		if (other->kind == step->kind && strcmp(other->target, step->target) == 0)
			return false;
	return true;
}

static void assert_at_home(const struct world *world, const struct step *step,
			   const struct step *stuck)
{
	char now[CELL_VALUE_SIZE];
	struct error err = ERROR_INIT;
	int ret;

	if (step_ops(step->kind)->keep)
		return;
	ret = step_ops(step->kind)->read(&world->host->host, step->target, now, &err);
	/* What udev knows comes and goes with the driver. */
	if (ret == -ENODEV && step->kind == STEP_UDEV && stuck->kind == STEP_DRIVER)
		return;
	assert_ok(ret, &err);
	if (!step_value_equal(step->kind, now, step->before))
		fail_msg("%s %s is %s and was %s", step_kind_name(step->kind), step->target, now,
			 step->before);
}

static void assert_rest_is_home(const struct world *world, const char *said)
{
	auto_free char *text =
		tree_read(world->host->root_fd, "run/hostdev-hook/" UUID_1 ".journal");
	auto_free char *lines = xasprintf("%s\n", text ? text : "");
	auto_journal struct journal journal = JOURNAL_INIT;
	struct error err = ERROR_INIT;
	const struct step *stuck;

	assert_non_null(text);
	assert_ok(journal_parse(lines, strlen(lines), &journal, &err), &err);
	stuck = &journal.steps[find_in_flight(&journal)];
	assert_named(said, stuck);
	for (size_t i = 0; i < journal.step_count; i++) {
		const struct step *step = &journal.steps[i];

		if (may_wait(step, stuck))
			continue;
		if (journal_mark_is_unsettled(journal.marks[i]))
			fail_msg("%s %s is not settled, while %s hangs", step_kind_name(step->kind),
				 step->target, stuck->target);
		if (is_first(&journal, step))
			assert_at_home(world, step, stuck);
	}
}

static void assert_comes_home(struct world *world)
{
	auto_free char *now = NULL;

	let_go(NULL);
	assert_false(has_journal(world->host, UUID_1));
	now = testhost_tree(world->host);
	assert_text(now, world->before);
}

static void call_with_hang(struct world *world, struct call *call, int at, int number)
{
	struct fault fault = {.kind = number % 2 ? FAULT_HANG_AFTER : FAULT_HANG, .at = at};

	testhost_script(world->host, &fault);
	clock_watch(world->host);
	call_engine(world->host, call);
	if (call->status != 1 || !strstr(call->said, "the kernel has not answered for"))
		fail_msg("operation %d hangs: status %d, \"%s\"", at, call->status, call->said);
}

static void a_start_that_hangs(void **state)
{
	const struct setting *setting = *state;
	int count = count_operations(setting, false);

	assert_true(count > 8);
	for (int at = 0, number = 0; at < count; at += setting->stride, number++) {
		auto_world struct world world = world_make(setting);

		call_with_hang(&world, &world.prepare, at, number);
		assert_rest_is_home(&world, world.prepare.said);
		assert_comes_home(&world);
	}
}

static void a_return_that_hangs(void **state)
{
	const struct setting *setting = *state;
	int count = count_operations(setting, true);

	assert_true(count > 8);
	for (int at = 0, number = 1; at < count; at += setting->stride, number++) {
		auto_world struct world world = world_make(setting);

		lend(&world);
		call_with_hang(&world, &world.release, at, number);
		assert_rest_is_home(&world, world.release.said);
		assert_comes_home(&world);
	}
}

#define on(test, at)                                                                               \
	{                                                                                          \
		.name = #test "(" #at ")", .test_func = (test), .teardown_func = let_go,           \
		.initial_state = &(at)                                                             \
	}
#define everywhere(test) on(test, one), on(test, two), on(test, eight)

int main(void)
{
	struct setting *settings[] = {&one, &two, &eight};
	const struct CMUnitTest tests[] = {
		everywhere(a_start_that_hangs),
		everywhere(a_return_that_hangs),
	};

	for (size_t i = 0; getenv("EVERY_OPERATION") && i < 3; i++)
		settings[i]->stride = 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
