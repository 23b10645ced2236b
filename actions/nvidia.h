/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "model/addr.h"

/*
 * For cards with the driver "nvidia". The driver's remove() waits for ever for users that its
 * module counts. The caller has found before that no process holds a node of these cards. This
 * function returns EBUSY if the module counts users, although no process holds any node of the
 * driver, also not those that all its cards share; and if it is not known which node belongs to
 * which card. It returns 0 if a process holds a node of another card, as the count may be about
 * that. It makes one pass over the processes, and only if the module counts a user; that may block
 * as a scan does.
 */
int nvidia_check(const struct host *host, const struct pci_addr *addrs, size_t count,
		 struct error *err);
