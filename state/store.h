/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host-change.h"
#include "model/file.h"

/*
 * Contents of files, as they were and as they are to be: kept below /var/lib/hostdev-hook/generate
 * by their SHA-256, for as long as a record names them. So a record says with a digest what a file
 * was, and nothing of it lies where others would take it for a file of theirs.
 */

/* Opens (with create: makes) /var/lib/hostdev-hook/generate. ENOENT: there is none. */
int store_open(const struct host *host, bool create, struct error *err);

/* dir: of store_open. It is on the disk when this returns. */
int store_put(int dir, const struct text *bytes, char ret_digest[FILE_DIGEST_SIZE],
	      struct error *err);
/* ENOENT: it was never put there; EIO: it is not what its digest says. */
int store_get(int dir, const char *digest, struct text *ret, struct error *err);

/* The value that a file cell has while the file is so. With dir >= 0 its content is put. */
int store_value_of(int dir, const struct host_content *content, struct file_value *ret,
		   struct error *err);
/* What a file is to be, from its value. *ret: host_content_done. */
int store_content_of(int dir, const struct file_value *value, struct host_content *ret,
		     struct error *err);

/* Removes what none of these values (in the cells' text form) names. */
void store_keep_only(int dir, char *const *values, size_t count);
