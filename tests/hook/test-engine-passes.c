// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How often the processes of the host are looked through, be the devices as many as they may: on a
 * host with ten thousand processes each pass is most of a second. And what the last pass, right
 * before the unbinds, is there for.
 */
#include "tests/hook/engine-call.h"

#include <signal.h>

#include "base/text.h"
#include "scan/match.h"
#include "scan/pass.h"

#define CARDS 16

static struct shared {
	int passes;
	const char *path;  /* what the holder opens behind the first pass; or NULL */
	const char *users; /* what nvidia's module counts behind the second; or NULL */
	const char *later; /* what the holder opens behind the second; or NULL */
	bool kills;        /* in the second, who asks is killed */
	int root_fd;
} * shared;

int __real_pass_run(const struct host *host, const struct match *match, const struct node *nodes,
		    const pid_t without[2], struct scan *ret, struct error *err);
int __wrap_pass_run(const struct host *host, const struct match *match, const struct node *nodes,
		    const pid_t without[2], struct scan *ret, struct error *err);

/* In a child of the hook: what it counts has to be seen outside. */
int __wrap_pass_run(const struct host *host, const struct match *match, const struct node *nodes,
		    const pid_t without[2], struct scan *ret, struct error *err)
{
	int result = __real_pass_run(host, match, nodes, without, ret, err);

	shared->passes++;
	if (shared->passes == 2 && shared->kills)
		kill(getppid(), SIGKILL);
	if (shared->passes == 1 && shared->path)
		tree_raw_link(shared->root_fd, "proc/812/fd/9", shared->path);
	if (shared->passes == 2 && shared->later)
		tree_raw_link(shared->root_fd, "proc/812/fd/9", shared->later);
	if (shared->passes == 2 && shared->users)
		tree_file(shared->root_fd, "sys/module/nvidia/refcnt", "%s\n", shared->users);
	return result;
}

static void add_card(struct text *host, struct text *devices, int i, const char *driver)
{
	text_printf(host,
		    "device 0000:%02x:00.0 10de:2330 class=030200 group=%d driver=%s power=auto\n"
		    "node 0000:%02x:00.0 drm/card%d 1:%d name=dri/card%d\n",
		    0x10 + i, 20 + i, driver, 0x10 + i, i, i == 9 ? 7 : 300 + i, i);
	text_printf(devices,
		    "<hostdev mode='subsystem' type='pci' managed='yes'><source><address "
		    "domain='0x0000' bus='0x%02x' slot='0x00' function='0x0'/></source></hostdev>",
		    0x10 + i);
}

struct world {
	struct testhost *host;
	char *xml;
};

static struct world world_make(const char *driver)
{
	auto_text struct text host = TEXT_INIT, devices = TEXT_INIT;
	struct world world;

	text_printf(&host,
		    "boot " BOOT "\n"
		    "module vfio-pci unloaded registers=vfio-pci\n"
		    "driver %s module=%s probe_power=auto\n"
		    "process 1 comm=systemd\n"
		    "process 812 comm=mpv holds=1:3\n",
		    driver, driver);
	for (int i = 0; i < CARDS; i++)
		add_card(&host, &devices, i, driver);
	world.host = testhost_new(host.data);
	world.xml = xasprintf("<domain type='kvm'><name>g1</name><uuid>" UUID_1
			      "</uuid><devices>%s</devices></domain>",
			      devices.data);
	*shared = (struct shared){.root_fd = world.host->root_fd};
	return world;
}

static void world_done(struct world *world)
{
	testhost_free(&world->host);
	free(world->xml);
}

#define auto_world cleanup(world_done)

static void lend(struct world *world, struct call *ret)
{
	*ret = (struct call)PREPARE("g1", world->xml);
	call_engine(world->host, ret);
}

static void sixteen_cards_are_two_passes(void **state)
{
	auto_world struct world world = world_make("amdgpu");
	cleanup(call_done) struct call call;

	(void)state;
	lend(&world, &call);
	assert_string_equal(call.said, "");
	assert_int_equal(call.status, 0);
	assert_int_equal(shared->passes, 2);
}

/* What the module counts, only one pass over the nodes that all cards share can explain. */
static void sixteen_cards_of_nvidia_are_three(void **state)
{
	auto_world struct world world = world_make("nvidia");
	cleanup(call_done) struct call call;

	(void)state;
	shared->users = "1";
	lend(&world, &call);
	assert_int_equal(call.status, 1);
	assert_contains(call.said, "the nvidia module counts 1 user that no process accounts for");
	assert_int_equal(shared->passes, 3);
}

/* Seen by the pass that was not made for it: no reason to look away. */
static void who_comes_behind_the_last_look_is_seen_by_chance(void **state)
{
	auto_world struct world world = world_make("nvidia");
	cleanup(call_done) struct call call;

	(void)state;
	shared->users = "1";
	shared->later = "/dev/full";
	lend(&world, &call);
	assert_int_equal(call.status, 1);
	assert_contains(call.said, "0000:19:00.0");
	assert_contains(call.said, "somebody holds it again: process 812 (mpv) holds "
				   "/dev/dri/card9");
}

/* Who opens the tenth card behind the plan's look is seen, and named with that card. */
static void who_comes_later_is_seen_before_the_first_unbind(void **state)
{
	auto_world struct world world = world_make("amdgpu");
	auto_free char *before = testhost_tree(world.host), *after = NULL, *log = NULL;
	cleanup(call_done) struct call call;

	(void)state;
	shared->path = "/dev/full";
	lend(&world, &call);
	assert_int_equal(call.status, 1);
	assert_contains(call.said, "0000:19:00.0");
	assert_contains(call.said, "somebody holds it still or again: process 812 (mpv) holds "
				   "/dev/dri/card9");
	log = testhost_log(world.host);
	assert_null(strstr(log, "unbind"));
	tree_remove(world.host->root_fd, "proc/812/fd/9");
	after = testhost_tree(world.host);
	assert_text(after, before);
}

/* As when memory runs out. It has only asked: nothing is stuck, and all is as it was. */
static void a_question_that_is_killed_is_no_more_than_that(void **state)
{
	auto_world struct world world = world_make("amdgpu");
	auto_free char *before = testhost_tree(world.host), *after = NULL;
	cleanup(call_done) struct call call;

	(void)state;
	shared->kills = true;
	lend(&world, &call);
	assert_int_equal(call.status, 1);
	assert_contains(call.said, "whether somebody holds it could not be seen, as the process "
				   "that looked was lost: killed by signal 9");
	assert_null(strstr(call.said, "in the background"));
	assert_contains(call.said, "Everything is back as it was");
	after = testhost_tree(world.host);
	assert_text(after, before);
	assert_false(has_journal(world.host, UUID_1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sixteen_cards_are_two_passes),
		cmocka_unit_test(sixteen_cards_of_nvidia_are_three),
		cmocka_unit_test(who_comes_behind_the_last_look_is_seen_by_chance),
		cmocka_unit_test(who_comes_later_is_seen_before_the_first_unbind),
		cmocka_unit_test(a_question_that_is_killed_is_no_more_than_that),
	};

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
