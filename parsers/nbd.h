/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/host.h"
#include "parsers/ways.h"

/*
 * Does this nbd device ("nbd0") lie on another machine? One that is not connected lies nowhere.
 * Where it is, and whether at all, is known by the sockets of the process that keeps it up; where
 * there is no such process any more, it counts as another machine's. *ret: ways_done.
 */
bool nbd_read_ways(const struct host *host, const char *name, struct ways *ret);
