/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

#include "base/error.h"
#include "base/host.h"
#include "base/text.h"

/*
 * A file of the host with all that must come back when it is restored. Paths are absolute, as the
 * host sees them: a symbolic link on the way leads nowhere outside the host's root directory.
 */
struct host_content {
	enum { CONTENT_ABSENT, CONTENT_DIRECTORY, CONTENT_REGULAR } type;
	mode_t mode; /* permissions alone */
	uid_t uid;
	gid_t gid;
	struct text bytes; /* owned */
	bool has_mtime;
	struct timespec mtime;
	/* Extended attributes, a line each: NAME blank HEX, sorted. Owned; empty: none. */
	struct text xattrs;
};

#define CONTENT_INIT                                                                               \
	{                                                                                          \
		.type = CONTENT_ABSENT                                                             \
	}

void host_content_done(struct host_content *content);
#define auto_content cleanup(host_content_done)

/*
 * What is at path. A link at its end is followed, as a change writes to what it leads to. What is
 * neither a file nor a directory fails with EINVAL, a file of more than HOST_CONTENT_MAX bytes with
 * EFBIG. *ret: host_content_done.
 */
#define HOST_CONTENT_MAX (16u * 1024 * 1024)
int host_content_read(const struct host *host, const char *path, struct host_content *ret,
		      struct error *err);

/*
 * Makes path what content says: there is the old file or the new one, also after a loss of power.
 * A file that is a link's target, or has several names, stays that. An absent directory must be
 * empty (ENOTEMPTY else); what is to be absent and is not there is no error. What a writer that was
 * killed has left beside it goes. Times and extended
 * attributes are set where content has them; that a file system has none is no error.
 */
int host_file_put(struct host *host, const char *path, const struct host_content *content,
		  struct error *err);

/*
 * Returns when all that was written to the file system of this directory is on its disk. Where
 * there is no such directory, nothing was.
 */
int host_file_system_sync(const struct host *host, const char *path, struct error *err);

/*
 * Runs a program of this host (argv[0] is an absolute path) in the host's root directory, without
 * input, and waits for its end. What it has printed, of more than 8 MiB the end, is appended to
 * said. EIO names the exit status or the signal; ENOENT: there is no such program; ETIMEDOUT: it
 * was not over within HOST_COMMAND_TIMEOUT_S, and was ended.
 */
#define HOST_COMMAND_TIMEOUT_S 3600
int host_command_run(struct host *host, char *const *argv, struct text *said, struct error *err);
