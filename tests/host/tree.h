/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/text.h"

/*
 * Files below a directory descriptor, for tests: every function but the asking ones ends the
 * process with a message when the file system will not do it. Paths are relative to root, parent
 * directories are made as needed.
 */
void tree_dir(int root, const char *path);
void tree_file(int root, const char *path, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* A link at path to target (relative to root as well), spelled the way sysfs spells its own. */
void tree_link(int root, const char *path, const char *target);
/* The link with exactly this text. */
void tree_raw_link(int root, const char *path, const char *text);
/* A file, link or whole directory; absent is fine. */
void tree_remove(int root, const char *path);

bool tree_exists(int root, const char *path);
/* Content without its last newline, or the target's last component; heap, NULL when absent. */
char *tree_read(int root, const char *path);
char *tree_link_name(int root, const char *path);

/* Everything below path, sorted: "DIR/", "LINK -> TARGET", "FILE: CONTENT". */
void tree_list(int root, const char *path, struct text *out);
