/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <signal.h>

/*
 * For system calls that have no deadline: between alarms_begin and alarms_end a call that blocks
 * ends with EINTR, first after first_ms, then every 50 ms, so that no wake-up can be missed. The
 * process has only one alarm clock: the two must not be nested.
 */
struct alarms {
	struct sigaction action; /* private: both as they were before */
	sigset_t mask;
};

void alarms_begin(struct alarms *alarms, unsigned int first_ms);
void alarms_end(const struct alarms *alarms);
