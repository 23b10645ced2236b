/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/host.h"
#include "base/text.h"
#include "model/snapshot.h"

/*
 * What may take the kernel long to tell, and is asked by a child first: a process or a driver that
 * is stuck keeps whoever asks. Not told in time is not known.
 */

/* How long a child has for its answer. */
#define SLOW_TIMEOUT_MS 3000

/*
 * The text of a file (heap, with its end) whose reading takes a lock that a driver may keep. ENOENT
 * and other errors as host_read_file has them; -ETIMEDOUT: not told in time.
 */
int slow_file_read(const struct host *host, enum host_dir dir, const char *path, char **ret);

/* The DRM masters of the snapshot's cards: heap array, NULL with none or none known (debugfs). */
void slow_masters_read(const struct host *host, const struct snapshot *snapshot, pid_t **ret,
		       size_t *ret_count);

/* What a process has mapped (/proc/PID/maps), which takes a lock of its: heap, NULL: not known. */
char *slow_maps_read(const struct host *host, pid_t pid);

/*
 * The guest's name as a QEMU was told it, escaped to be part of a line; heap, NULL: not known.
 * Where one process keeps its name back, *impatient becomes true, and with it true none is asked:
 * many that call themselves QEMU cannot each keep us waiting.
 */
char *slow_guest_name_read(const struct host *host, pid_t pid, bool *impatient);
