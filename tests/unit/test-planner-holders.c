// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a plan makes of processes that hold devices: who is asked, stopped, ended, waited for or
 * left, in which order, and who keeps the guest from starting.
 */
#include "tests/unit/usage-world.h"

static void without_holders_there_is_only_the_gate(void **state)
{
	open_world(world);
	(void)state;
	usage_check_release(&world.usage, GATE("free -> free,wait=5000\n"));
}

static void the_gate_comes_right_before_the_first_unbind(void **state)
{
	const struct plan *plan;
	size_t gate = 0;

	open_world(world);
	(void)state;
	usage_holder(&world.usage, 812, HOLDER_PROCESS, "mpv", world.card);
	planner_lend(&world.usage.guest, &world.usage.snapshot, &world.usage.policy,
		     &world.usage.plan);
	plan = &world.usage.plan;
	while (gate < plan->step_count && plan->steps[gate].kind != STEP_HOLDERS)
		gate++;
	if (!plan->steps || gate + 1 >= plan->step_count) {
		fail_msg("there is no gate");
		return;
	}
	assert_int_equal(plan->steps[gate + 1].kind, STEP_DRIVER);
	for (size_t i = 0; i < gate; i++)
		assert_int_not_equal(plan->steps[i].kind, STEP_DRIVER);
}

/* They may appear until their driver goes. */
static void without_nodes_there_is_a_gate_too(void **state)
{
	auto_usage struct usage usage;

	(void)state;
	usage_open(&usage, HOST, GUEST);
	usage_check_release(&usage, GATE("free -> free,wait=5000\n"));
}

/* The kernel waits for nobody who has a clock open, and a daemon that keeps the time goes on. */
static void who_has_a_clock_is_left_alone(void **state)
{
	static const enum holder_role roles[] = {HOLDER_PROCESS, HOLDER_SERVICE, HOLDER_PROTECTED,
						 HOLDER_CONTAINER};
	auto_usage struct usage usage;
	size_t clock;

	(void)state;
	usage_open(&usage, HOST, GUEST);
	clock = usage_node(&usage, SOUND, "ptp", "ptp0");
	usage_check_release(&usage, "");
	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
		usage_holder(&usage, 812 + (int)i, roles[i], "chronyd", clock);
	/* It is told, as a new clock does not come to who has the old one. */
	usage_check_release(&usage, "");
}

static void a_process_is_ended_with_grace(void **state)
{
	struct holder *holder;

	open_world(world);
	(void)state;
	holder = usage_holder(&world.usage, 812, HOLDER_PROCESS, "mpv", world.card);
	usage_hold(holder, world.control);
	world.usage.policy.all.grace_time_ms = 3000;
	usage_check_release(&world.usage,
			    "process 812:5000@" GPU "," SOUND
			    " held -> free,grace=3000\n" GATE("held -> free,wait=5000\n"));
}

static void a_process_is_waited_for_or_refused_by_policy(void **state)
{
	open_world(world);
	(void)state;
	usage_holder(&world.usage, 812, HOLDER_PROCESS, "mpv", world.card);
	world.usage.policy.all.processes = PROCESSES_WAIT;
	world.usage.policy.all.wait_time_ms = 7000;
	usage_check_release(&world.usage, "process 812:5000@" GPU " held -> free,wait=7000\n" GATE(
						  "held -> free,wait=7000\n"));
	world.usage.policy.all.processes = PROCESSES_REFUSE;
	usage_check_refused(&world.usage, GPU, "mpv (process 812)", "/dev/dri/card1",
			    "processes=terminate");
}

static void the_most_careful_of_its_devices_decides(void **state)
{
	struct holder *holder;
	struct error err = ERROR_INIT;
	struct pci_addr sound = usage_addr(SOUND);

	open_world(world);
	(void)state;
	holder = usage_holder(&world.usage, 812, HOLDER_PROCESS, "mpv", world.card);
	usage_hold(holder, world.control);
	assert_ok(policy_set(&world.usage.policy, &sound, "processes", "wait", "test", &err), &err);
	usage_check_release(&world.usage,
			    "process 812:5000@" GPU "," SOUND
			    " held -> free,wait=10000\n" GATE("held -> free,wait=10000\n"));
	assert_ok(policy_set(&world.usage.policy, &sound, "processes", "refuse", "test", &err),
		  &err);
	usage_check_refused(&world.usage, SOUND, "812", "/dev/snd/controlC1");
}

static void a_service_is_stopped_with_what_would_start_it_again(void **state)
{
	struct holder *holder;

	open_world(world);
	(void)state;
	holder = usage_holder(&world.usage, 900, HOLDER_SERVICE, "lactd", world.card);
	holder->unit = xstrdup("lactd.service");
	holder = usage_holder(&world.usage, 901, HOLDER_SERVICE, "lactd", world.render);
	holder->unit = xstrdup("lactd.service");
	usage_unit(&world.usage, "lactd.service", true, true, "lactd.socket");
	usage_check_release(&world.usage,
			    "unit lactd.socket active -> inactive\n"
			    "unit lactd.service active,sockets=lactd.socket -> inactive\n" GATE(
				    "held -> free,wait=5000\n"));
}

static void a_service_that_cannot_be_stopped_refuses(void **state)
{
	struct holder *holder;

	open_world(world);
	(void)state;
	holder = usage_holder(&world.usage, 900, HOLDER_SERVICE, "lactd", world.card);
	holder->unit = xstrdup("lactd.service");
	usage_unit(&world.usage, "lactd.service", true, false, NULL);
	usage_check_refused(&world.usage, GPU, "lactd (process 900, unit lactd.service)",
			    "it refuses to be stopped by hand");
	world.usage.policy.all.services = SERVICES_TERMINATE;
	usage_check_release(&world.usage, "process 900:5000@" GPU " held -> free,grace=5000\n" GATE(
						  "held -> free,wait=5000\n"));
	world.usage.policy.all.services = SERVICES_REFUSE;
	usage_check_refused(&world.usage, "systemctl stop");
}

static void a_sound_server_is_asked_before_it_is_ended(void **state)
{
	struct holder *holder;

	open_world(world);
	(void)state;
	holder = usage_holder(&world.usage, 950, HOLDER_USER_SERVICE, "wireplumber", world.control);
	holder->unit = xstrdup("wireplumber.service");
	holder->manager = 1000;
	usage_udev(&world.usage, SOUND, "+sound:card1", "sound");
	usage_udev(&world.usage, GPU, "c226:1", "drm");
	usage_check_release(&world.usage,
			    "udev +sound:card1 known -> withdrawn\n"
			    "process 950:5000@" SOUND " held -> free,wait=3000,grace=5000\n" GATE(
				    "held -> free,wait=5000\n"));
}

static void a_users_service_is_stopped_by_its_own_manager(void **state)
{
	struct holder *holder;

	open_world(world);
	(void)state;
	holder = usage_holder(&world.usage, 950, HOLDER_USER_SERVICE, "openrgb", world.card);
	holder->unit = xstrdup("openrgb.service");
	holder->manager = 1000;
	usage_unit(&world.usage, "1000/openrgb.service", true, true, NULL);
	usage_check_release(&world.usage, "unit 1000/openrgb.service active -> inactive\n" GATE(
						  "held -> free,wait=5000\n"));
}

static struct holder *add_session(struct world *world)
{
	struct holder *holder =
		usage_holder(&world->usage, 700, HOLDER_DISPLAY, "gnome-shell", world->card);

	holder->user = xstrdup("alice");
	holder->session = xstrdup("2");
	holder->session_active = true;
	usage_holder(&world->usage, 300, HOLDER_LOGIND, "systemd-logind", world->card);
	usage_udev(&world->usage, GPU, "c226:1", "drm");
	usage_udev(&world->usage, SOUND, "+sound:card1", "sound");
	return holder;
}

static void a_session_refuses(void **state)
{
	open_world(world);
	(void)state;
	add_session(&world);
	usage_check_refused(&world.usage, GPU, "gnome-shell (process 700, user alice, session 2)",
			    "display=release");
}

/* Xorg and GNOME take no notice of a card that goes: to ask them is in vain. */
static void who_lets_go_of_no_card_is_not_to_be_asked(void **state)
{
	auto_text struct text text = TEXT_INIT;

	open_world(world);
	(void)state;
	add_session(&world);
	for (size_t i = 0; i < world.usage.snapshot.holder_count; i++)
		world.usage.snapshot.holders[i].keeps_cards =
			world.usage.snapshot.holders[i].role == HOLDER_DISPLAY;
	usage_check_refused(&world.usage,
			    "A desktop session uses this card, and gnome-shell lets go of no "
			    "card. Log out, or keep gnome-shell off this card (see SESSIONS",
			    "set win11 display=stop");
	plan_format_refusals(&world.usage.plan, "win11", &world.usage.snapshot, &text);
	assert_null(strstr(text.data, "display=release"));
}

static void a_session_is_asked_to_release_the_card(void **state)
{
	open_world(world);
	(void)state;
	add_session(&world);
	world.usage.policy.all.display = DISPLAY_RELEASE;
	usage_check_release(&world.usage,
			    "udev c226:1 known -> withdrawn\n"
			    "process 700:5000@" GPU " held -> free,wait=10000\n"
			    "process 300:5000@" GPU
			    " held -> free,wait=10000\n" GATE("held -> free,wait=10000\n"));
}

static void nvidia_is_never_released(void **state)
{
	auto_usage struct usage usage;
	size_t card;

	(void)state;
	usage_open(&usage,
		   "device 0000:01:00.0 10de:2204 class=030000 group=14 driver=nvidia\n"
		   "module vfio-pci registers=vfio-pci\n",
		   "hostdev 0000:01:00.0 managed\n");
	card = usage_node(&usage, GPU, "drm", "dri/card1");
	usage_holder(&usage, 700, HOLDER_DISPLAY, "kwin_wayland", card);
	usage.policy.all.display = DISPLAY_RELEASE;
	usage_check_refused(&usage, "display=stop", "nvidia");
}

static void the_display_manager_is_stopped_first(void **state)
{
	struct holder *holder;

	open_world(world);
	(void)state;
	add_session(&world);
	holder = usage_holder(&world.usage, 900, HOLDER_SERVICE, "lactd", world.render);
	holder->unit = xstrdup("lactd.service");
	usage_unit(&world.usage, "lactd.service", true, true, NULL);
	usage_unit(&world.usage, "gdm.service", true, true, NULL);
	world.usage.snapshot.display_manager = xstrdup("gdm.service");
	world.usage.policy.all.display = DISPLAY_STOP;
	usage_check_release(&world.usage,
			    "unit gdm.service active,drm=" GPU " -> inactive\n"
			    "unit lactd.service active -> inactive\n"
			    "process 700:5000@" GPU " held -> free,wait=10000,grace=5000\n"
			    "process 300:5000@" GPU
			    " held -> free,wait=10000\n" GATE("held -> free,wait=10000\n"));
}

/* Its server would be back at once, and the session would be lost for nothing. */
static void a_display_manager_that_cannot_be_stopped_refuses(void **state)
{
	open_world(world);
	(void)state;
	add_session(&world);
	usage_unit(&world.usage, "gdm.service", true, false, NULL);
	world.usage.snapshot.display_manager = xstrdup("gdm.service");
	world.usage.policy.all.display = DISPLAY_STOP;
	usage_check_refused(&world.usage, "display manager gdm.service cannot be stopped",
			    "stop it by hand first");
}

/* Of what does not run nothing comes back, be it stoppable or not. */
static void a_display_manager_that_does_not_run_is_none(void **state)
{
	open_world(world);
	(void)state;
	add_session(&world);
	usage_unit(&world.usage, "gdm.service", false, false, NULL);
	world.usage.snapshot.display_manager = xstrdup("gdm.service");
	world.usage.policy.all.display = DISPLAY_STOP;
	usage_check_release(&world.usage,
			    "process 700:5000@" GPU " held -> free,wait=10000,grace=5000\n"
			    "process 300:5000@" GPU
			    " held -> free,wait=10000\n" GATE("held -> free,wait=10000\n"));
}

static void without_a_session_on_the_card_the_display_manager_stays(void **state)
{
	open_world(world);
	(void)state;
	usage_unit(&world.usage, "gdm.service", true, true, NULL);
	world.usage.snapshot.display_manager = xstrdup("gdm.service");
	world.usage.policy.all.display = DISPLAY_STOP;
	usage_check_release(&world.usage, GATE("free -> free,wait=5000\n"));
}

static void the_protected_and_other_guests_refuse(void **state)
{
	struct holder *holder;

	open_world(world);
	(void)state;
	holder = usage_holder(&world.usage, 60, HOLDER_PROTECTED, "dbus-daemon", world.card);
	usage_check_refused(&world.usage, "dbus-daemon (process 60)", "never ended");
	holder->role = HOLDER_GUEST;
	holder->guest = xstrdup("other");
	usage_check_refused(&world.usage, "guest other", "stop that first");
}

static void udev_is_waited_for(void **state)
{
	open_world(world);
	(void)state;
	usage_holder(&world.usage, 61, HOLDER_PROTECTED, "(udev-worker)", world.card);
	usage_check_release(&world.usage, "process 61:5000@" GPU " held -> free,wait=10000\n" GATE(
						  "held -> free,wait=10000\n"));
}

static void shared_nodes_are_no_hold(void **state)
{
	size_t shared;

	open_world(world);
	(void)state;
	shared = usage_node(&world.usage, GPU, "nvidia", "nvidiactl");
	world.usage.snapshot.nodes[shared].shared = true;
	usage_holder(&world.usage, 812, HOLDER_PROCESS, "cuda", shared);
	usage_check_release(&world.usage, GATE("free -> free,wait=5000\n"));
}

/* By the group's node or by the device's own: a hypervisor or not, it has the device itself. */
static void who_uses_it_through_vfio_refuses(void **state)
{
	static const char *const nodes[][2] = {{"vfio", "vfio/14"},
					       {"vfio-dev", "vfio/devices/vfio0"}};

	(void)state;
	for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++) {
		auto_free char *path = xasprintf("/dev/%s", nodes[i][1]);
		auto_usage struct usage usage;
		size_t node;

		usage_open(&usage,
			   "device 0000:01:00.0 8086:10ed group=14 driver=vfio-pci "
			   "override=vfio-pci\n"
			   "module vfio-pci registers=vfio-pci\n",
			   "hostdev 0000:01:00.0 managed\n");
		usage.policy.all.processes = PROCESSES_TERMINATE;
		node = usage_node(&usage, GPU, nodes[i][0], nodes[i][1]);
		usage_holder(&usage, 812, HOLDER_PROCESS, "dpdk-testpmd", node);
		usage_check_refused(&usage, "dpdk-testpmd (process 812)", path);
	}
}

static void add_unreadable(struct usage *usage)
{
	struct snapshot *snapshot = &usage->snapshot;

	snapshot->unreadables = xcalloc(1, sizeof(*snapshot->unreadables));
	snapshot->unreadables[0] =
		(struct unreadable){.pid = 77, .why = xstrdup("Permission denied")};
	snapshot->unreadable_count = 1;
}

static void what_cannot_be_seen_is_not_free(void **state)
{
	open_world(world);
	(void)state;
	add_unreadable(&world.usage);
	usage_check_refused(&world.usage, GPU, "process 77 (Permission denied)");
}

/* Whoever has those has not the device, so it does not matter who that is. */
static void what_cannot_be_seen_may_have_shared_nodes_and_clocks(void **state)
{
	auto_usage struct usage usage;
	size_t shared;

	(void)state;
	usage_open(&usage, HOST, GUEST);
	shared = usage_node(&usage, GPU, "nvidia", "nvidiactl");
	usage.snapshot.nodes[shared].shared = true;
	usage_node(&usage, SOUND, "ptp", "ptp0");
	add_unreadable(&usage);
	usage_check_release(&usage, "");
}

static void names_cannot_break_the_line(void **state)
{
	struct holder *holder;

	open_world(world);
	(void)state;
	holder = usage_holder(&world.usage, 812, HOLDER_PROCESS, "a\nb\033[2J", world.card);
	holder->unit = xstrdup("x\ty.scope");
	world.usage.policy.all.processes = PROCESSES_REFUSE;
	usage_check_refused(&world.usage, "a?b?[2J (process 812, unit x?y.scope)");
}

static void a_crowd_gets_several_gates(void **state)
{
	auto_text struct text host = TEXT_INIT, guest = TEXT_INIT;
	auto_usage struct usage usage;
	size_t gates = 0, addresses = 0;

	(void)state;
	text_printf(&host, "module vfio-pci registers=vfio-pci\n");
	for (int i = 1; i <= 70; i++) {
		text_printf(&host,
			    "device 0000:%02x:00.0 10de:2330 class=030200 group=%d "
			    "driver=nvidia\n",
			    i, i);
		text_printf(&guest, "hostdev 0000:%02x:00.0 managed\n", i);
	}
	usage_open(&usage, host.data, guest.data);
	for (int i = 1; i <= 70; i++) {
		auto_free char *addr = xasprintf("0000:%02x:00.0", i);

		usage_node(&usage, addr, "nvidia", "nvidiaX");
	}
	planner_lend(&usage.guest, &usage.snapshot, &usage.policy, &usage.plan);
	for (size_t i = 0; i < usage.plan.step_count; i++) {
		struct gate_target target;

		if (usage.plan.steps[i].kind != STEP_HOLDERS)
			continue;
		gates++;
		assert_true(gate_target_parse(usage.plan.steps[i].target, &target));
		addresses += target.addr_count;
	}
	assert_int_equal(gates, 3);
	assert_int_equal(addresses, 70);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_holders_there_is_only_the_gate),
		cmocka_unit_test(the_gate_comes_right_before_the_first_unbind),
		cmocka_unit_test(without_nodes_there_is_a_gate_too),
		cmocka_unit_test(who_has_a_clock_is_left_alone),
		cmocka_unit_test(a_process_is_ended_with_grace),
		cmocka_unit_test(a_process_is_waited_for_or_refused_by_policy),
		cmocka_unit_test(the_most_careful_of_its_devices_decides),
		cmocka_unit_test(a_service_is_stopped_with_what_would_start_it_again),
		cmocka_unit_test(a_service_that_cannot_be_stopped_refuses),
		cmocka_unit_test(a_sound_server_is_asked_before_it_is_ended),
		cmocka_unit_test(a_users_service_is_stopped_by_its_own_manager),
		cmocka_unit_test(a_session_refuses),
		cmocka_unit_test(who_lets_go_of_no_card_is_not_to_be_asked),
		cmocka_unit_test(a_session_is_asked_to_release_the_card),
		cmocka_unit_test(nvidia_is_never_released),
		cmocka_unit_test(the_display_manager_is_stopped_first),
		cmocka_unit_test(a_display_manager_that_cannot_be_stopped_refuses),
		cmocka_unit_test(a_display_manager_that_does_not_run_is_none),
		cmocka_unit_test(without_a_session_on_the_card_the_display_manager_stays),
		cmocka_unit_test(the_protected_and_other_guests_refuse),
		cmocka_unit_test(udev_is_waited_for),
		cmocka_unit_test(shared_nodes_are_no_hold),
		cmocka_unit_test(who_uses_it_through_vfio_refuses),
		cmocka_unit_test(what_cannot_be_seen_is_not_free),
		cmocka_unit_test(what_cannot_be_seen_may_have_shared_nodes_and_clocks),
		cmocka_unit_test(names_cannot_break_the_line),
		cmocka_unit_test(a_crowd_gets_several_gates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
