/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/text.h"

/*
 * Reads an open file from where it stands up to its end, and appends that; the text's data is not
 * NULL then. Returns 0, -errno, or -EFBIG if the text would have more than limit bytes.
 */
int fd_read(int fd, size_t limit, struct text *text);
/* Writes the text to an open file. Returns 0 or -errno. */
int fd_write(int fd, const struct text *text);

/* Opens a new file in memory. Returns its descriptor (O_CLOEXEC), or -errno. */
int fd_memory(const char *name);
