/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "actions/setup/apply.h"

/*
 * Runs the command of a build step's target, "image:/usr/bin/dracut,--force"; where its last word
 * is STEP_EACH_KERNEL, once for each kernel that this host can start now, and not for what one that
 * is gone has left in /lib/modules. What it prints is appended to said. The first that fails ends
 * it, with what host_command_run has given.
 */
int apply_command_run(struct apply *apply, const char *target, struct text *said,
		      struct error *err);

/* Where images and kernels lie that a start uses: the first is there on each host. NULL at its end.
 */
extern const char *const apply_boot_folders[];

/* Is anything there, in any of these, that a start could use? */
bool apply_command_finds_kernels(const struct host *host);
