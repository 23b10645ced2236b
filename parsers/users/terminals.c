// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who is logged in at a terminal of the machine itself: logind's records, or, where nobody keeps
 * such, utmp and the terminals that processes belong to.
 */
#include "parsers/users/terminals.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <utmp.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "model/roles.h"
#include "parsers/users/sessions.h"

#define UTMP_LIMIT (4 * 1024 * 1024)

/* The kernel's: of /dev/tty1 and so on. */
#define VIRTUAL_MAJOR 4
#define VIRTUAL_MAX 63

struct terminals_reading {
	const struct host *host;
	struct snapshot *snapshot;
	bool virtual; /* virtual terminals matter */
};

/* "tty1" to "tty63" are drawn by the kernel; so is the seat whose terminal is not known. */
static bool is_virtual(const char *terminal)
{
	if (strcmp(terminal, "seat0") == 0)
		return true;
	return text_starts(terminal, "tty") && isdigit((unsigned char)terminal[3]) &&
	       terminal[3] != '0';
}

static bool is_told(const struct snapshot *snapshot, const char *where)
{
	for (size_t i = 0; i < snapshot->login_count; i++)
		if (strcmp(snapshot->logins[i].where, where) == 0)
			return true;
	return false;
}

static void add_virtual(const struct terminals_reading *reading, const char *who, const char *where,
			const char *session)
{
	struct snapshot *snapshot = reading->snapshot;

	/* One who is logged in twice there (su, sudo) is one. */
	if (!reading->virtual || is_told(snapshot, where))
		return;
	array_push(snapshot->logins, snapshot->login_count,
		   (struct login){.who = text_escape(who),
				  .where = text_escape(where),
				  .session = session ? xstrdup(session) : NULL});
}

static void add_line(const struct terminals_reading *reading, const char *who,
		     const struct node *node)
{
	struct snapshot *snapshot = reading->snapshot;
	auto_free char *how = xasprintf("is logged in on %s", node->name);

	for (size_t i = 0; i < snapshot->use_count; i++)
		if (snapshot->uses[i].kind == USE_LINE && text_equal(snapshot->uses[i].how, how))
			return;
	snapshot_add_use(snapshot, USE_LINE, &node->addr, xstrdup(who), steal(&how));
}

static bool is_line(const struct node *node)
{
	return text_equal(node->subsystem, "tty");
}

static void add_login(const struct terminals_reading *reading, const char *who, const char *where,
		      const char *session)
{
	if (is_virtual(where))
		add_virtual(reading, who, where, session);
	for (size_t i = 0; i < reading->snapshot->node_count; i++) {
		const struct node *node = &reading->snapshot->nodes[i];

		if (is_line(node) && strcmp(node->name, where) == 0)
			add_line(reading, who, node);
	}
}

static void add_anywhere(const struct terminals_reading *reading, const char *who,
			 const char *session)
{
	add_virtual(reading, who, "seat0", session);
	for (size_t i = 0; i < reading->snapshot->node_count; i++)
		if (is_line(&reading->snapshot->nodes[i]))
			add_line(reading, who, &reading->snapshot->nodes[i]);
}

/* --- logind --- */

/* False where there are no such records. */
static bool read_sessions(const struct terminals_reading *reading)
{
	cleanup(host_free_names) char **ids = NULL;
	auto_free char *unread_who = NULL;
	const char *unread = NULL;

	if (sessions_list(reading->host, &ids) < 0)
		return false;
	for (size_t i = 0; ids[i]; i++) {
		cleanup(text_session_done) struct text_session session = {0};

		if (!session_read_text(reading->host, ids[i], &session))
			continue;
		if (session.terminal) {
			add_login(reading, session.user, session.terminal, ids[i]);
		} else if (!unread_who) {
			unread_who = steal(&session.user);
			unread = ids[i];
		}
	}
	/* A login that is known is told before one that is only possible. */
	if (unread_who)
		add_anywhere(reading, unread_who, unread);
	return true;
}

/* --- utmp --- */

static void read_utmp(const struct terminals_reading *reading)
{
	auto_free char *data = NULL;
	size_t length = 0;
	struct utmp entry;

	if (host_read_file(reading->host, HOST_RUN, UTMP_LIMIT, &data, &length, NULL, "utmp") < 0)
		return;
	for (size_t at = 0; at + sizeof(entry) <= length; at += sizeof(entry)) {
		char line[sizeof(entry.ut_line) + 1] = "", user[sizeof(entry.ut_user) + 1] = "";

		memcpy(&entry, data + at, sizeof(entry));
		memcpy(line, entry.ut_line, sizeof(entry.ut_line));
		memcpy(user, entry.ut_user, sizeof(entry.ut_user));
		/* Who crashed, or was killed, leaves an entry behind. */
		if (entry.ut_type == USER_PROCESS &&
		    host_exists(reading->host, HOST_PROC, "%d", (int)entry.ut_pid))
			add_login(reading, user, line, NULL);
	}
}

/* --- processes --- */

struct terminal_process {
	char command[64];
	unsigned int major, minor; /* of its controlling terminal; 0: none */
};

static bool read_process(const struct host *host, const char *pid, struct terminal_process *ret)
{
	char text[1024], *start, *end;
	unsigned int terminal;

	if (host_read(host, HOST_PROC, text, sizeof(text), NULL, "%s/stat", pid) < 0)
		return false;
	start = strchr(text, '(');
	/* The name may hold anything, parentheses too. */
	end = strrchr(text, ')');
	if (!start || !end || sscanf(end + 1, " %*c %*d %*d %*d %u", &terminal) != 1)
		return false;
	*end = '\0';
	snprintf(ret->command, sizeof(ret->command), "%s", start + 1);
	ret->major = terminal >> 8 & 0xfff;
	ret->minor = (terminal & 0xff) | (terminal >> 12 & 0xfff00);
	return true;
}

/* They wait for somebody; or they show a picture, and hold the card for that. */
static bool is_nobody(const char *command)
{
	static const char *const prompts[] = {"login", "sulogin", "init", "systemd"};

	for (size_t i = 0; i < sizeof(prompts) / sizeof(prompts[0]); i++)
		if (strcmp(command, prompts[i]) == 0)
			return true;
	/* agetty, mingetty, fgetty, ... */
	return strstr(command, "getty") || roles_is_display_server(command);
}

/* Of what else talks over a serial line (a modem's program, a clock's) nobody is cut off. */
static bool is_shell(const char *command)
{
	static const char *const shells[] = {"ash",  "bash", "busybox", "csh",  "dash",
					     "fish", "ksh",  "sh",      "tcsh", "zsh"};

	for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++)
		if (strcmp(command, shells[i]) == 0)
			return true;
	return false;
}

static void consider(const struct terminals_reading *reading, const char *pid,
		     const struct terminal_process *process)
{
	auto_free char *who = xasprintf("%s (process %s)", process->command, pid);

	if (process->major == VIRTUAL_MAJOR && process->minor >= 1 &&
	    process->minor <= VIRTUAL_MAX) {
		auto_free char *where = xasprintf("tty%u", process->minor);

		add_virtual(reading, who, where, NULL);
	}
	for (size_t i = 0; i < reading->snapshot->node_count; i++) {
		const struct node *node = &reading->snapshot->nodes[i];

		if (is_line(node) && node->major == process->major &&
		    node->minor == process->minor && is_shell(process->command))
			add_line(reading, who, node);
	}
}

static int read_processes(const struct terminals_reading *reading, struct error *err)
{
	cleanup(host_free_names) char **names = NULL;
	int ret = host_list(reading->host, HOST_PROC, &names, NULL, err, ".");

	for (size_t i = 0; ret == 0 && names[i]; i++) {
		struct terminal_process process;

		if (isdigit((unsigned char)names[i][0]) &&
		    read_process(reading->host, names[i], &process) && process.major != 0 &&
		    !is_nobody(process.command))
			consider(reading, names[i], &process);
	}
	return ret;
}

static bool draws_console(const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->vtconsole_count; i++)
		if (snapshot->vtconsoles[i].framebuffer && snapshot->vtconsoles[i].bound)
			return true;
	return false;
}

static bool has_lines(const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->node_count; i++)
		if (is_line(&snapshot->nodes[i]))
			return true;
	return false;
}

int terminals_read(const struct host *host, struct snapshot *snapshot, struct error *err)
{
	struct terminals_reading reading = {host, snapshot, draws_console(snapshot)};

	if ((!reading.virtual && !has_lines(snapshot)) || read_sessions(&reading))
		return 0;
	read_utmp(&reading);
	return read_processes(&reading, err);
}
