/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/host.h"

/*
 * The engine behind the front door: one operation of libvirt on one guest, domain XML on
 * descriptor 0, on this host. argv as libvirt gives it: program, guest, operation, sub-operation,
 * extra. scripts_dir: where the users' scripts are, or NULL. Returns the exit status; prints to
 * descriptor 2, only where it failed, and to 1 the XML that the user's filters have made.
 */
int engine_main(int argc, char **argv, struct host *host, const char *scripts_dir);
