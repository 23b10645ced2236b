/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "session/session.h"

/*
 * "hostdevctl return": ends the loan by hand that has this UUID. It is refused, with nothing
 * changed, while a process has one of its devices open, and if the devices are lent to a guest,
 * whose stop returns them. *ret_home (journal_done): what was lent and is returned now; it has no
 * claims if another process has returned them already. 0, or -errno with a message as
 * hook_call_return has it.
 */
struct return_request {
	struct host *host;
	const char *uuid;
	/* Not NULL: only this device, which was lent to a running guest besides its own. */
	const struct pci_addr *addr;
	bool dry_run; /* only looks whether the return would be refused */
};

int return_request_run(const struct return_request *request, struct journal *ret_home,
		       struct text *message);
