/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <sys/types.h>

#include "base/error.h"
#include "base/host.h"

/* What is going on for a guest, by the processes there are. */
struct guest_process {
	pid_t qemu; /* that runs it; 0: none */
	pid_t hook; /* of ours, at work for it; 0: none */
};

/* By QEMU's "-uuid UUID" and our engine's arguments, of the real machine or a made-up one. */
int guest_process_find(const struct host *host, const char *guest, const char *uuid,
		       struct guest_process *ret, struct error *err);
