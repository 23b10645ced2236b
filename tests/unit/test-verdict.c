// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is done about a holder by what it is, by what it has open, and by what is set for that very
 * device.
 */
#include <stdlib.h>

#include "tests/unit/usage-world.h"

static void set_for(struct world *world, const char *addr, const char *key, const char *value)
{
	struct pci_addr device = usage_addr(addr);
	struct error err = ERROR_INIT;

	assert_ok(policy_set(&world->usage.policy, &device, key, value, "test", &err), &err);
}

static void a_usb_controller_is_pulled_like_a_plug(void **state)
{
	open_world(world);
	(void)state;
	usage_holder(&world.usage, 700, HOLDER_DISPLAY, "gnome-shell", world.event);
	usage_holder(&world.usage, 1, HOLDER_LOGIND, "systemd", world.event);
	usage_holder(&world.usage, 950, HOLDER_USER_SERVICE, "pipewire", world.event);
	usage_check_release(&world.usage, GATE("free -> free,wait=5000\n"));
	usage_holder(&world.usage, 812, HOLDER_PROCESS, "game", world.event);
	usage_holder(&world.usage, 813, HOLDER_SERVICE, "keyd", world.event);
	usage_holder(&world.usage, 814, HOLDER_PROTECTED, "NetworkManager", world.event);
	usage_holder(&world.usage, 815, HOLDER_CONTAINER, "zigbee2mqtt", world.event);
	usage_check_release(&world.usage, GATE("free -> free,wait=5000\n"));
	/* But a guest loses its stick, and who names this very controller means it. */
	set_for(&world, USB, "processes", "terminate");
	usage_check_release(&world.usage,
			    "process 812:5000@" USB " held -> free,grace=5000\n"
			    "process 815:5000@" USB
			    " held -> free,grace=5000\n" GATE("held -> free,wait=5000\n"));
	usage_holder(&world.usage, 816, HOLDER_GUEST, "qemu-system-x86", world.event);
	usage_check_refused(&world.usage, USB, "process 816");
}

static void disk_world(struct world *world, size_t *ret_disk, const char *subsystem)
{
	world_open(world);
	*ret_disk = usage_node(&world->usage, USB, subsystem, "sdx");
}

/* A disk that somebody has open is in use, on a USB controller as well, whatever is set for all. */
static void a_disk_that_is_open_refuses(void **state)
{
	static const char *const subsystems[] = {"block",        "nvme", "nvme-generic",
						 "scsi_generic", "bsg",  "mtd"};

	(void)state;
	for (size_t i = 0; i < sizeof(subsystems) / sizeof(subsystems[0]); i++) {
		cleanup(world_done) struct world world;
		struct holder *holder;
		size_t disk;

		disk_world(&world, &disk, subsystems[i]);
		holder = usage_holder(&world.usage, 812, HOLDER_PROCESS, "dd", disk);
		world.usage.policy.all.processes = i % 2 ? PROCESSES_KILL : PROCESSES_WAIT;
		usage_check_refused(&world.usage, USB, "dd (process 812", "/dev/sdx",
				    ("set --device " USB), "processes=terminate");
		holder->role = HOLDER_SERVICE;
		holder->unit = xstrdup("tgtd.service");
		usage_unit(&world.usage, "tgtd.service", true, true, NULL);
		usage_check_refused(&world.usage, "Stop tgtd.service first", "set --device " USB,
				    "services=stop-unit");
		set_for(&world, USB, "processes", "terminate");
		usage_check_refused(&world.usage, "tgtd.service");
		set_for(&world, USB, "services", "stop-unit");
		usage_check_release(&world.usage, "unit tgtd.service active -> inactive\n" GATE(
							  "held -> free,wait=5000\n"));
	}
}

static void a_disk_of_a_program_goes_by_the_key_of_that_disk(void **state)
{
	cleanup(world_done) struct world world;
	struct holder *holder;
	size_t disk;

	(void)state;
	disk_world(&world, &disk, "block");
	holder = usage_holder(&world.usage, 812, HOLDER_PROCESS, "dd", disk);
	set_for(&world, GPU, "processes", "kill");
	usage_check_refused(&world.usage, "dd (process 812");
	set_for(&world, USB, "processes", "terminate");
	usage_check_release(&world.usage, "process 812:5000@" USB " held -> free,grace=5000\n" GATE(
						  "held -> free,wait=5000\n"));
	/* Never what is protected. */
	holder->role = HOLDER_PROTECTED;
	holder->reason = "Disks depend on it.";
	usage_check_refused(&world.usage, "Disks depend on it.", "never ended");
}

static void who_only_watches_a_disk_loses_nothing(void **state)
{
	cleanup(world_done) struct world world;
	struct holder *holder;
	size_t disk;

	(void)state;
	world_open(&world);
	disk = usage_node(&world.usage, GPU, "nvme", "nvme0");
	holder = usage_holder(&world.usage, 812, HOLDER_SERVICE, "smartd", disk);
	holder->unit = xstrdup("smartd.service");
	holder->watches_disks = true;
	usage_unit(&world.usage, "smartd.service", true, true, NULL);
	usage_holder(&world.usage, 61, HOLDER_PROTECTED, "(udev-worker)", disk);
	usage_check_release(&world.usage,
			    "unit smartd.service active -> inactive\n"
			    "process 61:5000@" GPU
			    " held -> free,wait=10000\n" GATE("held -> free,wait=10000\n"));
}

static void a_container_refuses_with_its_name_and_command(void **state)
{
	struct holder *holder;

	open_world(world);
	(void)state;
	holder = usage_holder(&world.usage, 900, HOLDER_CONTAINER, "jellyfin", world.render);
	holder->container = xstrdup("media");
	usage_check_refused(&world.usage, GPU, "container media", "Stop the container first.");
	holder->container_stop = xstrdup("docker stop media");
	usage_check_refused(&world.usage, GPU, "container media", "(docker stop media)",
			    "set --device " GPU);
	world.usage.policy.all.processes = PROCESSES_KILL;
	usage_check_refused(&world.usage, "docker stop media");
	world.usage.policy.all.processes = PROCESSES_WAIT;
	usage_check_release(&world.usage, "process 900:5000@" GPU " held -> free,wait=10000\n" GATE(
						  "held -> free,wait=10000\n"));
	set_for(&world, GPU, "processes", "terminate");
	usage_check_release(&world.usage, "process 900:5000@" GPU " held -> free,grace=5000\n" GATE(
						  "held -> free,wait=5000\n"));
	/* What is never ended is not ended in a container either. */
	holder->reason = "It holds the cluster's data.";
	usage_check_refused(&world.usage, "It holds the cluster's data.", "never ended");
	set_for(&world, GPU, "processes", "kill");
	usage_check_refused(&world.usage, "It holds the cluster's data.", "never ended");
}

static void a_boot_splash_is_no_session(void **state)
{
	open_world(world);
	(void)state;
	usage_holder(&world.usage, 412, HOLDER_SPLASH, "plymouthd", world.card);
	usage_check_release(&world.usage,
			    "process 412:5000@" GPU " held -> free,wait=10000,grace=5000\n" GATE(
				    "held -> free,wait=10000\n"));
	world.usage.policy.all.processes = PROCESSES_REFUSE;
	usage_check_release(&world.usage, "process 412:5000@" GPU " held -> free,wait=10000\n" GATE(
						  "held -> free,wait=10000\n"));
}

/* What has not been saved in a browser is worth more than the start of a guest. */
static void a_sessions_program_is_not_killed_for_a_render_node(void **state)
{
	struct holder *holder;

	open_world(world);
	(void)state;
	holder = usage_holder(&world.usage, 730, HOLDER_PROCESS, "firefox", world.render);
	holder->logged_in = true;
	usage_check_release(&world.usage, "process 730:5000@" GPU " held -> free,term=5000\n" GATE(
						  "held -> free,wait=5000\n"));
	world.usage.policy.all.processes = PROCESSES_KILL;
	usage_check_release(&world.usage, "process 730:5000@" GPU " held -> free,grace=5000\n" GATE(
						  "held -> free,wait=5000\n"));
	world.usage.policy.all.processes = PROCESSES_TERMINATE;
	holder->logged_in = false;
	usage_check_release(&world.usage, "process 730:5000@" GPU " held -> free,grace=5000\n" GATE(
						  "held -> free,wait=5000\n"));
	holder->logged_in = true;
	usage_hold(holder, world.control);
	usage_check_release(&world.usage,
			    "process 730:5000@" GPU "," SOUND
			    " held -> free,grace=5000\n" GATE("held -> free,wait=5000\n"));
}

static void nvidias_own_node_and_accelerators_are_render_nodes(void **state)
{
	static const char *const subsystems[] = {"nvidia", "accel"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		cleanup(world_done) struct world world;
		struct holder *holder;
		size_t node;

		world_open(&world);
		node = usage_node(&world.usage, GPU, subsystems[i], "n0");
		holder = usage_holder(&world.usage, 730, HOLDER_PROCESS, "blender", node);
		holder->logged_in = true;
		usage_check_release(&world.usage,
				    "process 730:5000@" GPU
				    " held -> free,term=5000\n" GATE("held -> free,wait=5000\n"));
	}
}

/* By the kind of node, not by who runs it. */
static void who_holds_sound_only_is_asked_first(void **state)
{
	struct holder *holder;

	open_world(world);
	(void)state;
	usage_udev(&world.usage, SOUND, "+sound:card1", "sound");
	usage_udev(&world.usage, GPU, "c226:1", "drm");
	holder = usage_holder(&world.usage, 900, HOLDER_PROCESS, "jackd", world.control);
	usage_check_release(&world.usage,
			    "udev +sound:card1 known -> withdrawn\n"
			    "process 900:5000@" SOUND " held -> free,wait=3000,grace=5000\n" GATE(
				    "held -> free,wait=5000\n"));
	world.usage.policy.all.processes = PROCESSES_WAIT;
	usage_check_release(&world.usage,
			    "udev +sound:card1 known -> withdrawn\n"
			    "process 900:5000@" SOUND
			    " held -> free,wait=10000\n" GATE("held -> free,wait=10000\n"));
	holder->role = HOLDER_SERVICE;
	holder->unit = xstrdup("pulseaudio.service");
	usage_unit(&world.usage, "pulseaudio.service", true, true, NULL);
	usage_check_release(&world.usage, "unit pulseaudio.service active -> inactive\n" GATE(
						  "held -> free,wait=5000\n"));
	holder->follows_udev = true;
	usage_check_release(&world.usage,
			    "udev +sound:card1 known -> withdrawn\n"
			    "process 900:5000@" SOUND " held -> free,wait=3000,grace=5000\n" GATE(
				    "held -> free,wait=5000\n"));
}

/* On a machine that is only looked at nobody can be asked about units. */
static void what_cannot_be_asked_about_is_planned_with_a_caveat(void **state)
{
	struct holder *holder;

	open_world(world);
	(void)state;
	holder = usage_holder(&world.usage, 900, HOLDER_SERVICE, "lactd", world.card);
	holder->unit = xstrdup("lactd.service");
	usage_unit(&world.usage, "lactd.service", true, false, NULL);
	usage_check_refused(&world.usage, "lactd");
	world.usage.snapshot.units[0].unasked = true;
	usage_check_release(&world.usage, "unit lactd.service active -> inactive\n" GATE(
						  "held -> free,wait=5000\n"));
	assert_text(world.usage.plan.steps[0].why, "its process 900 (lactd) holds " GPU);
	if (world.usage.plan.note_count == 0)
		fail_msg("nothing is noted");
	assert_contains(world.usage.plan.notes[0],
			"was not asked whether these units can be stopped");
}

/* Whoever would have the session back at once is stopped with it, or it does not end. */
static void what_has_started_the_session_is_stopped_or_refuses(void **state)
{
	struct holder *holder;

	open_world(world);
	(void)state;
	world.usage.policy.all.display = DISPLAY_STOP;
	holder = usage_holder(&world.usage, 700, HOLDER_DISPLAY, "sway", world.card);
	holder->starter = xstrdup("getty@tty1.service");
	usage_unit(&world.usage, "getty@tty1.service", true, true, NULL);
	usage_check_release(&world.usage,
			    "unit getty@tty1.service active,drm=" GPU " -> inactive\n"
			    "process 700:5000@" GPU " held -> free,wait=10000,grace=5000\n" GATE(
				    "held -> free,wait=10000\n"));
	world.usage.snapshot.units[0].can_stop = false;
	usage_check_refused(&world.usage, "getty@tty1.service cannot be stopped");
	free(holder->starter);
	holder->starter = NULL;
	holder->starter_program = xstrdup("sddm (process 600)");
	usage_check_refused(&world.usage, "sddm (process 600) would start this session again");
	world.usage.policy.all.display = DISPLAY_RELEASE;
	usage_check_release(&world.usage, "process 700:5000@" GPU " held -> free,wait=10000\n" GATE(
						  "held -> free,wait=10000\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_usb_controller_is_pulled_like_a_plug),
		cmocka_unit_test(a_disk_that_is_open_refuses),
		cmocka_unit_test(a_disk_of_a_program_goes_by_the_key_of_that_disk),
		cmocka_unit_test(who_only_watches_a_disk_loses_nothing),
		cmocka_unit_test(a_container_refuses_with_its_name_and_command),
		cmocka_unit_test(a_boot_splash_is_no_session),
		cmocka_unit_test(a_sessions_program_is_not_killed_for_a_render_node),
		cmocka_unit_test(nvidias_own_node_and_accelerators_are_render_nodes),
		cmocka_unit_test(who_holds_sound_only_is_asked_first),
		cmocka_unit_test(what_cannot_be_asked_about_is_planned_with_a_caveat),
		cmocka_unit_test(what_has_started_the_session_is_stopped_or_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
