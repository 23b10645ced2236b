/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/finding.h"
#include "model/setup.h"
#include "model/snapshot.h"

/* What one boot was to reserve, by the kernel's command line and a set-up. */
struct promise {
	bool off;               /* a word on it switches everything off */
	const char *choice;     /* id of the choice it was started by, or NULL */
	struct pci_addr *addrs; /* heap; what was to be reserved */
	size_t addr_count;
};

void promise_done(struct promise *promise);
#define auto_promise __attribute__((__cleanup__(promise_done)))

/* Is the device reserved by the words of this boot, whatever is in force for the next? */
bool promise_boot_has_reserved(const char *cmdline, const struct pci_addr *addr);

/* Is it a word by which the boot scripts reserve nothing? */
bool promise_is_switched_off(const char *word);

/* cmdline: of the running kernel. */
void promise_of_boot(const struct setup *setup, const char *cmdline, struct promise *ret);

/*
 * Is every promised device on VFIO, none that was not promised (but for what a guest has), the
 * groups as they were, and each device the one that was meant?
 */
void promise_check(const struct setup *setup, const struct promise *promise,
		   const struct snapshot *snapshot, struct findings *findings);
