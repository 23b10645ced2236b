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
