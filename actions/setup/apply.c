// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What all that carry a set-up out share: how people are told, files as cells, and
 * which line of a program's output says why it has failed.
 */
#include "actions/setup/apply.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/host-change.h"
#include "model/file.h"
#include "state/store.h"

void apply_report(const struct apply *apply, const struct apply_event *event)
{
	if (apply->report)
		apply->report(apply->report_data, event);
}

int apply_remove_file(const struct apply *apply, const char *path, struct error *err)
{
	const struct host_content absent = CONTENT_INIT;

	return host_file_put(apply->host, path, &absent, err);
}

int apply_read_file(const struct host *host, const char *path, char ret[CELL_VALUE_SIZE],
		    struct error *err)
{
	auto_content struct host_content content = CONTENT_INIT;
	struct file_value value;
	int result = host_content_read(host, path, &content, err);

	if (result == 0)
		result = store_value_of(-1, &content, &value, err);
	if (result == 0)
		file_value_format(&value, ret);
	return result;
}

/* --- what programs have printed --- */

static void add_line(struct error *err, const char *from, size_t length)
{
	auto_free char *line = xasprintf("%.*s", (int)length, from);
	auto_free char *escaped = text_escape(line);
	struct error inner = *err;

	error_set(err, inner.code, "%.300s: %.180s", inner.text, escaped);
}

int apply_said_first(int result, const struct text *said, struct error *err)
{
	size_t length = said->data ? strcspn(said->data, "\n") : 0;

	if (result < 0 && err && length > 0)
		add_line(err, said->data, length);
	return result;
}

int apply_said_last(int result, const struct text *said, struct error *err)
{
	size_t end = said->length, start;

	while (end > 0 && strchr(" \n\r\t", said->data[end - 1]))
		end--;
	for (start = end; start > 0 && said->data[start - 1] != '\n';)
		start--;
	if (result < 0 && err && end > start)
		add_line(err, said->data + start, end - start);
	return result;
}
