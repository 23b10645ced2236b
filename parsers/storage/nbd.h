/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/host.h"
#include "model/ways.h"

/*
 * Is this nbd device ("nbd0") a disk of another machine? If it is not connected, it is not. The
 * sockets of the process that keeps the connection tell which machine that is, or that it is this
 * one. If there is no such process of root's any more, or one of its sockets is not found, the disk
 * counts as that of a machine that is not known. *ret: ways_done.
 */
bool nbd_read_ways(const struct host *host, const char *name, struct ways *ret);
