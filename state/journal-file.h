/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/host.h"
#include "model/journal.h"

/*
 * The journal's file below /run/hostdev-hook. The directory must exist.
 * All return 0 or -errno; a descriptor in *ret_fd is the caller's to close.
 */

/* Writes the whole journal under another name and renames it: the file is whole or not there. */
int journal_file_create(const struct host *host, const struct journal *journal, int *ret_fd,
			struct error *err);
/*
 * Opens the file for appending, and cuts off a last line that its writer did not finish. On a
 * read-only file system it opens the file for reading, and each append fails.
 */
int journal_file_open(const struct host *host, const struct journal *journal, int *ret_fd,
		      struct error *err);
/* One write of one or more whole lines. */
int journal_file_append(int fd, const char *text, size_t length, struct error *err);
int journal_file_remove(const struct host *host, const struct journal *journal, struct error *err);
