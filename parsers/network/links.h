/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "model/links.h"
#include "model/snapshot.h"

/*
 * The network interfaces of this network namespace that are some hardware's. Where the routes
 * cannot be read, none of them is known to have a network. *ret: links_done.
 */
int links_read(const struct host *host, const struct snapshot *snapshot, struct links *ret,
	       struct error *err);
