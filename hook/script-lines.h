/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define SCRIPT_LINE_MAX 1000 /* bytes; what is beyond them is cut off */
#define SCRIPT_LINES_MAX 300 /* of one script; a mad one must not fill the log */

/* What a program writes, line by line while it does. Zeroed but for line and data when new. */
struct script_lines {
	void (*line)(void *data, const char *line); /* without control characters */
	void *data;
	char buffer[SCRIPT_LINE_MAX + 1], last[SCRIPT_LINE_MAX + 1];
	size_t length, count;
	bool cut, last_cut;
};

void script_lines_add(struct script_lines *lines, const char *data, size_t length);
/* Nothing more comes: a line without its end is one. */
void script_lines_end(struct script_lines *lines);
/* The last that was not empty, as it is logged, also where it no longer was; heap, NULL: none. */
char *script_lines_last(const struct script_lines *lines);
