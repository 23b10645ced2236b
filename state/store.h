/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host-change.h"
#include "model/file.h"

/*
 * The contents of files before and after a set-up, kept below /var/lib/hostdev-hook/generate under
 * their SHA-256 for as long as a record names them. So a record needs only a digest to say what a
 * file was, and no copy lies where other programs would take it for a file of theirs.
 */

/* Opens (with create: makes) /var/lib/hostdev-hook/generate. ENOENT: there is none. */
int store_open(const struct host *host, bool create, struct error *err);

/* dir comes from store_open. The bytes are on the disk when this returns. */
int store_put(int dir, const struct text *bytes, char ret_digest[FILE_DIGEST_SIZE],
	      struct error *err);
/* ENOENT: these bytes were never put there; EIO: they do not fit their digest. */
int store_get(int dir, const char *digest, struct text *ret, struct error *err);

/* The value of a file cell while the file is as content says. dir >= 0: puts the bytes, too. */
int store_value_of(int dir, const struct host_content *content, struct file_value *ret,
		   struct error *err);
/* What a file is to be, from its value. *ret: host_content_done. */
int store_content_of(int dir, const struct file_value *value, struct host_content *ret,
		     struct error *err);

/* Removes all bytes that none of these values (in the cells' text form) names. */
void store_keep_only(int dir, char *const *values, size_t count);
