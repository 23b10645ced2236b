/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/host.h"
#include "model/snapshot.h"
#include "parsers/network/interfaces.h"

/*
 * Adds a use for each device of the snapshot whose driver makes network interfaces, and which has
 * no interface here, or fewer of them than ports.
 */
void hidden_add(const struct host *host, const struct interfaces *interfaces,
		struct snapshot *snapshot);
/* The same for adapters that are plugged into a USB controller. */
void hidden_usb_add(const struct host *host, struct snapshot *snapshot);

/* The evidence of the two above, that there should be an interface. Heap. */
char *hidden_evidence(const char *driver);
