/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <sys/inotify.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/host.h"

/*
 * What wakes somebody up who waits for the host to change. Events are hints: the answer is always
 * asked for again, and now and then without any (a node may have a twin in some container, of
 * whose use nothing is told here). So nothing here fails.
 */
struct watch {
	int inotify; /* -1: none */
	int pidfd;   /* -1: none */
};

void watch_init(struct watch *watch);
void watch_done(struct watch *watch);
#define auto_watch __attribute__((__cleanup__(watch_done)))

/* Entries come to or leave a directory; somebody closes a file or node. */
#define WATCH_ENTRIES (IN_CREATE | IN_DELETE | IN_MOVED_TO | IN_MOVED_FROM)
#define WATCH_CLOSE IN_CLOSE

/* What is not there is not watched. */
void watch_path(struct watch *watch, const struct host *host, enum host_dir dir, uint32_t mask,
		const char *format, ...) __attribute__((format(printf, 5, 6)));
/* The end of a process. */
void watch_process(struct watch *watch, pid_t pid);

/*
 * Asks at once, after every event and at least every ask_again_ms, until the answer is not 0; one
 * last time after timeout_ms. Returns that answer: 0 when time is over.
 */
int watch_until(struct watch *watch, int (*ask)(void *data, struct error *err), void *data,
		unsigned int timeout_ms, unsigned int ask_again_ms, struct error *err);
