/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/cell.h"

#define FILE_DIGEST_SIZE 65 /* SHA-256 in lower-case hexadecimal, with its NUL */

enum file_type {
	FILE_ABSENT,
	FILE_DIRECTORY,
	FILE_REGULAR,
};

/*
 * Value of a "file" cell:
 *   absent
 *   directory,MODE,UID:GID
 *   MODE,UID:GID,SHA256[,mtime=SECONDS.NANOSECONDS][,xattrs=SHA256]
 * MODE has four octal digits. The content, and the extended attributes as one text, are kept beside
 * the record under their SHA-256 (state/store.h).
 */
struct file_value {
	enum file_type type;
	unsigned int mode, uid, gid;
	char digest[FILE_DIGEST_SIZE];
	bool has_mtime;
	int64_t mtime_s;
	unsigned int mtime_ns;
	char xattrs[FILE_DIGEST_SIZE]; /* "" where it has none */
};

void file_value_format(const struct file_value *value, char text[CELL_VALUE_SIZE]);
bool file_value_parse(const char *text, struct file_value *ret);

/* Same type, mode, owner and content. */
bool file_value_equal(const char *a, const char *b);
