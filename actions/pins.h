/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "model/loan.h"
#include "model/pin.h"

/*
 * Writes the pins of a guest and what is remembered of its loan below /var/lib/hostdev-hook (made
 * where it is missing, root-only), in place of those that were there: each whole or not at all.
 * NULL: that file stays as it is. With new pins, the files of some other guests are removed: of
 * those that libvirt has no definition of and that no journal is about, the namesakes, and all but
 * the 256 whose pins were written last. Otherwise a guest that has another UUID each time it is
 * created would leave a file each time.
 */
int pins_store(const struct host *host, const char *uuid, const char *guest,
	       const struct pins *pins, const struct loan *loan, struct error *err);
