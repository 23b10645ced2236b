// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A guest that ends because the host goes down: no unit is started, no driver is probed, nobody
 * waits; and what survives a reboot of the user space alone (drivers, /run) comes home behind it.
 */
#include "tests/hook/engine-call.h"
#include "tests/hook/recover-call.h"

#define POLICY "<metadata><h:policy xmlns:h='urn:hostdev-hook:1' services='stop-unit'/></metadata>"
#define GUEST                                                                                      \
	"<domain type='kvm'><name>g1</name><uuid>" UUID_1 "</uuid>" POLICY                         \
	"<devices>" HOSTDEV("0x01", "0x0") HOSTDEV("0x01", "0x1") "</devices></domain>"

static const char holder[] =
	"node 0000:01:00.0 drm/renderD128 226:128 "
	"name=dri/renderD128\n"
	"unit mixer.service active pids=900\n"
	"process 1 comm=systemd\n"
	"process 900 comm=mixer cgroup=/system.slice/mixer.service holds=dri/renderD128\n";

struct world {
	struct testhost *host;
	char *before;
};

static struct world world_make(void)
{
	auto_free char *text = xasprintf("%s%s", machine, holder), *log = NULL;
	struct world world = {.host = testhost_new(text)};
	struct call prepare = PREPARE("g1", GUEST);

	world.before = testhost_tree(world.host);
	call_engine(world.host, &prepare);
	assert_string_equal(prepare.said, "");
	assert_int_equal(prepare.status, 0);
	call_done(&prepare);
	log = testhost_log(world.host);
	assert_contains(log, "mixer.service stop");
	tree_file(world.host->root_fd, "going-down", "yes\n");
	testhost_script(world.host, NULL);
	return world;
}

static void world_done(struct world *world)
{
	testhost_free(&world->host);
	free(world->before);
}

#define auto_world cleanup(world_done)

static char *journal_text(const struct world *world)
{
	return tree_read(world->host->root_fd, "run/hostdev-hook/" UUID_1 ".journal");
}

/* Libvirt gets its answer, and nothing of the host was touched for it. */
static void release(struct world *world)
{
	auto_free char *journal = NULL;
	struct call call = RELEASE("g1", GUEST);

	call_engine(world->host, &call);
	assert_string_equal(call.said, "");
	assert_int_equal(call.status, 0);
	call_done(&call);
	assert_int_equal(testhost_operations(world->host), 0);
	journal = journal_text(world);
	assert_contains(journal, "\nreturning");
	assert_null(strstr(strstr(journal, "\nreturning") + 1, "\n"));
}

static void nothing_is_returned(void **state)
{
	auto_world struct world world = world_make();

	(void)state;
	release(&world);
	/* As often as it is asked for. */
	release(&world);
}

static void assert_home(struct world *world)
{
	auto_free char *now = testhost_tree(world->host);

	assert_text(now, world->before);
}

/* The host's drivers, and /run with the journal, outlive a reboot of the user space. */
static void what_outlives_the_shutdown_comes_home(void **state)
{
	auto_world struct world world = world_make();

	(void)state;
	release(&world);
	check_left_alone(world.host, "g1 left: ",
			 "the host is being shut down: the next boot gives everything back");
	tree_remove(world.host->root_fd, "going-down");
	check_one(world.host, NULL, "g1 returned: ", "its return was not finished");
	assert_home(&world);
}

/* Of devices that were only claimed nothing is left to the next boot. */
static void who_has_nothing_to_return_is_done(void **state)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	struct call call = RELEASE("g1", GUEST);

	(void)state;
	tree_file(host->root_fd, FILE_OF(UUID_1),
		  "hostdev-hook journal 1\nboot " BOOT "\nguest g1\nuuid " UUID_1
		  "\nclaim 0000:03:10.0\nlent\n");
	assert_int_equal(fchmodat(host->root_fd, "run/hostdev-hook", 0700, 0), 0);
	tree_file(host->root_fd, "going-down", "yes\n");
	call_engine(host, &call);
	assert_int_equal(call.status, 0);
	assert_false(has_journal(host, UUID_1));
	call_done(&call);
}

/* The guest may be started at the last moment, too. */
static void a_start_is_refused(void **state)
{
	auto_world struct world world = world_make();
	struct call call = PREPARE("g1", GUEST);

	(void)state;
	release(&world);
	call_engine(world.host, &call);
	assert_int_equal(call.status, 1);
	assert_contains(call.said, "the host is being shut down; nothing else was changed.");
	assert_int_equal(testhost_operations(world.host), 0);
	call_done(&call);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_returned),
		cmocka_unit_test(what_outlives_the_shutdown_comes_home),
		cmocka_unit_test(who_has_nothing_to_return_is_done),
		cmocka_unit_test(a_start_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
