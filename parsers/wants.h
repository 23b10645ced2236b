/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "model/snapshot.h"
#include "model/wants.h"

/*
 * What /etc/fstab and /etc/crypttab look for on disks behind the snapshot's devices, in use or not;
 * and for which disk, of these or others, a start asks for a passphrase.
 * A source that leads to no disk, as it is not there or not made yet, is left out, and so is a file
 * that cannot be read. *ret: wants_done.
 */
int wants_read(const struct host *host, const struct snapshot *snapshot, struct wants *ret,
	       struct error *err);
