/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "parsers/storage/remotes.h"

/*
 * Logins by ssh from other machines, by their connections to a port on which an ssh server
 * listens. One at which nobody has been let in yet is none: on the open internet there is always
 * somebody trying.
 */
int logins_read(const struct host *host, struct remotes *remotes, struct error *err);
