/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/text.h"

/*
 * Private to base/log.c: one entry of the system's journal, in the form in which systemd's daemon
 * takes it (its native protocol), without its library.
 */

/* A field: name is one that this protocol allows (A-Z, 0-9, "_"). NULL: the entry has no such. */
void log_entry_add(struct text *entry, const char *name, const char *value);

/*
 * Sends it to the socket at this path. 0, or -errno: -ENOENT or -ECONNREFUSED where nobody listens,
 * -EINTR where a signal has ended the wait for a listener that does not read.
 */
int log_entry_send(const struct text *entry, const char *socket_path);
