// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hostdevctl status --wait: until nobody is at work on the guests. Whoever works has the guest's
 * lock; to ask for it would keep the next hook waiting, so the lock is only looked at.
 * Tests: ctl/status.bats.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "hostdevctl/status/status.h"
#include "parsers/libvirt/guest-process.h"
#include "state/state-locks.h"

#define LOOK_AGAIN_MS 200

/* Who is at work: a line for people. Heap, NULL: nobody. */
static char *line_of(const struct guest_status *status)
{
	for (size_t i = 0; i < status->loan_count; i++)
		if (status->loans[i].state == LOAN_STUCK)
			return xasprintf("%s: %s", status->guest, status->loans[i].note);
	if (!status->busy)
		return NULL;
	if (!status->pid)
		return xasprintf("%s: somebody is at work on it", status->guest);
	return xasprintf("%s: process %d (%s) is at work on it", status->guest, status->pid,
			 status->command ? status->command : "of unknown name");
}

/* A guest that was never lent anything is known by its hook's arguments alone. */
static char *line_of_hook(const struct host *host, const char *guest)
{
	pid_t pid = 0;

	if (guest_process_find(host, guest, &pid, NULL) < 0 || !pid)
		return NULL;
	return xasprintf("%s: process %d (its hook) is at work on it", guest, (int)pid);
}

static char *line_of_anybody(const struct host *host)
{
	auto_free char *command = NULL;
	int pid;

	if (!state_locks_guest_is_taken(host, NULL, &pid))
		return NULL;
	command = pid ? state_locks_owner_command(host, pid) : NULL;
	return xasprintf("process %d (%s) is at work on a guest", pid,
			 command ? command : "of unknown name");
}

static char *find_busy(const struct host *host, const struct status_request *request)
{
	auto_statuses struct statuses statuses = {0};
	char *line = NULL;

	if (statuses_read(host, &statuses, NULL) == 0)
		status_select(request, &statuses);
	for (size_t i = 0; !line && i < statuses.count; i++)
		line = line_of(&statuses.items[i]);
	for (int i = 0; !line && i < request->guest_count; i++)
		line = line_of_hook(host, request->guests[i]);
	return line || request->guest_count > 0 ? line : line_of_anybody(host);
}

/* For who sits there; a log has nothing of it. */
static void show_progress(const char *line, char **shown)
{
	if (!isatty(STDERR_FILENO) || text_equal(line, *shown))
		return;
	free(*shown);
	*shown = xstrdup(line);
	fprintf(stderr, "waiting: %s\n", line);
}

int status_wait(const struct host *host, const struct status_request *request, struct error *err)
{
	const struct timespec pause = {.tv_nsec = LOOK_AGAIN_MS * 1000000};
	uint64_t end_ms = request->timeout_ms ? host_now_ms() + request->timeout_ms : 0;
	auto_free char *shown = NULL;

	for (;;) {
		auto_free char *line = find_busy(host, request);

		if (!line)
			return 0;
		if (end_ms && host_now_ms() >= end_ms)
			return error_set(err, ETIMEDOUT, "after %u s, still %s",
					 (unsigned int)(request->timeout_ms / 1000), line);
		show_progress(line, &shown);
		nanosleep(&pause, NULL);
	}
}
