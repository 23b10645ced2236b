/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"

/*
 * The two directories in which the product keeps what it must not forget. Both belong to root, and
 * nobody else may write in them: what lies there is believed. Each function returns a descriptor,
 * which is the caller's to close, or -errno; -ENOENT: there is no such directory.
 */

/* For this boot: /run/hostdev-hook, with journals, locks and records of hand-overs. */
int state_dir_open(const struct host *host, bool create, struct error *err);
/* For longer: /var/lib/hostdev-hook, with pins, loans and (in "generate") set-ups. */
int state_dir_open_lasting(const struct host *host, bool create, struct error *err);

/* A directory below the lasting one, or below such a directory; shown: its path, for messages. */
int state_dir_open_below(int parent, const char *name, const char *shown, bool create,
			 struct error *err);

/* Opens a file of /run/hostdev-hook for reading. -1: it cannot be opened. */
int state_dir_open_file(const struct host *host, const char *name);
