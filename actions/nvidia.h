/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "model/addr.h"

/*
 * EBUSY where the nvidia module counts users although no process holds any of its nodes, its
 * shared ones included: its remove() would wait for them for ever. Where some process holds one (of
 * another card of this driver), the count tells nothing of this card, and 0 is returned: nobody
 * holds this card's own nodes, which the caller has found out before; where it is not known which
 * node that is, EBUSY again. Blocks as a scan does.
 */
int nvidia_check(const struct host *host, const struct pci_addr *addr, struct error *err);
