// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where the kernel says what a stuck task waits for, and in what form: wchan, stack and the records
 * of /dev/kmsg.
 */
#include "base/stall.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

#define STACK_LIMIT 16384
#define LINES_MAX 10
#define LOG_LIMIT (16u << 20) /* no ring is larger; and a plain file, in a test, has an end */
/* The log's clock runs beside the monotonic one, and not quite as fast. */
#define SLACK_MS 5000

void stall_wchan(const struct host *host, pid_t pid, char ret[STALL_WCHAN_SIZE])
{
	char text[STALL_WCHAN_SIZE];
	size_t length;

	ret[0] = '\0';
	if (host_read(host, HOST_PROC, text, sizeof(text), NULL, "%d/wchan", (int)pid) < 0)
		return;
	/* "0": it runs, or nobody may know. */
	length = strlen(text);
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)text[i]) && !strchr("_.", text[i]))
			return;
	if (!isdigit((unsigned char)text[0]))
		memcpy(ret, text, length + 1);
}

void stall_stack(const struct host *host, pid_t pid, struct text *out)
{
	auto_free char *stack = NULL;
	size_t length = 0;

	if (host_read_file(host, HOST_PROC, STACK_LIMIT, &stack, &length, NULL, "%d/stack",
			   (int)pid) == 0)
		text_append(out, stack, length);
}

/* One record is "PRIORITY,NUMBER,MICROSECONDS,FLAGS;TEXT", then lines " KEY=VALUE" about it. */
struct kernel_record {
	uint64_t at_ms;
	const char *text, *end; /* up to the first newline */
	const char *rest;       /* end of the lines about it */
};

static const char *line_end(const char *at, const char *end)
{
	const char *newline = memchr(at, '\n', (size_t)(end - at));

	return newline ? newline : end;
}

/* Not by sscanf, which looks for the end of the whole log each time. */
static bool parse_time(const char *start, uint64_t *ret_ms)
{
	char *end;

	if (!isdigit((unsigned char)*start))
		return false;
	strtoul(start, &end, 10);
	if (*end != ',' || !isdigit((unsigned char)end[1]))
		return false;
	strtoull(end + 1, &end, 10);
	if (*end != ',' || !isdigit((unsigned char)end[1]))
		return false;
	*ret_ms = strtoull(end + 1, &end, 10) / 1000;
	return *end == ',' || *end == ';';
}

/* False: not a record; *at is moved behind it in any case. */
static bool next_record(const char **at, const char *end, struct kernel_record *ret)
{
	const char *start = *at, *text;

	ret->end = ret->rest = line_end(start, end);
	while (ret->rest < end && ret->rest + 1 < end && ret->rest[1] == ' ')
		ret->rest = line_end(ret->rest + 1, end);
	*at = ret->rest < end ? ret->rest + 1 : end;
	text = memchr(start, ';', (size_t)(ret->end - start));
	/* The text around it ends with a NUL. */
	if (!text || !parse_time(start, &ret->at_ms))
		return false;
	ret->text = text + 1;
	return true;
}

static bool speaks_of(const struct kernel_record *record, const char *what)
{
	size_t length = (size_t)(record->rest - record->text);

	return *what && memmem(record->text, length, what, strlen(what));
}

/* Everything there is now, and nothing is waited for. */
static void read_log(const struct host *host, struct text *out)
{
	auto_close int fd = host->fd[HOST_DEV] < 0 ? -1
						   : openat(host->fd[HOST_DEV], "kmsg",
							    O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	char chunk[8192];
	ssize_t length = 1;

	while (fd >= 0 && length != 0 && out->length < LOG_LIMIT) {
		length = read(fd, chunk, sizeof(chunk));
		if (length > 0)
			text_append(out, chunk, (size_t)length);
		/* Records that were lost while we read are no end. */
		else if (length < 0 && errno != EPIPE && errno != EINTR && errno != EINVAL)
			return;
	}
}

static void print_records(const struct kernel_record *records, size_t count, struct text *out)
{
	for (size_t i = count > LINES_MAX ? count - LINES_MAX : 0; i < count; i++) {
		const struct kernel_record *record = &records[i % LINES_MAX];

		text_append(out, record->text, (size_t)(record->end - record->text));
		text_append(out, "\n", 1);
	}
}

void stall_kernel_lines(const struct host *host, pid_t pid, const char *subject, uint64_t since_ms,
			struct text *out)
{
	auto_text struct text log = TEXT_INIT;
	struct kernel_record records[LINES_MAX], record;
	const char *at, *end;
	char task[32];
	size_t count = 0;

	read_log(host, &log);
	/* As in "task engine:812 blocked for more than 120 seconds". */
	snprintf(task, sizeof(task), ":%d ", (int)pid);
	at = text_string(&log);
	end = at + log.length;
	while (at < end)
		if (next_record(&at, end, &record) && record.at_ms + SLACK_MS >= since_ms &&
		    (speaks_of(&record, subject) || speaks_of(&record, task)))
			records[count++ % LINES_MAX] = record;
	print_records(records, count, out);
}
