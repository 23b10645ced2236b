/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <sys/types.h>

#include "base/error.h"
#include "base/host.h"

/* Does a guest run? */
enum qemu_life {
	QEMU_GONE, /* no process is its QEMU */
	QEMU_ALIVE,
	QEMU_UNKNOWN, /* a process that could not be read, or that is about to end, may be it */
};

struct qemu {
	enum qemu_life life;
	pid_t pid;     /* of that process; 0: none */
	char why[256]; /* QEMU_UNKNOWN: the reason */
};

/*
 * Looks for the process whose command line has "-uuid UUID", which libvirt gives to every QEMU it
 * starts. Nobody asks libvirt, so it can be told while no daemon runs. A process that has ended but
 * for its parent's taking note is gone. Fails where processes cannot be listed at all; takes some
 * seconds where one of them keeps its command line back.
 */
int qemu_find(const struct host *host, const char *uuid, struct qemu *ret, struct error *err);
