/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/host.h"
#include "parsers/ways.h"

/*
 * Is this nbd device ("nbd0") a disk of another machine? If it is not connected, it is not. The
 * sockets of the process that keeps the connection tell which machine that is, or that it is this
 * one; if there is no such process any more, the disk counts as another machine's. *ret: ways_done.
 */
bool nbd_read_ways(const struct host *host, const char *name, struct ways *ret);
