// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who keeps us waiting: a lock that is not had in time names the process that has it, by its
 * command line, which tells guest and operation of a hook.
 */
#include "session/wait.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

#define COMMAND_MAX 4096
#define COMMAND_SHOWN 120

char *wait_command_of(const struct host *host, int pid)
{
	auto_free char *line = NULL;
	size_t length = 0;

	if (host_read_file(host, HOST_PROC, COMMAND_MAX, &line, &length, NULL, "%d/cmdline", pid) <
		    0 ||
	    length == 0)
		return NULL;
	for (size_t i = 0; i + 1 < length; i++)
		if (line[i] == '\0')
			line[i] = ' ';
	if (strlen(line) > COMMAND_SHOWN)
		strcpy(line + COMMAND_SHOWN - 3, "...");
	return text_escape(line);
}

static int tell_holder(const struct host *host, const struct lock *lock,
		       const struct lock_wait *wait, struct error *err)
{
	auto_free char *command = lock->holder ? wait_command_of(host, lock->holder) : NULL;

	if (!lock->holder)
		return error_set(err, ETIMEDOUT,
				 "somebody %s (has locked /run/hostdev-hook/%s) for more than %u "
				 "s; try again",
				 wait->what, wait->name, wait->timeout_ms / 1000);
	return error_set(err, ETIMEDOUT,
			 "process %d (%s) %s (has locked /run/hostdev-hook/%s) for more than %u s; "
			 "try again when it is through; should it hang, end it (kill -9 %d) and "
			 "have what it leaves settled (hostdevctl recover)",
			 lock->holder, command ? command : "of unknown name", wait->what,
			 wait->name, wait->timeout_ms / 1000, lock->holder);
}

int lock_wait(const struct host *host, struct lock *lock, const struct lock_wait *wait,
	      struct error *err)
{
	int ret;

	/* On a machine that can only be read (--root DIR), no hook is at work and no file is made.
	 */
	if (!host->ops)
		return 0;
	ret = lock_take_range(lock, wait->state_fd, wait->name, wait->range, wait->timeout_ms, err);
	return ret == -ETIMEDOUT ? tell_holder(host, lock, wait, err) : ret;
}
