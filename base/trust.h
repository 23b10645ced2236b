/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

#include "base/error.h"
#include "base/text.h"

/*
 * Files that tell root what to do, and the directories they are in: they must belong to root (or
 * to whom this process runs as) and nobody else may write them; EPERM otherwise. shown is the path
 * for people ("/etc/hostdev-hook"), and opens every error.
 */

/*
 * Opens a directory, no link. Where there is none, that is no error and *ret_fd is -1. parent may
 * be -1: there is none then, either.
 */
int trust_open_dir(int parent, const char *name, const char *shown, int *ret_fd, struct error *err);

/*
 * Reads a regular file of at most limit bytes (EFBIG). A link is followed, and its target checked;
 * one that leads nowhere is an error (ENOENT). Where there is no file at all, that is no error and
 * *ret is untouched; otherwise its data is not NULL.
 */
int trust_read_file(int dir, const char *name, const char *shown, size_t limit, struct text *ret,
		    struct error *err);

/* Something on a walk that may follow links. */
struct trust_entry {
	int fd;     /* O_PATH; -1: there is no such thing */
	char *path; /* heap; with all links followed, for people */
};

#define TRUST_ENTRY_INIT                                                                           \
	{                                                                                          \
		.fd = -1, .path = NULL                                                             \
	}
void trust_entry_done(struct trust_entry *place);
#define auto_trust_entry cleanup(trust_entry_done)

/* Where a walk begins: path as it is. ENOENT where there is none. */
int trust_enter(const char *path, struct trust_entry *ret, struct error *err);

/*
 * Opens what the name in a trusted directory means. Links are followed, and every directory on the
 * way must be trusted as well, or be root's with the sticky bit, where each name that is followed
 * must be root's; what is at the end is not asked yet. No such name is no error, but a link that
 * leads nowhere is an error (ENOENT).
 */
int trust_follow(const struct trust_entry *dir, const char *name, struct trust_entry *ret,
		 struct error *err);

/* EPERM with owner and mode where others could have written it. */
int trust_check(const struct trust_entry *place, struct error *err);
