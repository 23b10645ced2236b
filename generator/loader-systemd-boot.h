/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "generator/menu.h"

/*
 * What others ask of the entries that kernel-install writes (generator/loader-systemd-boot.c).
 */

/* How many kernels kernel-install gives entries to, whatever --kernels says; 0: it writes none. */
size_t systemd_boot_kernels(const struct boot *boot);

/* Where kernel-install writes the entries (layout bls) it copies each kernel's image as well: its
 * steps. False: it does not. */
bool systemd_boot_carry(const struct menu_request *request, struct draft *draft);

/*
 * Where an earlier set-up has put words into /etc/kernel/cmdline, and this one wants none: the file
 * stays without them, also where it was not there before all set-ups, as the next kernel would else
 * get the running one's words.
 */
void systemd_boot_settle(const struct generate_facts *facts, struct draft *draft);
