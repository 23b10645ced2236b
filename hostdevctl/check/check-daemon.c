// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What libvirt's running daemon means for the hook: whether it knows of it, and what it may do when
 * that daemon starts it. Tests: ctl/check.bats, ctl/check-host.bats.
 */
#include <stdlib.h>
#include <string.h>

#include "base/host-file.h"
#include "base/text.h"
#include "hostdevctl/check/check.h"

#define HOOK_TYPE "hostdev_hook_exec_t" /* of packaging/selinux */

/* --- none --- */

static bool has_program(const struct host *host, const char *name)
{
	return host_exists(host, HOST_USR, "sbin/%s", name) ||
	       host_exists(host, HOST_USR, "bin/%s", name);
}

static void tell_absent(struct check *check)
{
	if (has_program(check->host, "libvirtd") || has_program(check->host, "virtqemud"))
		check_note(check, FIND_DAEMON_STOPPED, "libvirt",
			   "its daemon does not run now; it finds the hook when it starts");
	else
		check_problem(check, FIND_DAEMON_MISSING, "libvirt",
			      "neither libvirtd nor virtqemud is installed below /usr: nobody "
			      "calls the hook");
}

/* --- does it know of the hook --- */

static uint64_t change_us(const struct stat *st)
{
	return (uint64_t)st->st_ctim.tv_sec * 1000000 + (uint64_t)st->st_ctim.tv_nsec / 1000;
}

static void check_seen(struct check *check)
{
	const struct daemon *daemon = check->daemon;

	if (check->hook_file == HOOK_NONE)
		return;
	if (!daemon->started_us)
		check_note(check, FIND_DAEMON_START_UNKNOWN, daemon->name,
			   "when it was started cannot be found out (process %d): if that was "
			   "before the hook was installed, have it reload",
			   (int)daemon->pid);
	else if (daemon_has_looked_since(daemon, change_us(&check->hook)))
		check_ok(check, FIND_DAEMON_KNOWS_HOOK, daemon->name,
			 "has looked for hooks since the hook was put there (process %d)",
			 (int)daemon->pid);
	else if (daemon->has_unit)
		check_problem(check, FIND_DAEMON_BEFORE_HOOK, daemon->name,
			      "has not looked for hooks since " HOOK_FILE
			      " was put there, and does not call it: systemctl reload %s",
			      daemon->name);
	else
		check_problem(
			check, FIND_DAEMON_BEFORE_HOOK, daemon->name,
			"was started before " HOOK_FILE
			" was put there, and may not call it: kill -HUP %d, unless that was done",
			(int)daemon->pid);
}

/* --- what it may do --- */

/* libvirtd's profile lets programs directly in these go their own ways, and no others. */
static bool profile_lets_go(const char *program)
{
	static const char *const folders[] = {"/usr/sbin/", "/usr/bin/"};

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		if (text_starts(program, folders[i]) && !strchr(program + strlen(folders[i]), '/'))
			return true;
	return false;
}

static void check_apparmor(struct check *check)
{
	const struct daemon *daemon = check->daemon;
	enum finding_status bad = daemon->enforced ? FINDING_PROBLEM : FINDING_NOTE;
	const char *mode = daemon->enforced ? "" : " (which only complains now)";

	if (check->hook_file == HOOK_LINK && profile_lets_go(HOSTDEV_PROGRAM))
		check_ok(check, FIND_APPARMOR_OUTSIDE, "AppArmor",
			 "profile %s%s: the hook runs outside of it; files directly in qemu.d run "
			 "inside",
			 daemon->label, mode);
	else if (check->hook_file == HOOK_LINK &&
		 daemon_profile_adds(check->host, daemon->name, HOSTDEV_PROGRAM))
		check_ok(check, FIND_APPARMOR_OUTSIDE, "AppArmor",
			 "profile %s%s: by your addition to it, the hook runs outside of it",
			 daemon->label, mode);
	else if (check->hook_file == HOOK_LINK)
		findings_add(&check->findings, FIND_APPARMOR_FORBIDS, bad, "AppArmor",
			     "profile %s%s forbids to run %s: install below /usr, or see "
			     "packaging/apparmor",
			     daemon->label, mode, HOSTDEV_PROGRAM);
	else if (check->hook_file == HOOK_COPY)
		findings_add(&check->findings, FIND_APPARMOR_FORBIDS, bad, "AppArmor",
			     "profile %s%s: a copy runs inside of it and cannot start its engine, "
			     "nor look into confined processes; make it a link to %s",
			     daemon->label, mode, HOSTDEV_PROGRAM);
	else
		check_note(check, FIND_APPARMOR_INSIDE, "AppArmor",
			   "profile %s%s: a script as the hook runs inside of it, and may start "
			   "only what is in /usr/bin or /usr/sbin",
			   daemon->label, mode);
}

static void check_selinux(struct check *check)
{
	const struct daemon *daemon = check->daemon;
	char *type = daemon_selinux_type(daemon->label);

	if (!text_equal(type, "virtqemud_t"))
		check_ok(check, FIND_SELINUX_UNCONFINED, "SELinux",
			 "%s runs as %s, which does not confine the hook", daemon->name,
			 daemon->label);
	else if (text_equal(check->program_type, HOOK_TYPE))
		check_ok(check, FIND_SELINUX_OWN_DOMAIN, "SELinux",
			 "%s runs as virtqemud_t, and the hook in a domain of its own",
			 daemon->name);
	else
		findings_add(
			&check->findings, FIND_SELINUX_CONFINED,
			daemon->enforced ? FINDING_PROBLEM : FINDING_NOTE, "SELinux",
			"%s runs as virtqemud_t, and the hook with it: where that domain is "
			"enforcing it may not change drivers; load the module in packaging/selinux",
			daemon->name);
	free(type);
}

static void check_confinement(struct check *check)
{
	switch (check->daemon->confinement) {
	case CONFINEMENT_APPARMOR:
		check_apparmor(check);
		break;
	case CONFINEMENT_SELINUX:
		check_selinux(check);
		break;
	case CONFINEMENT_UNKNOWN:
		check_note(check, FIND_CONFINEMENT_UNKNOWN, check->daemon->name,
			   "what confines it cannot be read from /proc/%d/attr/current",
			   (int)check->daemon->pid);
		break;
	case CONFINEMENT_NONE:
		check_ok(check, FIND_CONFINEMENT_NONE, check->daemon->name,
			 "is not confined, and with it the hook");
		break;
	}
}

void check_daemon(struct check *check)
{
	if (!check->daemon) {
		tell_absent(check);
		return;
	}
	check_seen(check);
	check_confinement(check);
}
