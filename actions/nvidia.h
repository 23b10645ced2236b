/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "model/addr.h"

/*
 * Of cards that this driver has: EBUSY where its module counts users although no process holds any
 * of their nodes, its shared ones included: its remove() would wait for them for ever. Where some
 * process holds one (of another card of this driver), the count tells nothing of these cards, and 0
 * is returned: nobody holds their own nodes, which the caller has found out before; where it is not
 * known which node is a card's own, EBUSY again. One pass over the processes for all of them, and
 * only where the module counts a user. Blocks as a scan does.
 */
int nvidia_check(const struct host *host, const struct pci_addr *addrs, size_t count,
		 struct error *err);
