// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How to wait for what the host does without sleeping for a fixed time, and without believing that
 * every change is told.
 */
#include "actions/watch.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"

/*
 * A close is told before the driver has heard of it, and events come in flocks: what follows an
 * event within this time is looked at together with it.
 */
#define SETTLE_MS 10

void watch_init(struct watch *watch)
{
	watch->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	watch->pidfd = -1;
}

void watch_done(struct watch *watch)
{
	cleanup_close(&watch->inotify);
	cleanup_close(&watch->pidfd);
	watch->inotify = watch->pidfd = -1;
}

void watch_path(struct watch *watch, const struct host *host, enum host_dir dir, uint32_t mask,
		const char *format, ...)
{
	auto_free char *path = NULL, *whole = NULL;
	va_list args;

	if (watch->inotify < 0 || host->fd[dir] < 0)
		return;
	va_start(args, format);
	path = xvasprintf(format, args);
	va_end(args);
	/* The one way to give inotify a path below a descriptor. */
	whole = xasprintf("/proc/self/fd/%d/%s", host->fd[dir], path);
	inotify_add_watch(watch->inotify, whole, mask | IN_MASK_ADD);
}

void watch_process(struct watch *watch, pid_t pid)
{
	cleanup_close(&watch->pidfd);
	watch->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
}

static void drain(int fd)
{
	char events[4096];

	while (fd >= 0 && read(fd, events, sizeof(events)) > 0)
		;
}

/* Until something happens, or timeout_ms. */
static void wait_for_event(struct watch *watch, unsigned int timeout_ms)
{
	struct pollfd polled[2] = {
		{.fd = watch->inotify, .events = POLLIN},
		{.fd = watch->pidfd, .events = POLLIN},
	};

	if (poll(polled, 2, (int)timeout_ms) <= 0)
		return;
	/* A process ends once; its descriptor would stay readable. */
	if (polled[1].revents) {
		close(watch->pidfd);
		watch->pidfd = -1;
	}
	poll(NULL, 0, timeout_ms < SETTLE_MS ? (int)timeout_ms : SETTLE_MS);
	drain(watch->inotify);
}

int watch_until(struct watch *watch, int (*ask)(void *data, struct error *err), void *data,
		unsigned int timeout_ms, unsigned int ask_again_ms, struct error *err)
{
	uint64_t started_ms = host_now_ms(), waited_ms;
	int answer;

	while ((answer = ask(data, err)) == 0) {
		unsigned int left_ms;

		waited_ms = host_now_ms() - started_ms;
		if (waited_ms >= timeout_ms)
			return 0;
		left_ms = timeout_ms - (unsigned int)waited_ms;
		wait_for_event(watch, left_ms < ask_again_ms ? left_ms : ask_again_ms);
	}
	return answer;
}
