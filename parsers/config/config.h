/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/host.h"
#include "model/policy.h"

/*
 * Applies the files below /etc/hostdev-hook to *policy, later ones over earlier ones:
 * hostdev-hook.conf, hostdev-hook.conf.d/NAME.conf in the order of their bytes, guests/GUEST.conf.
 * guest: its name, or NULL for none. What is not there has nothing to say. Errors name the file and
 * what is wrong in it, and leave *policy untouched: EINVAL for what is not understood, EPERM where
 * others may write a file or its directory.
 */
int config_read(const struct host *host, const char *guest, struct policy *policy,
		struct error *err);

/* Where the file of a guest is, below /etc. */
#define CONFIG_DIR "hostdev-hook"
#define CONFIG_GUESTS_DIR "guests" /* below that */
#define CONFIG_SUFFIX ".conf"

/* Libvirt allows nearly any name for a guest, and not every name is one of a file. */
bool config_guest_has_file(const char *guest);
