// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Two questions whose answers may keep one waiting: who draws on a card (debugfs takes a lock of
 * the card's driver), and how a QEMU was called (its memory is read).
 */
#include "parsers/slow.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "base/worker.h"

#define ANSWER_TIMEOUT_MS 3000
#define FILE_LIMIT (1024 * 1024)

struct attempt {
	const struct host *host;
	enum host_dir dir;
	const char *path;
};

static int try_to_read(void *data, struct error *err)
{
	const struct attempt *attempt = data;
	auto_free char *text = NULL;

	return host_read_file(attempt->host, attempt->dir, FILE_LIMIT, &text, NULL, err, "%s",
			      attempt->path);
}

/* As host_read_file, after a child has managed it. */
static char *read_patiently(const struct host *host, enum host_dir dir, const char *path,
			    size_t *ret_length)
{
	struct attempt attempt = {host, dir, path};
	struct worker worker = {
		.work = try_to_read, .data = &attempt, .timeout_ms = ANSWER_TIMEOUT_MS};
	char *text = NULL;

	workers_run(&worker, 1);
	if (worker.result == 0)
		host_read_file(host, dir, FILE_LIMIT, &text, ret_length, NULL, "%s", path);
	return text;
}

/* --- masters --- */

/*
 * A line for each client; the command is right-aligned in 20 columns and may hold spaces, so it is
 * skipped by its width. Then: its process, the minor, "y" for the master.
 */
#define COMMAND_COLUMNS 20

static void find_masters(const char *clients, pid_t **masters, size_t *count)
{
	for (const char *line = clients; line && *line; line = strchr(line, '\n')) {
		int pid, minor;
		char master;

		line += *line == '\n';
		if (strcspn(line, "\n") <= COMMAND_COLUMNS ||
		    sscanf(line + COMMAND_COLUMNS, " %d %d %c", &pid, &minor, &master) != 3 ||
		    master != 'y')
			continue;
		*masters = array_grow(*masters, *count, sizeof(**masters));
		(*masters)[(*count)++] = pid;
	}
}

void slow_masters_read(const struct host *host, const struct snapshot *snapshot, pid_t **ret,
		       size_t *ret_count)
{
	*ret = NULL;
	*ret_count = 0;
	for (size_t i = 0; i < snapshot->node_count; i++) {
		const struct node *node = &snapshot->nodes[i];
		auto_free char *path = NULL, *clients = NULL;

		if (!text_equal(node->subsystem, "drm") || !text_starts(node->name, "dri/card"))
			continue;
		path = xasprintf("kernel/debug/dri/%u/clients", (unsigned int)node->minor);
		if (!host_exists(host, HOST_SYS, "%s", path))
			continue;
		clients = read_patiently(host, HOST_SYS, path, NULL);
		find_masters(clients, ret, ret_count);
	}
}

/* --- the guest's name --- */

/* "guest=NAME,debug-threads=on" or "NAME"; a comma in the name is written twice. Heap. */
static char *name_of_option(const char *option)
{
	auto_text struct text name = TEXT_INIT;
	const char *guest = strstr(option, "guest=");

	if (guest && (guest == option || guest[-1] == ','))
		option = guest + strlen("guest=");
	text_append(&name, "", 0);
	for (; *option; option++) {
		if (*option == ',' && *++option != ',')
			break;
		text_append(&name, option, 1);
	}
	return *name.data ? text_escape(name.data) : NULL;
}

char *slow_guest_name_read(const struct host *host, pid_t pid)
{
	auto_free char *path = xasprintf("%d/cmdline", (int)pid);
	size_t length = 0;
	auto_free char *words = read_patiently(host, HOST_PROC, path, &length);
	bool is_value = false;

	for (size_t at = 0; words && at < length; at += strlen(words + at) + 1) {
		if (is_value)
			return name_of_option(words + at);
		is_value = strcmp(words + at, "-name") == 0 || strcmp(words + at, "--name") == 0;
	}
	return NULL;
}
