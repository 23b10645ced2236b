/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "model/loan.h"
#include "model/pin.h"

/*
 * Writes the pins of a guest below /var/lib/hostdev-hook (made where it is missing, root-only), in
 * place of those that were there: whole or not at all.
 */
int pins_store(const struct host *host, const char *uuid, const char *guest, const struct pin *pins,
	       size_t count, struct error *err);

/* The same for what is remembered of the loan. */
int pins_store_loan(const struct host *host, const char *uuid, const char *guest,
		    const struct loan *loan, struct error *err);
