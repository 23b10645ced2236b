// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who a holder is, and what it is to the host: from a made-up /proc, by way of the real scan. The
 * made-up devices have the numbers of /dev/null and /dev/full, which the made-up descriptors are
 * links to.
 */
#include "tests/unit/holders-helpers.h"

#include <sys/wait.h>
#include <unistd.h>

static void a_holder_is_told_in_full(void **state)
{
	const struct holder *holder;

	(void)state;
	process_add(812, 1000, "mpv", "/user.slice/user-1000.slice/session-2.scope");
	tree_raw_link(host->root_fd, "proc/812/fd/9", "/dev/full");
	record("run/systemd/sessions/2", "# data\nUID=1000\nACTIVE=1\nSTATE=active\n");
	assert_holders("process active process 812 (mpv, user alice, session 2, unit "
		       "session-2.scope)\n");
	holder = snapshot.holders;
	assert_int_equal(snapshot.node_count, 2);
	assert_int_equal(holder->start_time, 8120);
	assert_int_equal(holder->uid, 1000);
	assert_int_equal(holder->hold_count, 2);
	assert_int_equal(holder->holds[0].how, HOLDS_DESCRIPTOR);
	assert_int_not_equal(holder->holds[0].node, holder->holds[1].node);
	assert_int_equal(snapshot.unreadable_count, 0);
}

static void users_have_names(void **state)
{
	(void)state;
	process_add(10, 0, "a", "/");
	process_add(11, 1000, "b", "/");
	process_add(12, 1001, "c", "/");
	process_add(13, 1002, "d\x01", "/");
	record("run/systemd/users/1001", "NAME=ldap\\user\n");
	assert_holders("process process 10 (a, user root)\n"
		       "process process 11 (b, user alice)\n"
		       "process process 12 (c, user ldap\\x5cuser)\n"
		       "process process 13 (d\\x01, user 1002)\n");
}

static void services_are_told_from_programs(void **state)
{
	(void)state;
	systemd_runs();
	process_add(20, 0, "ollama", "/system.slice/ollama.service");
	process_add(21, 1000, "pipewire",
		    "/user.slice/user-1000.slice/user@1000.service/"
		    "session.slice/pipewire.service");
	process_add(22, 1000, "firefox",
		    "/user.slice/user-1000.slice/user@1000.service/app.slice/"
		    "app-firefox-1.scope");
	process_add(23, 1000, "gvfsd",
		    "/user.slice/user-1000.slice/user@1000.service/app.slice/"
		    "dbus.service");
	process_add(24, 0, "wireplumber",
		    "/user.slice/user-0.slice/user@0.service/session.slice/w.service");
	process_add(25, 0, "init-made", "/foo");
	record("run/systemd/users/1000", "NAME=alice\nDISPLAY=2\n");
	record("run/systemd/sessions/2", "STATE=online\nACTIVE=0\n");
	assert_holders(
		"service process 20 (ollama, user root, unit ollama.service)\n"
		"user-service process 21 (pipewire, user alice, session 2, unit pipewire.service)\n"
		"process process 22 (firefox, user alice, session 2, unit app-firefox-1.scope)\n"
		"process process 23 (gvfsd, user alice, session 2, unit dbus.service)\n"
		"process process 24 (wireplumber, user root, unit user@0.service)\n"
		"process process 25 (init-made, user root)\n");
	assert_int_equal(snapshot.holders[1].manager, 1000);
}

static void without_systemd_nothing_is_a_service(void **state)
{
	(void)state;
	process_add(20, 0, "ollama", "/system.slice/ollama.service");
	assert_holders("process process 20 (ollama, user root, unit ollama.service)\n");
}

static void what_keeps_sessions_is_told(void **state)
{
	(void)state;
	systemd_runs();
	process_add(1, 0, "systemd", "/init.scope");
	process_add(30, 0, "systemd-logind", "/system.slice/systemd-logind.service");
	process_add(31, 0, "elogind-daemon", "/");
	/* Names are cheap. */
	process_add(32, 1000, "systemd-logind", "/");
	assert_holders("logind process 1 (systemd, user root, unit init.scope)\n"
		       "logind process 30 (systemd-logind, user root, unit "
		       "systemd-logind.service)\n"
		       "logind process 31 (elogind-daemon, user root)\n"
		       "process process 32 (systemd-logind, user alice)\n");
}

static void guests_have_their_names(void **state)
{
	static const char words[] = "qemu\0-name\0guest=win,,11,debug-threads=on\0-S";
	auto_free char *path = xasprintf("%s/proc/40/cmdline", host->root);
	FILE *file;

	(void)state;
	process_add(40, 0, "qemu-system-x86",
		    "/machine.slice/machine-qemu\\x2d1\\x2dwin.scope/libvirt");
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(words, 1, sizeof(words), file), sizeof(words));
	fclose(file);
	process_add(41, 0, "worker",
		    "/machine.slice/machine-qemu\\x2d2\\x2dlinux.scope/libvirt/emulator");
	process_add(42, 0, "kvm", "/");
	process_add(43, 0, "main", "/");
	tree_raw_link(host->root_fd, "proc/43/exe", "/usr/bin/qemu-system-x86_64 (deleted)");
	assert_holders("guest process 40 (qemu-system-x86, guest win,11, user root, unit "
		       "machine-qemu\\x2d1\\x2dwin.scope)\n"
		       "guest process 41 (worker, guest linux, user root, unit "
		       "machine-qemu\\x2d2\\x2dlinux.scope)\n"
		       "guest process 42 (kvm, user root)\n"
		       "guest process 43 (main, user root)\n");
}

static void reluctant_guest_add(int pid)
{
	auto_free char *path = xasprintf("proc/%d/cmdline", pid);

	process_add(pid, 1000, "qemu-fake", "/");
	assert_int_equal(mkfifoat(host->root_fd, path, 0600), 0);
}

/* It tells its words to the first who asks, and keeps every other waiting. */
static void who_tells_once_is_asked_once(void **state)
{
	static const char words[] = "qemu\0-name\0once";
	pid_t teller;

	(void)state;
	reluctant_guest_add(44);
	teller = fork();
	if (teller == 0) {
		int fd = openat(host->root_fd, "proc/44/cmdline", O_WRONLY | O_CLOEXEC);

		_exit(write(fd, words, sizeof(words)) == sizeof(words) ? 0 : 1);
	}
	alarm(30);
	assert_holders("guest process 44 (qemu-fake, guest once, user alice)\n");
	alarm(0);
	assert_int_equal(waitpid(teller, NULL, 0), teller);
}

static void many_who_do_not_tell_cost_as_much_as_one(void **state)
{
	uint64_t started_ms = host_now_ms();

	(void)state;
	for (int pid = 44; pid < 49; pid++)
		reluctant_guest_add(pid);
	read_holders();
	assert_int_equal(snapshot.holder_count, 5);
	assert_true(host_now_ms() - started_ms < 2 * 3000);
}

static void what_all_stand_on_is_protected(void **state)
{
	(void)state;
	systemd_runs();
	process_add(50, 100, "dbus-daemon", "/system.slice/dbus.service");
	process_add(51, 1000, "dbus-broker-lau",
		    "/user.slice/user-1000.slice/user@1000.service/"
		    "session.slice/dbus-broker.service");
	process_add(52, 0, "(udev-worker)", "/system.slice/systemd-udevd.service/udev");
	process_add(53, 0, "modprobe", "/system.slice/systemd-udevd.service/udev");
	process_add(54, 0, "virtqemud", "/");
	process_add(55, 0, "dnsmasq", "/system.slice/virtnetworkd.service");
	process_add(56, 1000, "systemd",
		    "/user.slice/user-1000.slice/user@1000.service/init.scope");
	process_add(57, 0, "virtuoso", "/system.slice/virtuoso.service");
	assert_holders(
		"protected process 50 (dbus-daemon, user 100, unit dbus.service)\n"
		"protected process 51 (dbus-broker-lau, user alice, unit dbus-broker.service)\n"
		"protected process 52 ((udev-worker), user root, unit systemd-udevd.service)\n"
		"protected process 53 (modprobe, user root, unit systemd-udevd.service)\n"
		"protected process 54 (virtqemud, user root)\n"
		"protected process 55 (dnsmasq, user root, unit virtnetworkd.service)\n"
		"protected process 56 (systemd, user alice, unit init.scope)\n"
		"service process 57 (virtuoso, user root, unit virtuoso.service)\n");
}

static void ancestors_are_protected(void **state)
{
	auto_free char *stat =
		xasprintf("%d (x) S 70 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 1 0 5 0 0\n", (int)getpid());
	auto_free char *self = xasprintf("%d", (int)getpid());

	(void)state;
	tree_raw_link(host->root_fd, "proc/self", self);
	process_file(getpid(), "stat", stat);
	process_add(70, 0, "hostdevctl", "/");
	process_file(70, "stat", "70 (a) b) S 71 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 1 0 700 0 0\n");
	process_add(71, 0, "bash", "/");
	process_add(72, 0, "bash", "/");
	assert_holders("protected process 70 (hostdevctl, user root)\n"
		       "protected process 71 (bash, user root)\n"
		       "process process 72 (bash, user root)\n");
}

/* Of a machine that is only looked at, a process may have our number. */
static void another_machines_processes_are_no_ancestors(void **state)
{
	auto_free char *who = xasprintf("process process %d (bash, user root)\n", (int)getpid());

	(void)state;
	process_add(getpid(), 0, "bash", "/");
	assert_holders(who);
}

static void display_servers_of_active_sessions(void **state)
{
	(void)state;
	systemd_runs();
	record("run/systemd/sessions/2", "ACTIVE=1\nTYPE=wayland\n");
	record("run/systemd/sessions/c3", "ACTIVE=0\nSTATE=online\nTYPE=wayland\n");
	record("run/systemd/sessions/c4", "ACTIVE=0\nSTATE=closing\nTYPE=wayland\n");
	record("run/systemd/users/1000", "DISPLAY=2\n");
	process_add(80, 1000, "gnome-shell",
		    "/user.slice/user-1000.slice/user@1000.service/"
		    "session.slice/org.gnome.Shell@wayland.service");
	process_add(81, 1000, "kwin_wayland_wr", "/user.slice/user-1000.slice/session-2.scope");
	process_add(82, 1000, ".sway-wrapped", "/user.slice/user-1000.slice/session-2.scope");
	process_add(83, 42, "weston", "/user.slice/user-42.slice/session-c3.scope");
	process_add(86, 42, "weston", "/user.slice/user-42.slice/session-c4.scope");
	process_add(84, 1000, "Xorgchen", "/user.slice/user-1000.slice/session-2.scope");
	assert_holders("display active process 80 (gnome-shell, user alice, session 2, unit "
		       "org.gnome.Shell@wayland.service)\n"
		       "display active process 81 (kwin_wayland_wr, user alice, session 2, unit "
		       "session-2.scope)\n"
		       "display active process 82 (.sway-wrapped, user alice, session 2, unit "
		       "session-2.scope)\n"
		       "display process 83 (weston, user 42, session c3, unit session-c3.scope)\n"
		       "process active process 84 (Xorgchen, user alice, session 2, unit "
		       "session-2.scope)\n"
		       "process process 86 (weston, user 42, session c4, unit session-c4.scope)\n");
}

static void a_display_server_of_a_display_manager(void **state)
{
	(void)state;
	systemd_runs();
	process_add(85, 0, "Xorg", "/system.slice/lightdm.service");
	record("run/systemd/seats/seat0", "IS_SEAT0=1\nACTIVE=2\nACTIVE_UID=1000\n");
	record("run/systemd/sessions/2", "ACTIVE=1\nTYPE=x11\n");
	assert_holders("display active process 85 (Xorg, user root, session 2, unit "
		       "lightdm.service)\n");
}

static void one_that_is_not_on_the_screen(void **state)
{
	(void)state;
	systemd_runs();
	process_add(85, 0, "Xorg", "/system.slice/lightdm.service");
	record("run/systemd/seats/seat0", "ACTIVE=4\n");
	record("run/systemd/sessions/4", "ACTIVE=1\nTYPE=tty\n");
	assert_holders("service process 85 (Xorg, user root, unit lightdm.service)\n");
}

static void without_records_a_display_server_is_on_the_screen(void **state)
{
	(void)state;
	process_add(85, 0, "Xorg", "/");
	assert_holders("display active process 85 (Xorg, user root)\n");
}

static void the_master_of_a_card_has_the_screen(void **state)
{
	(void)state;
	record("sys/kernel/debug/dri/3/clients",
	       "             command  tgid dev master a   uid      magic\n"
	       "             my show    90   0   y    y     0          0\n"
	       "             another    91   0   n    y     0          0\n"
	       "short\n");
	process_add(90, 0, "my show", "/");
	process_add(91, 0, "another", "/");
	assert_holders("display process 90 (my show, user root)\n"
		       "process process 91 (another, user root)\n");
}

static void a_compositor_that_no_list_knows(void **state)
{
	(void)state;
	systemd_runs();
	record("run/systemd/sessions/2", "ACTIVE=1\n");
	record("run/systemd/sessions/3", "ACTIVE=0\n");
	process_add(30, 0, "systemd-logind", "/system.slice/systemd-logind.service");
	process_add(92, 1000, "homebrew", "/user.slice/user-1000.slice/session-2.scope");
	process_add(93, 1000, "homebrew", "/user.slice/user-1000.slice/session-3.scope");
	/* Sound only. */
	process_add(94, 1000, "mpv", "/user.slice/user-1000.slice/session-2.scope");
	tree_remove(host->root_fd, "proc/94/fd/3");
	tree_raw_link(host->root_fd, "proc/94/fd/3", "/dev/full");
	assert_holders(
		"logind process 30 (systemd-logind, user root, unit systemd-logind.service)\n"
		"display active process 92 (homebrew, user alice, session 2, unit "
		"session-2.scope)\n"
		"process process 93 (homebrew, user alice, session 3, unit session-3.scope)\n"
		"process active process 94 (mpv, user alice, session 2, unit session-2.scope)\n");
}

static void containers_are_named(void **state)
{
	(void)state;
	systemd_runs();
	process_add(95, 0, "python3",
		    "/system.slice/docker-4f5c6e7d8a9b0c1d2e3f4a5b6c7d8e9f0a1b2c3d.scope");
	assert_holders("container process 95 (python3, user root, container "
		       "docker-4f5c6e7d8a9b)\n");
	assert_string_equal(snapshot.holders[0].container_stop, "docker stop 4f5c6e7d8a9b");
}

static void one_that_ends_meanwhile_is_left_out(void **state)
{
	(void)state;
	process_add(96, 0, "a", "/");
	process_add(97, 0, "b", "/");
	tree_remove(host->root_fd, "proc/96/comm");
	assert_holders("process process 97 (b, user root)\n");
}

static void what_cannot_be_told_is_protected(void **state)
{
	(void)state;
	process_add(98, 0, "a", "/");
	process_file(98, "status", "Name:\ta\n");
	assert_holders("protected process 98 (?)\n");
	assert_int_equal(snapshot.unreadable_count, 1);
	assert_int_equal(snapshot.unreadables[0].pid, 98);
	assert_contains(snapshot.unreadables[0].why, "/proc/98/status");
}

static void devices_nobody_holds(void **state)
{
	(void)state;
	process_add(99, 0, "a", "/");
	tree_remove(host->root_fd, "proc/99/fd/3");
	assert_holders("");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_holder_is_told_in_full),
		TEST(users_have_names),
		TEST(services_are_told_from_programs),
		TEST(without_systemd_nothing_is_a_service),
		TEST(what_keeps_sessions_is_told),
		TEST(guests_have_their_names),
		TEST(who_tells_once_is_asked_once),
		TEST(many_who_do_not_tell_cost_as_much_as_one),
		TEST(what_all_stand_on_is_protected),
		TEST(ancestors_are_protected),
		TEST(another_machines_processes_are_no_ancestors),
		TEST(display_servers_of_active_sessions),
		TEST(a_display_server_of_a_display_manager),
		TEST(one_that_is_not_on_the_screen),
		TEST(without_records_a_display_server_is_on_the_screen),
		TEST(the_master_of_a_card_has_the_screen),
		TEST(a_compositor_that_no_list_knows),
		TEST(containers_are_named),
		TEST(one_that_ends_meanwhile_is_left_out),
		TEST(what_cannot_be_told_is_protected),
		TEST(devices_nobody_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
