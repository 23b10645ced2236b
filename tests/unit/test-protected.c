// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is never stopped for a guest: that names are found as the kernel cuts them and as systemd
 * spells units, and that docs/who-uses-it.md and hostdev-hook(8) say the same as the list.
 */
#include "tests/host/check.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "model/protected.h"
#include "model/roles.h"
#include "tests/host/tree.h"

static void programs_as_the_kernel_calls_them(void **state)
{
	static const char *const protected[] = {"NetworkManager",
						"systemd-network",
						"systemd-journal",
						"systemd-resolve",
						"systemd-timesyn",
						"systemd-udevd",
						"(udev-worker)",
						"sshd",
						"sshd-session",
						"wpa_supplicant",
						"iwd",
						"dhclient",
						"dhcpcd",
						"ovs-vswitchd",
						"ovsdb-server",
						"corosync",
						"pacemakerd",
						"pacemaker-based",
						"sbd",
						"multipathd",
						"iscsid",
						"ceph-osd",
						"ceph-mon",
						"libvirtd",
						"virtqemud",
						"virtinterfaced",
						"nvidia-vgpu-mgr",
						"nv-fabricmanage",
						"dbus-daemon",
						"dbus-broker-lau",
						"dockerd",
						"containerd-shim",
						"systemd",
						"systemd-logind",
						"pppd",
						".libvirtd-wrapp"};
	static const char *const others[] = {
		"mpv",  "ssh",  "ceph",   "sshfs",          "virt-manager",    "NetworkManager2",
		"sbdx", "Xorg", "docker", "systemd-nspawn", "nvidia-persiste", ""};

	(void)state;
	for (size_t i = 0; i < sizeof(protected) / sizeof(protected[0]); i++)
		if (!protected_program(protected[i]))
			fail_msg("%s may be ended", protected[i]);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (protected_program(others[i]))
			fail_msg("%s may not be ended", others[i]);
}

static void units_as_systemd_spells_them(void **state)
{
	static const char *const protected[] = {"NetworkManager.service",
						"ssh.service",
						"sshd@4-10.0.0.1:22.service",
						"ceph-osd@0.service",
						"ceph-5b2e@mon.a.service",
						"wpa_supplicant@wlan0.service",
						"dhcpcd@eth0.service",
						"pacemaker.service",
						"virtqemud.service",
						"libvirt-guests.service",
						"nvidia-fabricmanager.service",
						"init.scope",
						"docker.service",
						"systemd-logind.service"};
	static const char *const others[] = {"dbus.service",   "lactd.service",
					     "NetworkManager", "ssh-agent.service",
					     "user@0.service", "nvidia-persistenced.service",
					     "session-2.scope"};

	(void)state;
	for (size_t i = 0; i < sizeof(protected) / sizeof(protected[0]); i++)
		if (!protected_unit(protected[i]) || !protected_from_stop(protected[i]))
			fail_msg("%s may be stopped", protected[i]);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (protected_unit(others[i]))
			fail_msg("%s may not be stopped", others[i]);
	/* What the bus has started may be ended; the bus itself does not stop along with anything.
	 */
	assert_true(protected_from_stop("dbus.service"));
	assert_true(protected_from_stop("dbus.socket"));
	assert_true(protected_from_stop("dbus-broker.service"));
	assert_false(protected_from_stop("lactd.service"));
}

static void machines_go_by_their_file_as_well(void **state)
{
	(void)state;
	assert_non_null(protected_machine("qemu-system-x86", ""));
	assert_non_null(protected_machine("CPU 0/KVM", "qemu-system-x86_64"));
	assert_non_null(protected_machine(".qemu-system-x8", ""));
	assert_non_null(protected_machine("cloud-hyperviso", ""));
	assert_null(protected_machine("mpv", "mpv"));
	assert_null(protected_machine("NetworkManager", "NetworkManager"));
}

/* --- the documents --- */

static char *read_document(const char *name)
{
	auto_close int dir = open(TESTS_DIR "/..", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char *text = tree_read(dir, name);

	if (!text)
		fail_msg("%s is not there", name);
	return text;
}

/* As the list would stand in each of them. */
static char *as_table(const struct protected_row *row)
{
	return xasprintf("\n| `%s` | %s |\n", row->names, row->reason);
}

static char *as_manual(const struct protected_row *row)
{
	return xasprintf("\n.It %s\n%s\n", row->names, row->reason);
}

static size_t count_of(const char *text, const char *what)
{
	size_t count = 0;

	for (const char *at = text; (at = strstr(at, what)); at += strlen(what))
		count++;
	return count;
}

/* All rows, each as written by format, and no more than those between the two marks. */
static void assert_lists(const char *document, const char *from, const char *to, const char *line,
			 char *(*format)(const struct protected_row *row))
{
	auto_free char *text = read_document(document), *part = NULL;
	const char *start = strstr(text, from), *end = start ? strstr(start, to) : NULL;
	const struct protected_row *rows;
	size_t count;

	if (!start || !end) {
		fail_msg("%s: no part from \"%s\" to \"%s\"", document, from, to);
		return;
	}
	part = xasprintf("%.*s", (int)(end - start) + 1, start);
	rows = protected_rows(&count);
	for (size_t i = 0; i < count; i++) {
		auto_free char *wanted = format(&rows[i]);

		if (!strstr(part, wanted))
			fail_msg("%s lacks:%s", document, wanted);
	}
	assert_int_equal(count_of(part, line), count);
}

static void the_page_says_the_same(void **state)
{
	(void)state;
	assert_lists("docs/who-uses-it.md", "| Never stopped | Why |\n|---|---|", "\n\n", "\n| ",
		     as_table);
}

static void the_manual_says_the_same(void **state)
{
	(void)state;
	assert_lists("man/hostdev-hook.8", ".Ss What is never stopped", ".El", "\n.It ", as_manual);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(programs_as_the_kernel_calls_them),
		cmocka_unit_test(units_as_systemd_spells_them),
		cmocka_unit_test(machines_go_by_their_file_as_well),
		cmocka_unit_test(the_page_says_the_same),
		cmocka_unit_test(the_manual_says_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
