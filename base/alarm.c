// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a call that would block for ever is ended from within the same process: by a signal that does
 * nothing, whatever the one who started this process has done to that signal.
 * Tests: unit/test-log.c.
 */
#include "base/alarm.h"

#include <stddef.h>
#include <sys/time.h>

#define AGAIN_US 50000

static void ignore_alarm(int signal_number)
{
	(void)signal_number;
}

static void set_timer(unsigned int first_ms, unsigned int again_us)
{
	struct itimerval timer = {
		.it_value = {.tv_sec = first_ms / 1000, .tv_usec = (long)(first_ms % 1000) * 1000},
		.it_interval.tv_usec = (long)again_us};

	setitimer(ITIMER_REAL, &timer, NULL);
}

void alarms_begin(struct alarms *alarms, unsigned int first_ms)
{
	const struct sigaction action = {.sa_handler = ignore_alarm};
	sigset_t set;

	sigaction(SIGALRM, &action, &alarms->action);
	/* A blocked signal is inherited, and would wake nobody. */
	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	sigprocmask(SIG_UNBLOCK, &set, &alarms->mask);
	set_timer(first_ms ? first_ms : 1, AGAIN_US);
}

void alarms_end(const struct alarms *alarms)
{
	set_timer(0, 0);
	sigprocmask(SIG_SETMASK, &alarms->mask, NULL);
	sigaction(SIGALRM, &alarms->action, NULL);
}
