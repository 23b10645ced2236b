/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "session/session.h"

/*
 * "hostdevctl return": ends the loan by hand that has this UUID. Refused, with nothing changed,
 * while somebody has one of its devices open, and for what is lent to a guest: that one's stop
 * returns it. *ret_home (journal_done): what was lent, and is home now; without claims where
 * somebody else has returned it already. 0, or -errno with a message (session/session.h).
 */
struct return_request {
	struct host *host;
	const char *uuid;
	/* The device that is meant, if it is only that: what a running guest was lent besides. */
	const struct pci_addr *addr;
	bool dry_run; /* only looks whether it would be done */
};

int return_request_run(const struct return_request *request, struct journal *ret_home,
		       struct text *message);
