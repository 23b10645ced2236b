// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A plan that lets go what people use, on a machine whose drivers never come back from an unbind
 * while somebody holds a node: whatever fails, and wherever the hook dies, all but the processes is
 * as it was, and no such unbind was tried (the made-up machine forbids it).
 */
#include "tests/host/check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "actions/execution-run.h"
#include "tests/host/lending.h"
#include "tests/host/tree.h"

#define GPU "0000:01:00.0"
#define AUDIO "0000:01:00.1"

#define MACHINE                                                                                    \
	"device " GPU " 1002:73bf class=030000 group=14 driver=amdgpu power=auto\n"                \
	"device " AUDIO " 1002:ab28 class=040300 group=14 driver=snd_hda_intel power=auto\n"       \
	"driver amdgpu module=amdgpu probe_power=auto hangs-if-held\n"                             \
	"driver snd_hda_intel module=snd_hda_intel probe_power=auto hangs-if-held\n"               \
	"module vfio-pci unloaded uses=vfio,vfio_pci_core\n"                                       \
	"node " GPU " drm/card1 226:1 name=dri/card1\n"                                            \
	"node " GPU " drm/renderD129 226:129 name=dri/renderD129\n"                                \
	"node " AUDIO " sound/card1/controlC1 116:7 subsystem=sound name=snd/controlC1\n"          \
	"framebuffer fb0 " GPU "\n"                                                                \
	"framebuffer fb1 efi-framebuffer.0 driver=efi-framebuffer\n"                               \
	"vtconsole vtcon1 name=\"(M) frame buffer device\" bound\n"                                \
	"unit gdm.service active pids=900\n"                                                       \
	"process 900 comm=Xorg holds=dri/card1,snd/controlC1\n"                                    \
	"process 700 comm=pipewire holds=snd/controlC1 lets-go\n"

#define PLAYER "process 812 comm=mpv holds=dri/renderD129 maps=dri/card1\n"
#define LEADER "process 1 comm=systemd\n"

#define HEAD                                                                                       \
	"hostdev-hook journal 1\nboot 0d9e2c1e-5b7a-4f0e-9d55-6a1f3c2b4e10\nguest win11\n"         \
	"uuid " TEST_UUID "\nclaim " GPU "\nclaim " AUDIO "\n"

#define LET_GO                                                                                     \
	"step unit gdm.service active,drm=" GPU " -> inactive # shows on " GPU "\n"                \
	"step udev c116:7 known -> withdrawn # of " AUDIO "\n"                                     \
	"step udev c226:1 known -> withdrawn # of " GPU "\n"                                       \
	"step vtconsole vtcon1 bound -> unbound # console on " GPU "\n"                            \
	"step framebuffer efi-framebuffer.0 efi-framebuffer -> none # on " GPU "\n"
#define GATES                                                                                      \
	"step process 812:5000@" GPU " held -> free,wait=5,grace=100 # mpv\n"                      \
	"step holders " GPU "," AUDIO " free -> free,wait=5 # nobody may have them open\n"
#define TAKE                                                                                       \
	"step module vfio-pci absent -> loaded # driver of win11\n"                                \
	"step power " AUDIO " auto,d3cold=1 -> on,d3cold=1 # awake\n"                              \
	"step power " GPU " auto,d3cold=1 -> on,d3cold=1 # awake\n"                                \
	"step driver " AUDIO " snd_hda_intel -> none,override=vfio-pci # win11\n"                  \
	"step driver " GPU " amdgpu -> none,override=vfio-pci # win11\n"                           \
	"step driver " AUDIO " none,override=vfio-pci -> vfio-pci,override=vfio-pci # win11\n"     \
	"step driver " GPU " none,override=vfio-pci -> vfio-pci,override=vfio-pci # win11\n"

struct world {
	struct testhost *host;
	const char *plan;
	char *before;
};

static struct world world_make(const char *machine, const char *plan)
{
	struct world world = {.host = testhost_new(machine), .plan = plan};

	world.before = testhost_tree(world.host);
	return world;
}

static void world_done(struct world *world)
{
	testhost_free(&world->host);
	free(world->before);
}

#define auto_world cleanup(world_done)

static struct world whole(void)
{
	return world_make(MACHINE PLAYER LEADER, HEAD LET_GO GATES TAKE);
}

/* As the hook goes about it: what cannot be done is undone. */
static int lend(struct world *world, struct error *err)
{
	cleanup(execution_done) struct execution execution = {0};
	auto_journal struct journal journal = {0};
	int ret = journal_parse(world->plan, strlen(world->plan), &journal, err);

	tree_dir(world->host->root_fd, "run/" STATE_DIR);
	if (ret == 0)
		ret = execution_create(&execution, &world->host->host, &journal, err);
	if (ret < 0)
		return ret;
	ret = execution_run(&execution, err);
	if (ret < 0 && execution_undo(&execution, NULL) == 0)
		execution_finish(&execution, NULL);
	return ret;
}

static int lend_work(struct testhost *host, void *data)
{
	(void)host;
	return lend(data, NULL) < 0;
}

static void lend_well(struct world *world)
{
	struct error err = ERROR_INIT;

	testhost_script(world->host, NULL);
	assert_ok(lend(world, &err), &err);
}

static void give_back(struct world *world)
{
	struct error err = ERROR_INIT;

	testhost_script(world->host, NULL);
	assert_ok(lending_return(world->host, &err), &err);
}

static void assert_untouched(const struct world *world)
{
	auto_free char *now = testhost_tree(world->host);
	auto_free char *journal = lending_journal(world->host);

	assert_text(now, world->before);
	assert_null(journal);
}

static int count_operations(bool of_return)
{
	auto_world struct world world = whole();
	int count;

	lend_well(&world);
	count = testhost_operations(world.host);
	if (!of_return)
		return count;
	give_back(&world);
	return testhost_operations(world.host);
}

static void everything_is_let_go_and_comes_back(void **state)
{
	auto_world struct world world = whole();
	auto_free char *lent = NULL;

	(void)state;
	lend_well(&world);
	lent = testhost_state(world.host);
	assert_contains(lent, "vfio-pci");
	/* The player was ended; who was told that the card goes was not. */
	assert_false(tree_exists(world.host->root_fd, "proc/812"));
	assert_true(tree_exists(world.host->root_fd, "proc/700"));
	assert_false(tree_exists(world.host->root_fd, "proc/900"));
	give_back(&world);
	assert_untouched(&world);
	assert_true(tree_exists(world.host->root_fd, "proc/900"));
}

/* Strictly backwards: the unit that shows on the card last, when the card is there. */
static void the_unit_starts_last(void **state)
{
	auto_world struct world world = whole();
	auto_free char *log = NULL;
	const char *start;

	(void)state;
	lend_well(&world);
	give_back(&world);
	log = testhost_log(world.host);
	start = strstr(log, "unit gdm.service start\n");
	assert_non_null(start);
	assert_string_equal(start, "unit gdm.service start\n");
	assert_true(strstr(log, "/amdgpu/bind ") < strstr(log, "vtcon1/bind"));
}

static void check_fault(enum fault_kind kind, int at, bool dies)
{
	auto_world struct world world = whole();
	struct fault fault = {.kind = kind, .at = at, .code = EIO};
	struct error err = ERROR_INIT;

	testhost_script(world.host, &fault);
	if (dies)
		testhost_process(world.host, lend_work, &world);
	else
		lend(&world, &err);
	give_back(&world);
	assert_untouched(&world);
}

/* Every third operation is tried, by each property others; EVERY_OPERATION=1 tries all. */
static int stride(void)
{
	return getenv("EVERY_OPERATION") ? 1 : 3;
}

static void check_all(enum fault_kind kind, int first, bool dies)
{
	int count = count_operations(false);

	assert_true(count > 10);
	for (int at = first % stride(); at < count; at += stride())
		check_fault(kind, at, dies);
}

static void a_failing_operation_is_undone(void **state)
{
	(void)state;
	check_all(FAULT_FAIL, 0, false);
}

static void death_before_an_operation_is_undone(void **state)
{
	(void)state;
	check_all(FAULT_DIE_BEFORE, 1, true);
}

static void death_after_an_operation_is_undone(void **state)
{
	(void)state;
	check_all(FAULT_DIE_AFTER, 2, true);
}

static void death_of_the_parent_alone_is_undone(void **state)
{
	(void)state;
	check_all(FAULT_ORPHAN, 0, true);
}

/* What cannot be put back is put back by the next return, and everything else at once. */
static void a_return_that_failed_is_finished_by_the_next(void **state)
{
	int count = count_operations(true);

	(void)state;
	for (int at = 1 % stride(); at < count; at += stride()) {
		struct fault fault = {.kind = FAULT_FAIL, .at = at, .code = EIO};
		auto_world struct world world = whole();
		struct error err = ERROR_INIT;

		lend_well(&world);
		testhost_script(world.host, &fault);
		lending_return(world.host, &err);
		give_back(&world);
		assert_untouched(&world);
	}
}

static void the_unit_comes_back_though_the_card_does_not(void **state)
{
	auto_world struct world world = whole();
	struct fault fault = {
		.kind = FAULT_FAIL, .at = FAULT_ANY, .path = "amdgpu/bind", .code = EIO};
	auto_free char *journal = NULL;
	struct error err = ERROR_INIT;

	(void)state;
	lend_well(&world);
	testhost_script(world.host, &fault);
	assert_int_equal(lending_return(world.host, &err), -EIO);
	assert_true(tree_exists(world.host->root_fd, "proc/900"));
	/* Memory of the card is not touched meanwhile, and nothing of it is forgotten. */
	journal = lending_journal(world.host);
	assert_non_null(journal);
	assert_true(tree_exists(world.host->root_fd, "sys/bus/platform/devices/efi-framebuffer.0"));
	assert_false(tree_exists(world.host->root_fd,
				 "sys/bus/platform/devices/efi-framebuffer.0/driver"));
	give_back(&world);
	assert_untouched(&world);
}

/* Ended, it comes again under another number: the gate stays shut. */
static void one_that_comes_again_keeps_the_gate_shut(void **state)
{
	auto_world struct world world =
		world_make(MACHINE "process 812 comm=mpv holds=dri/renderD129 respawns\n" LEADER,
			   HEAD LET_GO GATES TAKE);
	struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(lend(&world, &err), -EBUSY);
	assert_contains(err.text, "process 813 (mpv) holds /dev/dri/renderD129");
	assert_untouched(&world);
}

static void one_that_does_not_end_is_told(void **state)
{
	auto_world struct world world =
		world_make(MACHINE "process 812 comm=mpv holds=dri/renderD129 stuck\n" LEADER,
			   HEAD LET_GO GATES TAKE);
	struct error err = ERROR_INIT;

	(void)state;
	assert_true(lend(&world, &err) < 0);
	assert_contains(err.text, "process 812");
	assert_untouched(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_is_let_go_and_comes_back),
		cmocka_unit_test(the_unit_starts_last),
		cmocka_unit_test(a_failing_operation_is_undone),
		cmocka_unit_test(death_before_an_operation_is_undone),
		cmocka_unit_test(death_after_an_operation_is_undone),
		cmocka_unit_test(death_of_the_parent_alone_is_undone),
		cmocka_unit_test(a_return_that_failed_is_finished_by_the_next),
		cmocka_unit_test(the_unit_comes_back_though_the_card_does_not),
		cmocka_unit_test(one_that_comes_again_keeps_the_gate_shut),
		cmocka_unit_test(one_that_does_not_end_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
