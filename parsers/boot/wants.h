/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "model/snapshot.h"
#include "model/wants.h"

/*
 * What /etc/fstab, /etc/crypttab, units of systemd and resume= look for on disks behind the
 * snapshot's devices, in use or not; and for which disk, of these or others, a start asks for a
 * passphrase. cmdline: of the running kernel.
 * A source that leads to no disk is left out, and so is a file that cannot be read. On a host that
 * has started there is none that this start has needed, but for a volume group or an array that
 * somebody has stopped since: which disks these have had is not to be told without them.
 * *ret: wants_done.
 */
int wants_read(const struct host *host, const struct snapshot *snapshot, const char *cmdline,
	       struct wants *ret, struct error *err);
