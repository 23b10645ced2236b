// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Libvirt's daemon among the processes: which one it is, since when it knows what it knows of hooks
 * (it looks for them when it starts and when it reloads), and what confines it, as a program that
 * it starts may be confined by the same.
 */
#include "parsers/libvirt/daemon.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/host-file.h"
#include "base/pid.h"
#include "base/text.h"
#include "parsers/slow.h"

/* The kernel gives the time of the boot, from which a start is counted, in whole seconds. */
#define CLOCK_SLACK_US 1000000

static const char *const names[] = {"libvirtd", "virtqemud"};

#define NAME_COUNT (sizeof(names) / sizeof(names[0]))

#define PROC_STAT_LIMIT (4u * 1024 * 1024)
#define COMM_SIZE 64
#define LABEL_SIZE 512
#define PROFILE_MAX (64u * 1024)

void daemon_done(struct daemon *daemon)
{
	free(daemon->label);
	*daemon = (struct daemon){0};
}

/* --- which process --- */

/* Users have daemons of their own by this name, with hooks that do nothing. */
static bool is_daemon(const struct host *host, pid_t pid, const char *name)
{
	char comm[COMM_SIZE];
	struct stat st;

	return host_read(host, HOST_PROC, comm, sizeof(comm), NULL, "%d/comm", (int)pid) == 0 &&
	       strcmp(comm, name) == 0 &&
	       host_file_stat(host, HOST_PROC, &st, NULL, "%d", (int)pid) == 0 &&
	       (st.st_uid == 0 || st.st_uid == geteuid());
}

bool daemon_is(const struct host *host, pid_t pid)
{
	for (size_t i = 0; i < NAME_COUNT; i++)
		if (is_daemon(host, pid, names[i]))
			return true;
	return false;
}

static pid_t find_by_file(const struct host *host, const char *name)
{
	char text[COMM_SIZE];
	pid_t pid;

	if (host_read(host, HOST_RUN, text, sizeof(text), NULL, "%s.pid", name) < 0)
		return 0;
	pid = (pid_t)strtol(text, NULL, 10);
	return pid > 0 && is_daemon(host, pid, name) ? pid : 0;
}

/* What a daemon has forked a moment ago goes by its name, too. */
static bool is_child_of(const struct host *host, pid_t pid, const char *name)
{
	struct pid_stat stat;

	return pid_stat_read(host, pid, &stat, NULL) == 0 && is_daemon(host, stat.parent, name);
}

static pid_t find_by_name(const struct host *host, const char *name)
{
	cleanup(host_free_names) char **entries = NULL;

	if (host_list(host, HOST_PROC, &entries, NULL, NULL, ".") < 0)
		return 0;
	for (size_t i = 0; entries[i]; i++) {
		pid_t pid = (pid_t)strtol(entries[i], NULL, 10);

		if (isdigit((unsigned char)entries[i][0]) && is_daemon(host, pid, name) &&
		    !is_child_of(host, pid, name))
			return pid;
	}
	return 0;
}

/* --- since when --- */

static uint64_t boot_time_us(const struct host *host)
{
	auto_free char *text = NULL;
	uint64_t seconds;
	const char *at;

	if (host_read_file(host, HOST_PROC, PROC_STAT_LIMIT, &text, NULL, NULL, "stat") < 0)
		return 0;
	at = strstr(text, "btime ");
	return at && sscanf(at, "btime %20" SCNu64, &seconds) == 1 ? seconds * 1000000 : 0;
}

static void read_times(const struct host *host, struct daemon *daemon)
{
	cleanup(host_unit_done) struct host_unit unit = {0};
	auto_free char *name = xasprintf("%s.service", daemon->name);
	uint64_t ticks = (uint64_t)sysconf(_SC_CLK_TCK), boot_us = boot_time_us(host);
	struct pid_stat stat;

	if (boot_us && pid_stat_read(host, daemon->pid, &stat, NULL) == 0)
		daemon->started_us = boot_us + stat.start_time * 1000000 / ticks;
	daemon->reloaded_us = daemon->started_us;
	if (host_unit_read(host, 0, name, &unit, NULL) < 0 || !text_equal(unit.state, "active"))
		return;
	daemon->has_unit = true;
	if (unit.state_changed_us > daemon->reloaded_us)
		daemon->reloaded_us = unit.state_changed_us;
}

/* --- under what --- */

static bool read_label(const struct host *host, pid_t pid, char label[LABEL_SIZE])
{
	/* The second is that of whichever module came first, and all there was before Linux 5.1. */
	return host_read(host, HOST_PROC, label, LABEL_SIZE, NULL, "%d/attr/apparmor/current",
			 (int)pid) == 0 ||
	       host_read(host, HOST_PROC, label, LABEL_SIZE, NULL, "%d/attr/current", (int)pid) ==
		       0;
}

static void read_selinux(const struct host *host, struct daemon *daemon)
{
	char enforce[8] = "";

	host_read(host, HOST_SYS, enforce, sizeof(enforce), NULL, "fs/selinux/enforce");
	daemon->confinement = CONFINEMENT_SELINUX;
	daemon->enforced = strcmp(enforce, "1") == 0;
}

/* "libvirtd (enforce)", "unconfined", or nothing where no profile was ever loaded. */
static void read_apparmor(struct daemon *daemon)
{
	char *mode = daemon->label ? strstr(daemon->label, " (") : NULL;

	if (!mode)
		return;
	daemon->confinement = CONFINEMENT_APPARMOR;
	daemon->enforced = strcmp(mode, " (enforce)") == 0;
	*mode = '\0';
}

static void read_confinement(const struct host *host, struct daemon *daemon)
{
	char label[LABEL_SIZE];

	if (read_label(host, daemon->pid, label))
		daemon->label = text_escape(label);
	else if (host_exists(host, HOST_SYS, "kernel/security/apparmor/profiles") ||
		 host_exists(host, HOST_SYS, "fs/selinux/enforce"))
		daemon->confinement = CONFINEMENT_UNKNOWN;
	if (!daemon->label)
		return;
	if (host_exists(host, HOST_SYS, "fs/selinux/enforce"))
		read_selinux(host, daemon);
	else
		read_apparmor(daemon);
}

bool daemon_has_looked_since(const struct daemon *daemon, uint64_t changed_us)
{
	return changed_us <= daemon->started_us + CLOCK_SLACK_US ||
	       changed_us <= daemon->reloaded_us;
}

bool daemon_find(const struct host *host, struct daemon *ret)
{
	struct daemon daemon = {0};

	for (size_t i = 0; i < NAME_COUNT && !daemon.pid; i++) {
		daemon.name = names[i];
		daemon.pid = find_by_file(host, names[i]);
		if (!daemon.pid)
			daemon.pid = find_by_name(host, names[i]);
	}
	if (!daemon.pid)
		return false;
	read_times(host, &daemon);
	read_confinement(host, &daemon);
	*ret = daemon;
	return true;
}

/* The library bears it in its name, "libvirt.so.0.11003.0": its "age" is made of the version. */
unsigned int daemon_version(const struct host *host, pid_t pid)
{
	static const char library[] = "/libvirt.so.0.";
	auto_free char *maps = slow_maps_read(host, pid);
	const char *at = maps ? strstr(maps, library) : NULL;
	unsigned int version, revision;

	if (!at || sscanf(at + strlen(library), "%9u.%9u", &version, &revision) != 2)
		return 0;
	return version;
}

/* "PATH PUx,", and what else lets a program run outside: unconfined, or in a profile of its own. */
static bool lets_run(const char *line, const char *program)
{
	size_t length = strlen(program), mode;

	line += strspn(line, " \t");
	if (!text_starts(line, program) || (line[length] != ' ' && line[length] != '\t'))
		return false;
	line += length;
	line += strspn(line, " \t");
	mode = strcspn(line, ",# \t");
	/* With "ix" and "Cx" the hook would be confined as the daemon is. */
	return memchr(line, 'x', mode) && strcspn(line, "uUpP") < mode;
}

bool daemon_profile_adds(const struct host *host, const char *name, const char *program)
{
	auto_free char *text = NULL;
	size_t length;
	char *rest, *line;

	if (host_read_file(host, HOST_ETC, PROFILE_MAX, &text, &length, NULL,
			   "apparmor.d/local/usr.sbin.%s", name) < 0)
		return false;
	rest = text;
	while ((line = strsep(&rest, "\n")))
		if (lets_run(line, program))
			return true;
	return false;
}

char *daemon_selinux_type(const char *context)
{
	const char *at = context;

	for (int colons = 0; colons < 2; colons++) {
		at = at ? strchr(at, ':') : NULL;
		at = at ? at + 1 : NULL;
	}
	return at && *at ? xasprintf("%.*s", (int)strcspn(at, ":"), at) : NULL;
}
