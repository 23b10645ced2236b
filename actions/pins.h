/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "model/loan.h"
#include "model/pin.h"

/*
 * Writes the pins of a guest and what is remembered of its loan below /var/lib/hostdev-hook (made
 * where it is missing, root-only), in place of those that were there: each whole or not at all.
 * NULL: that file stays as it is. With new pins, those of earlier guests of that name are removed,
 * and those of guests that had no device for a year, unless libvirt has a definition of theirs: a
 * guest that has another UUID each time it is created would leave a file each time.
 */
int pins_store(const struct host *host, const char *uuid, const char *guest,
	       const struct pins *pins, const struct loan *loan, struct error *err);

/* Are the guest's pins to be written again although they are the same, so as to count as used? */
bool pins_want_writing(const struct host *host, const char *uuid);
