/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/text.h"

/*
 * Files below a directory descriptor, for tests: every function but the asking ones ends the
 * process with a message when the file system will not do it. Paths are relative to root, parent
 * directories are made as needed.
 */
void tree_dir(int root, const char *path);
void tree_file(int root, const char *path, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void tree_bytes(int root, const char *path, const char *data, size_t length);
/*
 * A pipe that tells one reader this much; whoever opens it after that one waits for ever. It is the
 * process returned that tells it, and that ends well.
 */
pid_t tree_once(int root, const char *path, const char *text);
/* A device's file; takes root's rights. */
void tree_node(int root, const char *path, bool block, dev_t number);
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
/* The directory's entry of this index (from 0, in no order), dot files left out; heap or NULL. */
char *tree_entry(int root, const char *path, size_t index);

/* Everything below path, sorted: "DIR/", "LINK -> TARGET", "FILE: CONTENT", "NODE: c 226:0". */
void tree_list(int root, const char *path, struct text *out);
