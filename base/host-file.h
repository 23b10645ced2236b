/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <sys/stat.h>

#include "base/error.h"
#include "base/host.h"

/*
 * What is known of a file without reading it. Only host_file_node follows links. The path is a
 * printf format, as in base/host.h. Failures are -errno with err set: -ENOENT is an answer.
 */
int host_file_stat(const struct host *host, enum host_dir dir, struct stat *ret, struct error *err,
		   const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Where a link leads, as it is written there; heap. EINVAL: no link. */
int host_file_link(const struct host *host, enum host_dir dir, char **ret, struct error *err,
		   const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Its SELinux context; heap. ENODATA or ENOTSUP: it has none. */
int host_file_label(const struct host *host, enum host_dir dir, char **ret, struct error *err,
		    const char *format, ...) __attribute__((format(printf, 5, 6)));

/*
 * What the path below /dev leads to, through links. The function touches only the file system of
 * /dev, as users have other file systems below it, which may not answer. A path that leads there
 * fails with EXDEV.
 */
int host_file_node(const struct host *host, const char *path, struct stat *ret, struct error *err);

/*
 * "/usr/sbin/x" gives HOST_USR and "sbin/x". A path that is in no such directory gives HOST_ROOT
 * and the path without its first slash. False: there is nothing behind the directory, as in "/".
 */
bool host_file_place(const char *absolute, enum host_dir *ret_dir, const char **ret_path);
