// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A monotonic clock that jumps over what would only be waited for.
 */
#include "tests/host/clock.h"

#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include "base/worker.h"
#include "tests/host/tree.h"

#define LOOK_MS 2

static const struct testhost *watched;
static uint64_t jumped_ms;

/* Of the process that is in workers_run; its children inherit this, and are not. */
static struct {
	pid_t pid;
	const struct worker *workers;
	size_t count;
} waiting;

void __real_workers_run(struct worker *workers, size_t count);
void __wrap_workers_run(struct worker *workers, size_t count);
int __real_poll(struct pollfd *fds, nfds_t count, int timeout);
int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout);
uint64_t __real_host_now_ms(void);
uint64_t __wrap_host_now_ms(void);

void clock_watch(const struct testhost *host)
{
	watched = host;
}

uint64_t __wrap_host_now_ms(void)
{
	return __real_host_now_ms() + jumped_ms;
}

void __wrap_workers_run(struct worker *workers, size_t count)
{
	waiting.pid = getpid();
	waiting.workers = workers;
	waiting.count = count;
	__real_workers_run(workers, count);
	waiting.count = 0;
}

/* The model shows a process that hangs as one that waits in the kernel. */
static bool hangs(pid_t pid)
{
	auto_free char *path = xasprintf("proc/%d/wchan", (int)pid);

	return tree_exists(watched->root_fd, path);
}

static bool all_hang(void)
{
	bool any = false;

	for (size_t i = 0; watched && i < waiting.count; i++) {
		if (waiting.workers[i].fd < 0)
			continue;
		if (!hangs(waiting.workers[i].pid))
			return false;
		any = true;
	}
	return any;
}

static int poll_workers(struct pollfd *fds, nfds_t count, int timeout)
{
	int ready = 0;

	for (int left = timeout; ready == 0 && left > 0; left -= LOOK_MS) {
		if (all_hang()) {
			jumped_ms += (uint64_t)left;
			return 0;
		}
		ready = __real_poll(fds, count, LOOK_MS);
	}
	return ready;
}

int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout)
{
	bool for_workers = waiting.count > 0 && waiting.pid == getpid();
	int ready;

	if (timeout <= 0 || (for_workers && !watched))
		return __real_poll(fds, count, timeout);
	if (for_workers)
		return poll_workers(fds, count, timeout);
	ready = __real_poll(fds, count, 0);
	if (ready == 0)
		jumped_ms += (uint64_t)timeout;
	return ready;
}
