/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <signal.h>

/*
 * For calls that have no deadline of their own: between the two, whatever blocks ends with EINTR,
 * first after so many milliseconds, then again and again, so that no wake-up can be missed. The
 * alarm clock is the process's only one: not within one another.
 */
struct alarms {
	struct sigaction action; /* private: as they were before */
	sigset_t mask;
};

void alarms_begin(struct alarms *alarms, unsigned int first_ms);
void alarms_end(const struct alarms *alarms);
