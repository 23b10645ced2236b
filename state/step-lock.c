// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a step is locked for a worker: by a byte of its journal's file that stands for the step, and
 * by another byte once the worker is back from the kernel. Tests: unit/test-between.c.
 */
#include "state/step-lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "base/cleanup.h"

static bool is_writable(int fd)
{
	return (fcntl(fd, F_GETFL) & O_ACCMODE) != O_RDONLY;
}

/* Open-file-description locks: not lost when another descriptor of the same file is closed. */
static struct flock step_range(size_t index)
{
	return (struct flock){
		.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = (off_t)index, .l_len = 1};
}

/*
 * By the descriptor and not by its name, under which a later run may have put its own journal by
 * now. Opened anew, as whoever inherits a descriptor shares its locks.
 */
static int lock_step(int journal_fd, size_t index, int command, struct error *err)
{
	bool writable = is_writable(journal_fd);
	struct flock range = step_range(index);
	auto_close int fd = -1;
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", journal_fd);
	fd = open(path, (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC);
	if (fd < 0)
		return error_errno(err, errno, "open the journal again");
	/* Others see it all the same. */
	if (!writable)
		range.l_type = F_RDLCK;
	if (fcntl(fd, command, &range) < 0)
		return error_errno(err, errno, "lock step %zu of the journal", index + 1);
	return steal_fd(&fd);
}

int step_lock_take(int journal_fd, size_t index, struct error *err)
{
	return lock_step(journal_fd, index, F_OFD_SETLK, err);
}

bool step_lock_is_taken(int journal_fd, size_t index)
{
	struct flock range = step_range(index);

	return fcntl(journal_fd, F_OFD_GETLK, &range) == 0 && range.l_type != F_UNLCK;
}

/* Far behind the bytes that stand for steps at work. */
#define YIELDED_OFFSET (1 << 20)

void step_lock_yield(int lock_fd, size_t index)
{
	struct flock yielded = step_range(YIELDED_OFFSET + index), taken = step_range(index);

	if (!is_writable(lock_fd))
		yielded.l_type = F_RDLCK;
	/* In this order: at no moment does it look like a worker that is gone. */
	fcntl(lock_fd, F_OFD_SETLK, &yielded);
	taken.l_type = F_UNLCK;
	fcntl(lock_fd, F_OFD_SETLK, &taken);
}

bool step_lock_is_yielded(int journal_fd, size_t index)
{
	return step_lock_is_taken(journal_fd, YIELDED_OFFSET + index);
}

int step_lock_wait(int journal_fd, size_t index, struct error *err)
{
	auto_close int fd = lock_step(journal_fd, index, F_OFD_SETLKW, err);

	return fd < 0 ? fd : 0;
}
