// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Libvirt's daemon on a made-up machine: found, timed by the kernel and by systemd, and its
 * confinement read.
 */
#include "tests/host/check.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "parsers/libvirt/daemon.h"
#include "tests/host/tree.h"

#define BOOT_S 1000000000ull
#define BOOT_US (BOOT_S * 1000000)
#define RELOADED_US (BOOT_US + 900000000)

struct machine {
	char root[64];
	int root_fd;
	struct host host;
};

static const char *unit_state;

/* What systemd says of the daemon's unit. */
static int read_unit(const struct host *host, uid_t manager, const char *name,
		     struct host_unit *ret, struct error *err)
{
	(void)host;
	if (!unit_state || manager != 0 || strcmp(name, "libvirtd.service") != 0)
		return error_set(err, 2, "no such unit");
	*ret = (struct host_unit){.id = xstrdup(name),
				  .state = xstrdup(unit_state),
				  .state_changed_us = RELOADED_US,
				  .triggered = xcalloc(1, sizeof(char *)),
				  .dependent = xcalloc(1, sizeof(char *))};
	return 0;
}

static const struct host_ops ops = {.unit_read = read_unit};

static int machine_setup(void **state)
{
	struct machine *machine = xcalloc(1, sizeof(*machine));

	strcpy(machine->root, "/tmp/test-daemon-XXXXXX");
	if (!mkdtemp(machine->root))
		return -1;
	machine->root_fd = open(machine->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	tree_dir(machine->root_fd, "etc");
	tree_dir(machine->root_fd, "run");
	tree_dir(machine->root_fd, "sys");
	tree_file(machine->root_fd, "proc/stat", "cpu 1 2 3\nbtime %llu\n", BOOT_S);
	tree_file(machine->root_fd, "run/libvirtd.pid", "640\n");
	tree_file(machine->root_fd, "proc/640/comm", "libvirtd\n");
	tree_file(machine->root_fd, "proc/640/stat",
		  "640 (libvirtd) S 1 0 0 0 -1 0 0 0 0 0 0 0 0 0 0 0 1 0 %ld 0\n",
		  7 * sysconf(_SC_CLK_TCK));
	unit_state = NULL;
	*state = machine;
	return host_open(&machine->host, machine->root, &ops, NULL, NULL);
}

static int machine_teardown(void **state)
{
	struct machine *machine = *state;

	host_close(&machine->host);
	tree_remove(machine->root_fd, "etc");
	tree_remove(machine->root_fd, "proc");
	tree_remove(machine->root_fd, "run");
	tree_remove(machine->root_fd, "sys");
	close(machine->root_fd);
	rmdir(machine->root);
	free(machine);
	return 0;
}

static void times_without_systemd(void **state)
{
	struct machine *machine = *state;
	auto_daemon struct daemon daemon = {0};

	assert_true(daemon_find(&machine->host, &daemon));
	assert_string_equal(daemon.name, "libvirtd");
	assert_int_equal(daemon.pid, 640);
	assert_true(daemon.started_us == BOOT_US + 7000000);
	assert_true(daemon.reloaded_us == daemon.started_us);
	assert_false(daemon.has_unit);
	assert_int_equal(daemon.confinement, CONFINEMENT_NONE);
}

static void a_reload_is_known_by_the_unit(void **state)
{
	struct machine *machine = *state;
	auto_daemon struct daemon daemon = {0};
	auto_daemon struct daemon stopped = {0};

	unit_state = "active";
	assert_true(daemon_find(&machine->host, &daemon));
	assert_true(daemon.has_unit);
	assert_true(daemon.started_us == BOOT_US + 7000000);
	assert_true(daemon.reloaded_us == RELOADED_US);
	assert_true(daemon_has_looked_since(&daemon, RELOADED_US));
	assert_false(daemon_has_looked_since(&daemon, RELOADED_US + 1));
	/* One that was started by hand, beside its unit. */
	unit_state = "inactive";
	assert_true(daemon_find(&machine->host, &stopped));
	assert_false(stopped.has_unit);
	assert_true(stopped.reloaded_us == stopped.started_us);
	/* The time of a start is known to a second. */
	assert_true(daemon_has_looked_since(&stopped, stopped.started_us + 900000));
	assert_false(daemon_has_looked_since(&stopped, stopped.started_us + 1100000));
}

static void a_number_that_is_another_process_now(void **state)
{
	struct machine *machine = *state;
	struct daemon daemon;

	tree_file(machine->root_fd, "proc/640/comm", "sshd\n");
	assert_false(daemon_find(&machine->host, &daemon));
}

static void confinement(void **state)
{
	static const struct {
		const char *text, *label;
		bool selinux, enforced;
		enum confinement confinement;
	} cases[] = {
		{"unconfined", "unconfined", false, false, CONFINEMENT_NONE},
		{"libvirtd (enforce)", "libvirtd", false, true, CONFINEMENT_APPARMOR},
		{"virtqemud (complain)", "virtqemud", false, false, CONFINEMENT_APPARMOR},
		{"system_u:system_r:virtd_t:s0-s0:c0.c1023",
		 "system_u:system_r:virtd_t:s0-s0:c0.c1023", true, true, CONFINEMENT_SELINUX},
	};
	struct machine *machine = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		auto_daemon struct daemon daemon = {0};

		tree_file(machine->root_fd, "proc/640/attr/current", "%s\n", cases[i].text);
		if (cases[i].selinux)
			tree_file(machine->root_fd, "sys/fs/selinux/enforce", "1");
		assert_true(daemon_find(&machine->host, &daemon));
		assert_string_equal(daemon.label, cases[i].label);
		assert_int_equal(daemon.confinement, cases[i].confinement);
		assert_int_equal(daemon.enforced, cases[i].enforced);
	}
}

/* By the library that the process has loaded, whatever is installed by now. */
static void the_version_that_runs(void **state)
{
	static const struct {
		const char *library;
		unsigned int version;
	} cases[] = {
		{"/usr/lib/x86_64-linux-gnu/libvirt.so.0.9000.0", 9000},
		{"/usr/lib64/libvirt.so.0.11003.2 (deleted)", 11003},
		{"/usr/lib/libvirt.so.0", 0},
		{"/usr/lib/libvirt.so.0.x.0", 0},
		{"/usr/lib/libvirt-qemu.so.0.9000.0", 0},
	};
	struct machine *machine = *state;

	assert_int_equal(daemon_version(&machine->host, 640), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		tree_file(machine->root_fd, "proc/640/maps",
			  "7f00-7f01 r-xp 00000000 08:02 131079   /usr/lib/libc.so.6\n"
			  "7f01-7f02 r-xp 00000000 08:02 131078   %s\n",
			  cases[i].library);
		assert_int_equal(daemon_version(&machine->host, 640), cases[i].version);
	}
}

static void types_of_contexts(void **state)
{
	auto_free char *type = daemon_selinux_type("system_u:object_r:bin_t:s0");
	auto_free char *short_one = daemon_selinux_type("u:r:virtd_t");

	(void)state;
	assert_string_equal(type, "bin_t");
	assert_string_equal(short_one, "virtd_t");
	assert_null(daemon_selinux_type("unconfined"));
	assert_null(daemon_selinux_type("a:b:"));
	assert_null(daemon_selinux_type(""));
}

static void additions_to_the_profile(void **state)
{
	struct machine *machine = *state;
	const char *program = "/usr/local/sbin/hostdev-hook";

	assert_false(daemon_profile_adds(&machine->host, "libvirtd", program));
	tree_file(machine->root_fd, "etc/apparmor.d/local/usr.sbin.libvirtd",
		  "# /usr/local/sbin/hostdev-hook PUx,\n/usr/local/sbin/hostdev-hook-x PUx,\n"
		  "/usr/local/sbin/hostdev-hook r, # no Ux\n"
		  "/usr/local/sbin/hostdev-hook rix,\n/usr/local/sbin/hostdev-hook Cx,\n");
	assert_false(daemon_profile_adds(&machine->host, "libvirtd", program));
	tree_file(machine->root_fd, "etc/apparmor.d/local/usr.sbin.libvirtd",
		  "/opt/tool PUx,\n  /usr/local/sbin/hostdev-hook\tPUx,");
	assert_true(daemon_profile_adds(&machine->host, "libvirtd", program));
	assert_false(daemon_profile_adds(&machine->host, "virtqemud", program));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, machine_setup, machine_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(times_without_systemd),
		TEST(a_reload_is_known_by_the_unit),
		TEST(a_number_that_is_another_process_now),
		TEST(confinement),
		TEST(the_version_that_runs),
		TEST(additions_to_the_profile),
		cmocka_unit_test(types_of_contexts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
