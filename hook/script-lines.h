/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define SCRIPT_LINE_MAX 1000 /* bytes; what is beyond them is cut off */
#define SCRIPT_LINES_MAX 300 /* of one script; a mad one must not fill the log */

/* Cuts the output of a program into lines, while it runs. When new: line and data are set, and the
 * rest is zeroed. */
struct script_lines {
	void (*line)(void *data, const char *line); /* without control characters */
	void *data;
	char buffer[SCRIPT_LINE_MAX + 1], last[SCRIPT_LINE_MAX + 1];
	size_t length, count;
	bool cut, last_cut;
};

void script_lines_add(struct script_lines *lines, const char *data, size_t length);
/* To be called at the end of the output: a last line without a newline counts as a line. */
void script_lines_end(struct script_lines *lines);
/* The last line that was not empty, even if it was one too many for the log. Heap; NULL: none. */
char *script_lines_last(const struct script_lines *lines);
