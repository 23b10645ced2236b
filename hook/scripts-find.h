/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

#include "hook/operation.h"

enum script_state {
	SCRIPT_RUNS,
	SCRIPT_PASSED_OVER, /* not executable, or no file at all */
	SCRIPT_REFUSED, /* another user than root could write it, or a link or folder on its path */
};

struct script {
	char *path; /* heap; what is run, links in it not followed */
	enum script_state state;
	char *why; /* heap; one line, with the path; "" for one that runs */
};

struct script_list {
	struct script *scripts; /* in the order of their bytes */
	size_t count;
	size_t prefix; /* of each path: up to "OPERATION/..." */
};

/*
 * Finds the scripts of dir/GUEST/OPERATION/SUBOPERATION, which is a file or a directory of files. A
 * guest whose name would lead out of dir has no scripts. A file that cannot be examined is refused.
 * *ret: script_list_done.
 */
void scripts_find(const char *dir, const char *guest, const struct operation *operation,
		  struct script_list *ret);
void script_list_done(struct script_list *list);
#define auto_script_list __attribute__((__cleanup__(script_list_done)))
