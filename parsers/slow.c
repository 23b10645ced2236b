// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Three questions whose answers may keep one waiting: who draws on a card (debugfs takes a lock of
 * the card's driver), what a process has mapped, and how a QEMU was called (its memory is read).
 * Tests: model/test-survey.c.
 */
#include "parsers/slow.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "base/worker-ask.h"

#define FILE_LIMIT (1024 * 1024)

struct file {
	const struct host *host;
	enum host_dir dir;
	const char *path;
};

static int read_file(void *data, int answer, struct error *err)
{
	const struct file *file = data;
	auto_free char *text = NULL;
	size_t length;
	int result = host_read_file(file->host, file->dir, FILE_LIMIT, &text, &length, err, "%s",
				    file->path);

	return result < 0 ? result : worker_answer(answer, text, length, err);
}

/*
 * As host_read_file, but by a child alone: what answered it once may keep the next one waiting, as
 * a process can put a file system of its own behind its memory. -ETIMEDOUT: not told in time.
 */
static int read_patiently(const struct host *host, enum host_dir dir, const char *path, char **ret,
			  size_t *ret_length)
{
	struct file file = {host, dir, path};
	const struct worker_question question = {
		.ask = read_file, .data = &file, .timeout_ms = SLOW_TIMEOUT_MS};
	auto_free char *text = NULL;
	int result = worker_ask(&question, &text, ret_length, NULL);

	*ret = result < 0 ? NULL : steal(&text);
	return result;
}

int slow_file_read(const struct host *host, enum host_dir dir, const char *path, char **ret)
{
	return read_patiently(host, dir, path, ret, NULL);
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
		size_t length;

		if (!text_equal(node->subsystem, "drm") || !text_starts(node->name, "dri/card"))
			continue;
		path = xasprintf("kernel/debug/dri/%u/clients", (unsigned int)node->minor);
		if (!host_exists(host, HOST_SYS, "%s", path))
			continue;
		read_patiently(host, HOST_SYS, path, &clients, &length);
		find_masters(clients, ret, ret_count);
	}
}

/* --- what is mapped --- */

char *slow_maps_read(const struct host *host, pid_t pid)
{
	auto_free char *path = xasprintf("%d/maps", (int)pid);
	size_t length = 0;
	char *text;

	read_patiently(host, HOST_PROC, path, &text, &length);
	return text;
}

/* --- the guest's name --- */

/* "guest=NAME,debug-threads=on" or "NAME"; a comma in the name is written twice. Heap. */
static char *name_of_option(const char *option)
{
	auto_text struct text name = TEXT_INIT;
	const char *guest = strstr(option, "guest=");

	if (guest && (guest == option || guest[-1] == ','))
		option = guest + strlen("guest=");
	for (; *option; option++) {
		if (*option == ',' && *++option != ',')
			break;
		text_append(&name, option, 1);
	}
	return *text_string(&name) ? text_escape(text_string(&name)) : NULL;
}

char *slow_guest_name_read(const struct host *host, pid_t pid, bool *impatient)
{
	auto_free char *path = xasprintf("%d/cmdline", (int)pid);
	auto_free char *words = NULL;
	bool is_value = false;
	size_t length = 0;

	if (*impatient)
		return NULL;
	*impatient = read_patiently(host, HOST_PROC, path, &words, &length) == -ETIMEDOUT;
	for (size_t at = 0; words && at < length; at += strlen(words + at) + 1) {
		if (is_value)
			return name_of_option(words + at);
		is_value = strcmp(words + at, "-name") == 0 || strcmp(words + at, "--name") == 0;
	}
	return NULL;
}
