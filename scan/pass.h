/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <sys/types.h>

#include "base/host.h"
#include "scan/match.h"
#include "scan/scan.h"

/* One pass over all processes but the two left out (0: none). May block for ever. */
int pass_run(const struct host *host, const struct match *match, const struct node *nodes,
	     const pid_t without[2], struct scan *ret, struct error *err);
