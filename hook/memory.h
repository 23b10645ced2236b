/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

/* The PATH of all programs that the hook starts, whatever PATH libvirt's daemon has. */
#define SAFE_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/*
 * A file in memory, which never touches a disk, with these bytes, to be read from its beginning:
 * a new descriptor (O_CLOEXEC), or -errno.
 */
int memory_file_new(const char *data, size_t length);

/* From now on a crash of this process writes no core file. A program that it executes may write
 * one. */
void memory_keep_secret(void);
