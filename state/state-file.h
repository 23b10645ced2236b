/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/text.h"

/*
 * How files of the state directories are written so that a crash leaves the old file or the new
 * one, whole, and so that a reader of a journal sees whole lines only.
 */

/* Stands behind the name of a file that is being written; no reader takes such a file. */
#define STATE_FILE_NEW ".new"

struct state_file {
	int dir;
	const char *name;  /* in dir; may begin with the name of a directory in dir */
	const char *shown; /* the path of dir, for messages */
	bool sync;         /* the bytes are on the disk before the name is there */
};

/* Replaces the file of this name by text. 0; or -errno, and then the old file is unchanged. */
int state_file_write(const struct state_file *file, const struct text *text, struct error *err);
/* The same; returns a descriptor of the new file for state_file_append, which is the caller's. */
int state_file_create(const struct state_file *file, const struct text *text, struct error *err);

/* Removes what writers that were killed have left in dir; nobody else may be writing there. */
void state_file_sweep(int dir);

/* Appends whole lines, all of them or none. what names the file in messages ("journal"). */
int state_file_append(int fd, const char *lines, size_t length, const char *what,
		      struct error *err);
/* The length up to the last newline, which counts: behind it stands an unfinished line, if any. */
int state_file_whole_lines(int fd, const char *what, off_t *ret_length, struct error *err);
