/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <sys/types.h>

#include "base/host.h"
#include "scan/match.h"
#include "scan/scan.h"

/* One pass over all processes, except the two in without (0: none). It may block for ever. */
int pass_run(const struct host *host, const struct match *match, const struct node *nodes,
	     const pid_t without[2], struct scan *ret, struct error *err);
