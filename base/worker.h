/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

#define WORKER_OUTPUT_SIZE 512

/*
 * An expendable child for work that may never return: it has a session of its own and none of the
 * parent's standard descriptors (libvirt waits for their end), and the parent waits only so long.
 */
struct worker {
	int (*work)(void *data, struct error *err);
	/*
	 * Called in the child after work, where nobody waits for its answer any more: the deadline
	 * was over, or the parent has died before it read the answer. May be NULL.
	 */
	void (*on_orphaned)(void *data);
	void *data;
	/* Called in the child once its answer has been read. May be NULL. */
	void (*on_read)(void *data);
	/*
	 * Not 0: the child stays when it has answered, for the same work of a later call, whose
	 * data of this size it gets by value. What that points to must be as it was when the child
	 * was forked, "said" must be within, and all else that is said of the child here the same.
	 * workers_dismiss lets them go. Set to 0 where the child could not stay.
	 */
	size_t reusable_size;
	/* Where work leaves more than its result: a string, which comes back with the answer. */
	char *output;            /* of WORKER_OUTPUT_SIZE; may be NULL */
	unsigned int timeout_ms; /* 0: nobody waits at all, and late is called in any case */
	unsigned int pause_ms;   /* how long its clock may stand still on top (worker_pause) */
	bool unprivileged; /* it changes nothing: it has no capability but to look (base/confine.h)
			    */
	bool overlaps; /* it has nothing to do with others', and may begin before these have ended
			*/
	/* filled in: */
	bool died;  /* without an answer: result is -ECHILD */
	int result; /* 0 or -errno; -ETIMEDOUT: still at it, and not to be stopped */
	struct error error;
	uint64_t duration_ms;
	uint64_t paused_ms; /* of its duration */
	pid_t pid;          /* of a worker that is still at it, else 0 */
	/* private: */
	int fd;
	uint64_t paused_since_ms; /* 0: its clock runs */
};

/*
 * Runs all workers at once, one child each, and waits until each has answered or overrun its
 * timeout. A child that dies without an answer gives -ECHILD. Results are in the workers. One that
 * has answered may not quite have ended yet; the next call waits for that, a second at most, unless
 * all its workers are apart.
 */
void workers_run(struct worker *workers, size_t count);
/*
 * in_child is called in each child from now on, before its work: it closes what the child must not
 * keep open (a lock of the parent's). There is one such function; NULL: none.
 */
void workers_at_fork(void (*in_child)(void));
/* Ends the children that have stayed. */
void workers_dismiss(void);

/*
 * Within a worker, around what bounds itself and may take long: its clock stands still meanwhile,
 * for pause_ms of the worker at most. Everywhere else: nothing.
 */
void worker_pause(void);
void worker_resume(void);

/*
 * Within a worker: is its answer not waited for any more? What has not begun by then must not begin
 * at all. Everywhere else: false.
 */
bool worker_is_late(void);
