/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "model/guest.h"
#include "model/snapshot.h"

/*
 * Adds a use for each way in which the host needs an interface of one of the snapshot's devices:
 * default route (IPv4, IPv6), logins by ssh, interfaces stacked on it, file systems and disks of
 * other machines (parsers/storage/remotes.h), an interface that is not to be seen in this network
 * namespace.
 */
int network_read(const struct host *host, const struct guest *guest, struct snapshot *snapshot,
		 struct error *err);
