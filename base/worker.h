/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

/*
 * Workers: child processes for work that may never return.
 *
 * Why a child? A write to /sys, the opening of a disk or the end of a driver may wait in the kernel
 * for hardware that never answers, and no signal ends such a wait. Libvirt waits for this program,
 * so this program must always come back. It therefore lets a child do what may hang, and waits for
 * the child only for a limited time.
 *
 * The order of things. For each worker the parent makes a pair of connected sockets and forks. The
 * child starts a session of its own, puts /dev/null in the place of its standard descriptors (as
 * libvirt waits until nobody has these open), calls the function of workers_at_fork, gives up its
 * capabilities if the worker is unprivileged, and calls work(data). Then it sends its answer, and
 * waits for one byte that says that the parent has read the answer. When the byte has come, the
 * child calls on_read and ends; or, if it is reusable, it waits for the next order. Meanwhile the
 * parent waits until each worker has answered or is over its time; it reads an answer as soon as it
 * comes, and sends the byte.
 *
 * What is shared. The child has a copy of the parent's memory as it was at the fork: what it writes
 * there the parent never sees. Back come only the result, the error, and the string "output".
 * Open files are shared, and a lock on an open file with them: such a lock lives until the child
 * has closed the file, too. That is why workers_at_fork exists.
 *
 * Deadlines. The time of every worker begins when all are about to be started, and ends timeout_ms
 * later. It stands still between worker_pause and worker_resume, by which the child says that it
 * waits for other processes and not for the kernel; but for no more than pause_ms in all. So the
 * parent waits for an answer for timeout_ms + pause_ms at the most.
 *
 * If the child hangs, the deadline passes. The parent shuts the socket and gives -ETIMEDOUT; pid
 * is the child's. It does not kill the child: that would not end the wait, and a write that waits
 * for a lock of the kernel is carried out even so when it gets the lock.
 *
 * If the child dies, its socket closes. The parent waits for the child's end, a second at most, and
 * gives -ECHILD; "died" is true. If even the end hangs (it closes the child's files), the result is
 * -ETIMEDOUT, as above.
 *
 * If the child comes back late, its answer is refused. The same is true if the parent has died. The
 * child then calls on_orphaned, which can do what the parent would have done. It can be called for
 * an answer that was read, too: the parent may die, or the kernel may be out of memory, right
 * before the byte is sent. So on_orphaned must look first what there is left to do. A worker that
 * does several things asks worker_is_late before each of them, and does not begin any more if so.
 *
 * What a caller must not do: expect changes of *data to come back; keep a lock in a file that the
 * child inherits without closing it by workers_at_fork; do the same thing again while a worker with
 * -ETIMEDOUT is still at it; take -ETIMEDOUT for "nothing was changed".
 */

#define WORKER_OUTPUT_SIZE 512

struct worker {
	/* The work, called in the child. It returns 0 or -errno with err set. */
	int (*work)(void *data, struct error *err);
	/* Called in the child after work, if its answer was not read (see above). May be NULL. */
	void (*on_orphaned)(void *data);
	void *data;
	/* Called in the child after its answer was read. May be NULL. */
	void (*on_read)(void *data);
	/*
	 * Not 0: the child stays when it has answered. A later call with the same work and the same
	 * size sends it the new data as so many bytes. Pointers inside these must be valid in the
	 * child's memory, which is as it was at the fork; output must point into data; and the
	 * other members must be those of the first call. The call sets it to 0 if the child could
	 * not stay. workers_dismiss ends the children that have stayed.
	 */
	size_t reusable_size;
	/*
	 * Where work writes a string that comes back with the answer: WORKER_OUTPUT_SIZE bytes; may
	 * be NULL.
	 */
	char *output;
	/* 0: the parent does not wait at all, and on_orphaned is called in any case. */
	unsigned int timeout_ms;
	unsigned int pause_ms; /* how long the clock may stand still (worker_pause) */
	/* It changes nothing: it keeps only the capabilities to look (base/confine.h). */
	bool unprivileged;
	/* It may begin before the children of earlier calls have ended. */
	bool overlaps;
	/* filled in by workers_run: */
	bool died;  /* the child has died without an answer: result is -ECHILD */
	int result; /* 0 or -errno; with pid not 0 -ETIMEDOUT: the child is still at it */
	struct error error;
	uint64_t duration_ms;
	uint64_t paused_ms; /* the part of duration_ms in which the clock stood still */
	pid_t pid;          /* of a child that is still at it, else 0 */
	/* private: */
	int fd;
	uint64_t paused_since_ms; /* 0: its clock runs */
};

/*
 * Runs all workers at once, one child each, and returns when each has answered, died or overrun its
 * time. The results are in the workers. A child that has answered may not have ended yet: the next
 * call waits for its end, a second at most, unless all workers of that call overlap.
 */
void workers_run(struct worker *workers, size_t count);
/*
 * From now on each child calls in_child before its work, to close what it must not keep open (a
 * lock of the parent's). There is only one such function at a time; NULL: none.
 */
void workers_at_fork(void (*in_child)(void));
/* Ends the children that have stayed. */
void workers_dismiss(void);

/*
 * A worker calls these around a wait that has an end of its own. In a process that is no worker
 * they do nothing.
 */
void worker_pause(void);
void worker_resume(void);

/* In a worker: has the parent stopped waiting, or died? In a process that is no worker: false. */
bool worker_is_late(void);
