/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/host.h"
#include "base/text.h"
#include "model/snapshot.h"

/*
 * Questions that the kernel may answer late or never, as a process or a driver is stuck: a child
 * asks them (base/worker-ask.h). What is not answered in time counts as not known.
 */

/* How long a child has for its answer. */
#define SLOW_TIMEOUT_MS 3000

/*
 * Reads a file whose reading takes a lock that a driver may keep. *ret: heap, with a NUL behind it.
 * ENOENT and other errors as host_read_file has them; -ETIMEDOUT: it could not be read in time.
 */
int slow_file_read(const struct host *host, enum host_dir dir, const char *path, char **ret);

/* The DRM masters of the snapshot's cards: heap array, NULL with none or none known (debugfs). */
void slow_masters_read(const struct host *host, const struct snapshot *snapshot, pid_t **ret,
		       size_t *ret_count);

/* Reads /proc/PID/maps, which takes a lock of that process. Heap; NULL: not known. */
char *slow_maps_read(const struct host *host, pid_t pid);

/*
 * The guest's name on the command line of a QEMU, escaped to be part of a line. Heap; NULL: not
 * known. If a process does not answer in time, *impatient becomes true; while it is true, no
 * process is asked, so that many processes cannot each keep the caller waiting.
 */
char *slow_guest_name_read(const struct host *host, pid_t pid, bool *impatient);
