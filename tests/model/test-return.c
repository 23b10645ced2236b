// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Returns to a machine that is no longer as the lend left it: what libvirt, the admin or a crash
 * did meanwhile.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/host/lending.h"
#include "tests/model/machines.h"

#define GPU "0000:01:00.0"
#define AUDIO "0000:01:00.1"

struct world {
	struct testhost *host;
	struct guest guest;
	char *before, *lent;
};

/* A machine whose card is lent. */
static int lent(void **state)
{
	struct world *world = xcalloc(1, sizeof(*world));
	struct error err = ERROR_INIT;

	world->host = testhost_new(GPU_HOST);
	world->guest = guest_make(GPU_GUEST);
	world->before = testhost_tree(world->host);
	assert_ok(lending_lend(world->host, &world->guest, &err), &err);
	world->lent = testhost_tree(world->host);
	free(lending_notes());
	testhost_script(world->host, NULL);
	*state = world;
	return 0;
}

static int done(void **state)
{
	struct world *world = *state;

	testhost_free(&world->host);
	guest_done(&world->guest);
	free(world->before);
	free(world->lent);
	free(world);
	return 0;
}

static void give_back(struct world *world)
{
	struct error err = ERROR_INIT;

	assert_ok(lending_return(world->host, &err), &err);
}

static void assert_untouched(const struct world *world)
{
	auto_free char *now = testhost_tree(world->host);
	auto_free char *journal = lending_journal(world->host);

	assert_text(now, world->before);
	assert_null(journal);
}

static void assert_notes(const char *step, const char *part)
{
	auto_free char *notes = lending_notes();
	char *line = strstr(notes, step);

	assert_non_null(line);
	line[strcspn(line, "\n")] = '\0';
	assert_contains(line, part);
}

static void assert_bound(const struct world *world, const char *addr, const char *driver)
{
	char name[64] = "";

	host_read_link_name(&world->host->host, HOST_SYS, name, sizeof(name), NULL,
			    "bus/pci/devices/%s/driver", addr);
	assert_string_equal(name, driver);
}

/* One left behind would keep every other driver away. */
static void assert_no_override(const struct world *world, const char *addr)
{
	char text[64] = "";

	host_read(&world->host->host, HOST_SYS, text, sizeof(text), NULL,
		  "bus/pci/devices/%s/driver_override", addr);
	assert_string_equal(text, "(null)");
}

static void a_missing_home_module_is_loaded_again(void **state)
{
	struct world *world = *state;

	testhost_module_unload(world->host, "nvidia");
	testhost_module_unload(world->host, "snd_hda_intel");
	give_back(world);
	assert_untouched(world);
}

/* "blacklist" keeps modules from loading by themselves; this one is asked for by name. */
static void a_blacklisted_home_module_is_loaded_again(void **state)
{
	struct world *world = *state;

	for (size_t i = 0; i < world->host->machine.module_count; i++)
		world->host->machine.modules[i].blacklisted = true;
	testhost_module_unload(world->host, "nvidia");
	give_back(world);
	assert_untouched(world);
}

static void a_third_driver_is_left_alone(void **state)
{
	struct world *world = *state;
	auto_free char *journal = NULL;

	host_module_load(&world->host->host, "nouveau", 0, NULL);
	testhost_script(world->host, NULL);
	testhost_set(world->host, GPU, "driver_override", "(null)");
	testhost_rebind(world->host, GPU, "nouveau");
	give_back(world);
	assert_notes("driver " GPU, "nouveau");
	assert_bound(world, GPU, "nouveau");
	assert_bound(world, AUDIO, "snd_hda_intel");
	journal = lending_journal(world->host);
	assert_null(journal);
}

static void what_libvirt_returned_is_home(void **state)
{
	struct world *world = *state;
	auto_free char *log = NULL, *notes = NULL;

	/* reattach: clears the override, unbinds, probes */
	testhost_set(world->host, GPU, "driver_override", "(null)");
	testhost_rebind(world->host, GPU, "nvidia");
	testhost_set(world->host, AUDIO, "driver_override", "(null)");
	testhost_rebind(world->host, AUDIO, "snd_hda_intel");
	testhost_set(world->host, AUDIO, "power/control", "auto");
	give_back(world);
	log = testhost_log(world->host);
	assert_text(log, "");
	/* The module stays, on purpose; that is all there is to say. */
	notes = lending_notes();
	assert_contains(notes, "undo module vfio-pci: kept");
	assert_ptr_equal(strchr(notes, '\n'), notes + strlen(notes) - 1);
	assert_untouched(world);
}

static void an_override_left_behind_is_cleared(void **state)
{
	struct world *world = *state;

	testhost_rebind(world->host, GPU, "nvidia");
	give_back(world);
	assert_untouched(world);
}

static void a_driverless_device_goes_home(void **state)
{
	struct world *world = *state;

	/* libvirt's probe finds nothing where the home driver's module is gone. */
	testhost_set(world->host, GPU, "driver_override", "(null)");
	testhost_rebind(world->host, GPU, NULL);
	testhost_rebind(world->host, AUDIO, NULL);
	give_back(world);
	assert_untouched(world);
}

static void another_vfio_driver_is_ours_too(void **state)
{
	struct world *world = *state;

	/* libvirt has rebound it to a variant driver. */
	host_module_load(&world->host->host, "nvgrace_gpu_vfio_pci", 0, NULL);
	testhost_set(world->host, GPU, "driver_override", "nvgrace_gpu_vfio_pci");
	testhost_rebind(world->host, GPU, "nvgrace_gpu_vfio_pci");
	give_back(world);
	assert_untouched(world);
}

static void power_changed_meanwhile_is_restored(void **state)
{
	struct world *world = *state;

	testhost_set(world->host, GPU, "d3cold_allowed", "0");
	testhost_set(world->host, AUDIO, "power/control", "auto");
	give_back(world);
	assert_untouched(world);
}

static void a_vanished_device_is_given_up(void **state)
{
	struct world *world = *state;
	auto_free char *journal = NULL;

	testhost_vanish(world->host, GPU);
	give_back(world);
	assert_notes("driver " GPU, "gone");
	assert_bound(world, AUDIO, "snd_hda_intel");
	journal = lending_journal(world->host);
	assert_null(journal);
}

static void a_device_that_vanishes_on_the_way_does_not_keep_the_rest(void **state)
{
	struct world *world = *state;

	for (int at = 0; at < 6; at++) {
		struct fault fault = {.kind = FAULT_VANISH, .at = at, .addr = {0, 1, 0, 0}};
		struct testhost *host = testhost_new(GPU_HOST);
		auto_free char *journal = NULL;
		struct error err = ERROR_INIT;
		char driver[64] = "";

		assert_ok(lending_lend(host, &world->guest, &err), &err);
		testhost_script(host, &fault);
		lending_return(host, &err);
		testhost_script(host, NULL);
		assert_ok(lending_return(host, &err), &err);
		host_read_link_name(&host->host, HOST_SYS, driver, sizeof(driver), NULL,
				    "bus/pci/devices/" AUDIO "/driver");
		assert_string_equal(driver, "snd_hda_intel");
		journal = lending_journal(host);
		assert_null(journal);
		testhost_free(&host);
	}
}

/* Some process still has the group open: the host driver cannot bind, and everything is told. */
static void a_group_still_in_use_keeps_the_journal(void **state)
{
	struct world *world = *state;
	struct error err = ERROR_INIT;
	auto_free char *journal = NULL;

	testhost_own_group(world->host, 14, true);
	assert_int_equal(lending_return(world->host, &err), -EBUSY);
	assert_contains(err.text, "0000:01:00.");
	journal = lending_journal(world->host);
	assert_non_null(journal);
	testhost_own_group(world->host, 14, false);
	give_back(world);
	assert_untouched(world);
}

static void one_that_will_not_go_home_does_not_keep_the_other(void **state)
{
	struct fault fault = {.kind = FAULT_FAIL,
			      .at = FAULT_ANY,
			      .path = "drivers/nvidia/bind",
			      .value = GPU,
			      .code = EIO};
	struct world *world = *state;
	struct error err = ERROR_INIT;

	testhost_script(world->host, &fault);
	assert_int_equal(lending_return(world->host, &err), -EIO);
	assert_contains(err.text, GPU);
	assert_bound(world, AUDIO, "snd_hda_intel");
	assert_no_override(world, GPU);
	testhost_script(world->host, NULL);
	give_back(world);
	assert_untouched(world);
}

static void a_home_driver_that_no_longer_exists_is_told(void **state)
{
	struct world *world = *state;
	struct error err = ERROR_INIT;

	testhost_module_unload(world->host, "nvidia");
	for (size_t i = 0; i < world->host->machine.module_count; i++)
		if (strcmp(world->host->machine.modules[i].name, "nvidia") == 0)
			strcpy(world->host->machine.modules[i].name, "zvidia");
	assert_int_equal(lending_return(world->host, &err), -ENOENT);
	assert_contains(err.text, "nvidia");
	assert_bound(world, AUDIO, "snd_hda_intel");
	assert_bound(world, GPU, "");
	assert_no_override(world, GPU);
}

static void a_last_line_without_end_is_ignored(void **state)
{
	struct world *world = *state;
	auto_free char *path =
		xasprintf("%s/run/hostdev-hook/" TEST_UUID ".journal", world->host->root);
	FILE *file = fopen(path, "a");

	assert_non_null(file);
	fputs("undone 1", file);
	fclose(file);
	give_back(world);
	assert_untouched(world);
}

#define test(name) cmocka_unit_test_setup_teardown(name, lent, done)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_missing_home_module_is_loaded_again),
		test(a_blacklisted_home_module_is_loaded_again),
		test(a_third_driver_is_left_alone),
		test(what_libvirt_returned_is_home),
		test(an_override_left_behind_is_cleared),
		test(a_driverless_device_goes_home),
		test(another_vfio_driver_is_ours_too),
		test(power_changed_meanwhile_is_restored),
		test(a_vanished_device_is_given_up),
		test(a_device_that_vanishes_on_the_way_does_not_keep_the_rest),
		test(a_group_still_in_use_keeps_the_journal),
		test(one_that_will_not_go_home_does_not_keep_the_other),
		test(a_home_driver_that_no_longer_exists_is_told),
		test(a_last_line_without_end_is_ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
