/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/host.h"
#include "model/tool-sign.h"

/* Where a sign was found. */
struct tool_trace {
	const struct tool_sign *sign;
	char *path;        /* heap */
	unsigned int line; /* from 1; 0: the file itself, or a word of the command line */
	char *text; /* heap: that line or word, without its comment; "" for the file itself */
};

struct tool_traces {
	struct tool_trace *items;
	size_t count;
};

void tool_traces_done(struct tool_traces *traces);
#define auto_tool_traces __attribute__((__cleanup__(tool_traces_done)))

/*
 * Appends what the text of a script tells: of each line the first sign that it has. A program that
 * libvirt itself runs (is_hook) may have signs of a hook besides, of each only the first line that
 * has it. What is no text has none.
 */
void tool_traces_script(const char *data, size_t length, const char *path, bool is_hook,
			struct tool_traces *traces);

/* The same for one sign of a file. */
void tool_traces_file(const char *data, size_t length, const char *path,
		      const struct tool_sign *sign, struct tool_traces *traces);

/*
 * The same for each word for the kernel's command line, in a file that holds such words in lines of
 * some form.
 */
void tool_traces_words(const char *data, size_t length, const char *path,
		       struct tool_traces *traces);

/*
 * All that the files and the command line of this host tell; of the command line's words only the
 * first place in which each stands. Files of this program are left out by their names. What is not
 * there, or cannot be read, tells nothing.
 */
void tool_traces_read(const struct host *host, struct tool_traces *traces);
