/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/host.h"

/*
 * The private header of host.c and of the host-*.c beside it, and so in a circle with base/host.h:
 * to open a host is to open its directories, by the same rules as all else that is opened there.
 */

/* The directories of struct host, as they are called below its root. */
extern const char *const host_dir_names[HOST_DIRS];

/*
 * As openat(2) with O_CLOEXEC, as faccessat(2) and as readlinkat(2) in one of them, which there is;
 * a link at the path's end is not followed by the last two. Links on the way stay below the host's
 * root; where the kernel cannot see to that, the error is ENOSYS or EPERM.
 */
int host_dir_open(const struct host *host, enum host_dir dir, const char *path, int flags);
bool host_dir_has(const struct host *host, enum host_dir dir, const char *path);
ssize_t host_dir_link(const struct host *host, enum host_dir dir, const char *path, char *target,
		      size_t size);

/*
 * The names of an open directory as host_list returns them, for those that open directories in
 * another way; hidden: dot files as well. ret_count may be NULL.
 */
char **host_names_read(DIR *stream, bool hidden, size_t *ret_count);
