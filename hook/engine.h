/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/host.h"

/*
 * The engine behind the front door: one operation of libvirt on one guest, domain XML on
 * descriptor 0, on this host. argv as libvirt gives it: program, guest, operation, sub-operation,
 * extra. Returns the exit status; prints to descriptor 2 only, and only where it failed.
 */
int engine_main(int argc, char **argv, struct host *host);
