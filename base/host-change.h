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
	/* Extended attributes, each a line "NAME HEX", sorted. Owned; empty: none. */
	struct text xattrs;
};

#define CONTENT_INIT                                                                               \
	{                                                                                          \
		.type = CONTENT_ABSENT                                                             \
	}

void host_content_done(struct host_content *content);
#define auto_content cleanup(host_content_done)

/*
 * Reads what is at path. A link at the end of the path is followed, as host_file_put does.
 * EINVAL: it is neither a file nor a directory; EFBIG: the file has more than HOST_CONTENT_MAX
 * bytes. *ret: host_content_done.
 */
#define HOST_CONTENT_MAX (16u * 1024 * 1024)
int host_content_read(const struct host *host, const char *path, struct host_content *ret,
		      struct error *err);

/*
 * Makes path what content says. Even after a loss of power either the old file is there or the new
 * file. If a link leads to the file, or the file has several names, that stays so. A directory that
 * is to be absent must be empty (else ENOTEMPTY). To remove what is not there is no error. The call
 * removes what a killed writer has left beside the file. Times and extended attributes are set if
 * content has them; a file system without them is no error.
 */
int host_file_put(struct host *host, const char *path, const struct host_content *content,
		  struct error *err);

/*
 * Returns when everything that was written to the file system of this directory is on its disk.
 * Returns 0 at once if there is no such directory.
 */
int host_file_system_sync(const struct host *host, const char *path, struct error *err);

/*
 * Runs a program of this host (argv[0] is an absolute path) in the host's root directory, without
 * input, and waits for its end. Appends what the program has printed to said; of more than 8 MiB
 * only the end. EIO names the exit status or the signal; ENOENT: there is no such program;
 * ETIMEDOUT: it ran for HOST_COMMAND_TIMEOUT_S, and was killed.
 */
#define HOST_COMMAND_TIMEOUT_S 3600
int host_command_run(struct host *host, char *const *argv, struct text *said, struct error *err);
