/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "model/finding.h"

/*
 * What other tools and guides for passing devices to guests leave on a host: where it is found,
 * what it looks like, what it means beside this program, and what to do about it.
 */

enum tool_where {
	TOOL_FILE,    /* a file at a path of the host */
	TOOL_SCRIPT,  /* a script that a hook runs: of a guest, or called by such a script */
	TOOL_HOOK,    /* a program that libvirt itself runs as a hook for all guests */
	TOOL_CMDLINE, /* a word on the kernel's command line, and where that comes from */
};

struct tool_sign {
	enum finding_id id;
	enum tool_where where;
	const char *tool; /* as docs/coming-from.md has it for a heading */
	const char *path; /* of TOOL_FILE: absolute, "*" is what a name has in its place */
	/*
	 * What one line has, in any order: pieces with blanks between them, and "|" between those
	 * of which one is enough. "-" and "_" are alike. NULL: that the file is there is enough.
	 */
	const char *words;
	const char *source; /* where that is to be read: a project, its file, and its version */
};

/*
 * Paths, with "*", of scripts that guides put elsewhere and have a hook call; NULL behind the last.
 */
const char *tool_script_path_at(size_t index);

/* Paths, with "*", of files that the words on the command line come from; NULL behind the last. */
const char *tool_cmdline_path_at(size_t index);

/* The signs, in the order in which they are looked for; NULL behind the last one. */
const struct tool_sign *tool_sign_at(size_t index);

/* Has this line, without its comment, the sign's words? Those of NULL words have. */
bool tool_sign_matches(const struct tool_sign *sign, const char *line, size_t length);

/* What such a finding means. GUEST and ADDRESS in the note stand for what the path tells of them.
 */
struct tool_advice {
	enum finding_id id;
	enum finding_status status;
	const char *note;
};

/* NULL for the id of a finding that tells of no other tool. */
const struct tool_advice *tool_advice_of(enum finding_id id);
/*
 * The note for a file, "/etc/libvirt/hooks/qemu.d/win11/prepare/begin/start.sh": with that guest's
 * name, or the device's address ("/etc/driverctl.d/pci-0000:01:00.0"). Heap.
 */
char *tool_advice_note(const struct tool_advice *advice, const char *path);
