/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "model/loan.h"
#include "model/pin.h"
#include "model/snapshot.h"

/* Fills in the snapshot's pins of this guest. None yet: no error. EPERM: others may write them. */
int pins_read(const struct host *host, const char *uuid, struct snapshot *snapshot,
	      struct error *err);

/*
 * Writes the pins of a guest and what is remembered of its loan below /var/lib/hostdev-hook (made
 * where it is missing, root-only), in place of those that were there: each whole or not at all.
 * NULL: that file stays as it is. With new pins, the files of past guests are removed
 * (past-guests.h): a guest that has another UUID each time it is created would leave a file each
 * time.
 */
int pins_store(const struct host *host, const char *uuid, const char *guest,
	       const struct pins *pins, const struct loan *loan, struct error *err);

/*
 * Fills in the snapshot's kernel and the guest's last loan. As the loan only helps to explain a
 * refusal, a file that cannot be read, or that others could have written, counts as no file.
 */
void pins_read_loan(const struct host *host, const char *uuid, struct snapshot *snapshot);
