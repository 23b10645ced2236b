/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <sys/types.h>

#include "base/error.h"
#include "base/host.h"

/* Does a guest run? */
enum qemu_life {
	QEMU_GONE, /* no process is its QEMU */
	QEMU_ALIVE,
	QEMU_UNKNOWN, /* it may be a process that cannot be read or is about to end */
};

struct qemu {
	enum qemu_life life;
	pid_t pid;     /* of that process; 0: none */
	char why[256]; /* QEMU_UNKNOWN: the reason */
};

/*
 * Looks for the process whose command line has "-uuid UUID", which libvirt gives to every QEMU.
 * Libvirt is not asked, so this works while no daemon runs. A zombie counts as gone. -errno: the
 * processes cannot be listed. It takes some seconds if a process does not give its command line.
 */
int qemu_find(const struct host *host, const char *uuid, struct qemu *ret, struct error *err);
