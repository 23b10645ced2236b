/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

/* What programs we start are to find others by, whatever libvirt's daemon was given. */
#define SAFE_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/*
 * A file in memory, which never touches a disk, with these bytes, to be read from its beginning:
 * a new descriptor (O_CLOEXEC), or -errno.
 */
int memory_file_new(const char *data, size_t length);

/* From now on no crash of this process leaves its memory on a disk; a program it becomes may. */
void memory_keep_secret(void);
