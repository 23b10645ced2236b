// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Operations that never return, or only much later: they are carried out even then, so nobody may
 * queue up behind them, and the journal stays until somebody has looked again.
 *
 * Linked with --wrap=workers_run: deadlines of the real machine, up to a minute, are cut to what a
 * busy machine needs for an honest step. Nothing else is replaced.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/worker.h"
#include "tests/host/lending.h"
#include "tests/host/tree.h"
#include "tests/model/machines.h"

#define GPU "0000:01:00.0"
#define AUDIO "0000:01:00.1" /* of the same slot and group */
#define NIC "0000:02:00.0"   /* of another */
#define TIMEOUT_MS 3000

/* Only while something hangs: an honest step on a busy machine has its full time otherwise. */
static bool hanging;

void __real_workers_run(struct worker *workers, size_t count);
void __wrap_workers_run(struct worker *workers, size_t count);

void __wrap_workers_run(struct worker *workers, size_t count)
{
	for (size_t i = 0; hanging && i < count; i++)
		if (workers[i].timeout_ms > TIMEOUT_MS)
			workers[i].timeout_ms = TIMEOUT_MS;
	__real_workers_run(workers, count);
}

struct world {
	struct testhost *host;
	struct guest guest;
	char *before;
};

static int fresh_on(void **state, const char *machine)
{
	struct world *world = xcalloc(1, sizeof(*world));

	world->host = testhost_new(machine);
	world->guest = guest_make(GPU_GUEST NIC_GUEST);
	world->before = testhost_tree(world->host);
	*state = world;
	hanging = false;
	return 0;
}

static int fresh(void **state)
{
	return fresh_on(state, GPU_HOST);
}

/* A service has the card open, and would have it open again. */
static int fresh_with_user(void **state)
{
	int ret = fresh_on(state,
			   GPU_HOST "node " GPU " drm/renderD128 226:128 name=dri/renderD128\n"
				    "unit lactd.service active pids=900\n"
				    "process 1 comm=systemd\n"
				    "process 900 comm=lactd cgroup=/system.slice/lactd.service "
				    "holds=dri/renderD128\n");
	struct world *world = *state;

	tree_file(world->host->root_fd, "etc/hostdev-hook/hostdev-hook.conf",
		  "services = stop-unit\n");
	free(world->before);
	world->before = testhost_tree(world->host);
	return ret;
}

static int done(void **state)
{
	struct world *world = *state;

	testhost_release(world->host);
	testhost_free(&world->host);
	guest_done(&world->guest);
	free(world->before);
	free(world);
	return 0;
}

static void assert_untouched(const struct world *world)
{
	auto_free char *now = testhost_tree(world->host);
	auto_free char *journal = lending_journal(world->host);

	assert_text(now, world->before);
	assert_null(journal);
}

static void assert_bound(const struct world *world, const char *addr, const char *driver)
{
	char name[64] = "";

	host_read_link_name(&world->host->host, HOST_SYS, name, sizeof(name), NULL,
			    "bus/pci/devices/%s/driver", addr);
	assert_string_equal(name, driver);
}

static void assert_journal(const struct world *world)
{
	auto_free char *journal = lending_journal(world->host);

	assert_non_null(journal);
}

/* The operation that hangs is the last one on its device. */
static void assert_nothing_behind(const struct world *world, const char *addr, const char *hung)
{
	auto_free char *log = testhost_log(world->host);
	const char *at = strstr(log, hung);

	assert_non_null(at);
	at += strlen(hung);
	if (strstr(at, addr))
		fail_msg("%s was written to behind \"%s\":\n%s", addr, hung, at);
}

static void hang(struct world *world, enum fault_kind kind, const char *path, const char *value)
{
	struct fault fault = {.kind = kind, .at = FAULT_ANY, .path = path, .value = value};

	testhost_script(world->host, &fault);
	hanging = true;
}

/* All is let go and carried out late; the next return finds everything and settles it. */
static void settle_later(struct world *world)
{
	struct error err = ERROR_INIT;

	hanging = false;
	testhost_release(world->host);
	testhost_script(world->host, NULL);
	assert_ok(lending_return(world->host, &err), &err);
	assert_untouched(world);
}

static void a_lend_stuck_at_unbind(void **state)
{
	struct world *world = *state;
	struct error err = ERROR_INIT;

	hang(world, FAULT_HANG, "drivers/nvidia/unbind", GPU);
	assert_int_equal(lending_lend(world->host, &world->guest, &err), -ETIMEDOUT);
	assert_contains(err.text, GPU);
	assert_bound(world, AUDIO, "snd_hda_intel");
	assert_bound(world, NIC, "e1000e");
	assert_nothing_behind(world, GPU, "drivers/nvidia/unbind " GPU "\n");
	assert_journal(world);
	settle_later(world);
}

/* The driver waits for whoever opens the card now; without the service it is done in the end. */
static void who_would_open_it_again_waits(void **state)
{
	struct world *world = *state;
	auto_free char *log = NULL;
	struct error err = ERROR_INIT;

	hang(world, FAULT_HANG, "drivers/nvidia/unbind", GPU);
	assert_int_equal(lending_lend(world->host, &world->guest, &err), -ETIMEDOUT);
	log = testhost_log(world->host);
	assert_contains(log, "lactd.service stop");
	assert_null(strstr(log, "lactd.service start"));
	settle_later(world);
}

static void a_lend_stuck_at_bind(void **state)
{
	struct world *world = *state;
	struct error err = ERROR_INIT;

	hang(world, FAULT_HANG, "drivers/vfio-pci/bind", GPU);
	assert_int_equal(lending_lend(world->host, &world->guest, &err), -ETIMEDOUT);
	/* A slot goes home together: half of it may be on its way to the guest yet. */
	assert_bound(world, AUDIO, "snd_hda_intel");
	assert_bound(world, NIC, "e1000e");
	assert_nothing_behind(world, GPU, "drivers/vfio-pci/bind " GPU "\n");
	assert_journal(world);
	settle_later(world);
}

/* Done as far as sysfs shows, and still the writer is not back: the device lock is held. */
static void a_lend_stuck_after_bind(void **state)
{
	struct world *world = *state;
	struct error err = ERROR_INIT;

	hang(world, FAULT_HANG_AFTER, "drivers/vfio-pci/bind", GPU);
	assert_int_equal(lending_lend(world->host, &world->guest, &err), -ETIMEDOUT);
	assert_nothing_behind(world, GPU, "drivers/vfio-pci/bind " GPU "\n");
	assert_bound(world, AUDIO, "snd_hda_intel");
	assert_bound(world, NIC, "e1000e");
	assert_journal(world);
	settle_later(world);
}

static void a_lend_stuck_at_power(void **state)
{
	struct world *world = *state;
	struct error err = ERROR_INIT;

	hang(world, FAULT_HANG, GPU "/power/control", "on");
	assert_int_equal(lending_lend(world->host, &world->guest, &err), -ETIMEDOUT);
	assert_nothing_behind(world, GPU, GPU "/power/control on\n");
	assert_journal(world);
	settle_later(world);
}

static void a_return_stuck_at_unbind(void **state)
{
	struct world *world = *state;
	struct error err = ERROR_INIT;

	assert_ok(lending_lend(world->host, &world->guest, &err), &err);
	hang(world, FAULT_HANG, "drivers/vfio-pci/unbind", GPU);
	assert_int_equal(lending_return(world->host, &err), -ETIMEDOUT);
	assert_contains(err.text, GPU);
	assert_bound(world, AUDIO, "");
	assert_bound(world, NIC, "e1000e");
	assert_nothing_behind(world, GPU, "drivers/vfio-pci/unbind " GPU "\n");
	assert_journal(world);
	settle_later(world);
}

static void a_return_stuck_at_bind(void **state)
{
	struct world *world = *state;
	struct error err = ERROR_INIT;

	assert_ok(lending_lend(world->host, &world->guest, &err), &err);
	hang(world, FAULT_HANG, "drivers/nvidia/bind", GPU);
	assert_int_equal(lending_return(world->host, &err), -ETIMEDOUT);
	assert_bound(world, AUDIO, "snd_hda_intel");
	assert_bound(world, NIC, "e1000e");
	assert_nothing_behind(world, GPU, "drivers/nvidia/bind " GPU "\n");
	assert_journal(world);
	settle_later(world);
}

/* The hook has given up and gone; its worker has not. The next one must not queue up behind it. */
static void a_worker_of_an_earlier_hook(struct world *world, const char *path)
{
	auto_free char *hung = xasprintf("%s " GPU "\n", path);

	assert_int_not_equal(lending_return_process(world->host), 0);
	assert_nothing_behind(world, GPU, hung);
	assert_bound(world, NIC, "e1000e");
	assert_journal(world);
	settle_later(world);
}

static void a_lend_of_an_earlier_hook_is_stuck(void **state)
{
	struct world *world = *state;

	hang(world, FAULT_HANG, "drivers/nvidia/unbind", GPU);
	assert_int_not_equal(lending_lend_process(world->host, &world->guest), 0);
	a_worker_of_an_earlier_hook(world, "drivers/nvidia/unbind");
}

static void a_return_of_an_earlier_hook_is_stuck(void **state)
{
	struct world *world = *state;
	struct error err = ERROR_INIT;

	assert_ok(lending_lend(world->host, &world->guest, &err), &err);
	hang(world, FAULT_HANG, "drivers/vfio-pci/unbind", GPU);
	assert_int_not_equal(lending_return_process(world->host), 0);
	a_worker_of_an_earlier_hook(world, "drivers/vfio-pci/unbind");
}

static void a_module_that_does_not_load(void **state)
{
	struct world *world = *state;
	struct error err = ERROR_INIT;

	hang(world, FAULT_HANG, "load", "vfio-pci");
	assert_int_equal(lending_lend(world->host, &world->guest, &err), -ETIMEDOUT);
	assert_contains(err.text, "vfio-pci");
	hanging = false;
	testhost_release(world->host);
	testhost_script(world->host, NULL);
	assert_ok(lending_return(world->host, &err), &err);
	assert_untouched(world);
}

#define test(name) cmocka_unit_test_setup_teardown(name, fresh, done)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_lend_stuck_at_unbind),
		cmocka_unit_test_setup_teardown(who_would_open_it_again_waits, fresh_with_user,
						done),
		test(a_lend_stuck_at_bind),
		test(a_lend_stuck_after_bind),
		test(a_lend_stuck_at_power),
		test(a_return_stuck_at_unbind),
		test(a_return_stuck_at_bind),
		test(a_lend_of_an_earlier_hook_is_stuck),
		test(a_return_of_an_earlier_hook_is_stuck),
		test(a_module_that_does_not_load),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
