/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/host.h"

/*
 * These functions find files by their absolute path, as the host itself sees them: links are
 * followed, and an absolute link stays below the host's root. They neither wait nor open a device:
 * only a regular file can be read (else EINVAL). Failures are -errno with err set: -ENOENT is an
 * answer.
 *
 * This header is in a circle with base/host.h: a host opens its directories by host_path_open.
 */
int host_path_stat(const struct host *host, const char *path, struct stat *ret, struct error *err);

/*
 * Finds the first program with this name, in the system's folders before /usr/local; heap. ENOENT:
 * there is none.
 */
int host_program_find(const struct host *host, const char *name, char **ret, struct error *err);
/*
 * Returns path if a program is there, else the place of a program with the same name, else path.
 * Heap.
 */
char *host_program_at(const struct host *host, const char *path);

/* A whole file of at most limit bytes (EFBIG); heap, NUL-terminated. ret_length may be NULL. */
int host_path_read(const struct host *host, const char *path, size_t limit, char **ret,
		   size_t *ret_length, struct error *err);

/* At most size bytes from an offset on; *ret_length is 0 at the end. */
int host_path_read_part(const struct host *host, const char *path, uint64_t offset, char *buffer,
			size_t size, size_t *ret_length, struct error *err);

/* Names in a directory, as host_list has them: sorted, without dot files, host_free_names. */
int host_path_list(const struct host *host, const char *path, char ***ret, struct error *err);

/*
 * As open(2) with O_CLOEXEC, and with those links; -1 with errno. It may wait, and open devices.
 * ENOSYS, EPERM: below another root than "/" this kernel cannot keep a link from leading out.
 */
int host_path_open(const struct host *host, const char *path, int flags);
