/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/finding.h"
#include "model/setup.h"
#include "model/snapshot.h"

/* Which devices a boot was to reserve, by the kernel's command line and a set-up. */
struct promise {
	bool off;               /* a word on the command line switches all reservations off */
	const char *choice;     /* id of the choice by which the host was started, or NULL */
	struct pci_addr *addrs; /* heap; the devices to reserve */
	size_t addr_count;
};

void promise_done(struct promise *promise);
#define auto_promise __attribute__((__cleanup__(promise_done)))

/* Do the words of this boot reserve the device, whatever set-up is in force for the next boot? */
bool promise_boot_has_reserved(const char *cmdline, const struct pci_addr *addr);

/* Is it a word that makes the boot scripts reserve nothing? */
bool promise_is_switched_off(const char *word);

/* cmdline: the command line of the running kernel. *ret: promise_done. */
void promise_of_boot(const struct setup *setup, const char *cmdline, struct promise *ret);

/*
 * Checks that every promised device is on VFIO and is still the same device, that no other device
 * is on VFIO (except those of guests), and that the groups are as they were. Adds a finding for
 * each.
 */
void promise_check(const struct setup *setup, const struct promise *promise,
		   const struct snapshot *snapshot, struct findings *findings);
