// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Locks between hooks: POSIX record locks, which die with their owner, are not shared with forked
 * children, and name the process that holds them.
 */
#include "base/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alarm.h"
#include "base/cleanup.h"
#include "base/host.h"

#define ALARM_MS 50

static struct flock flock_of(struct lock_range range)
{
	return (struct flock){.l_type = F_WRLCK,
			      .l_whence = SEEK_SET,
			      .l_start = (off_t)range.start,
			      .l_len = (off_t)range.length};
}

/* Who holds it now; 0 where nobody does any more, or somebody of another pid namespace. */
static int find_holder(int fd, struct lock_range range)
{
	struct flock found = flock_of(range);

	if (fcntl(fd, F_GETLK, &found) < 0 || found.l_type == F_UNLCK)
		return 0;
	return found.l_pid > 0 ? (int)found.l_pid : 0;
}

static int wait_for_lock(int fd, const char *name, struct lock_range range, unsigned int timeout_ms,
			 int *ret_holder, struct error *err)
{
	uint64_t started_ms = host_now_ms();
	struct flock wanted = flock_of(range);
	struct alarms alarms;
	int ret;

	if (fcntl(fd, F_SETLK, &wanted) == 0)
		return 0;
	alarms_begin(&alarms, ALARM_MS);
	do {
		ret = fcntl(fd, F_SETLKW, &wanted);
	} while (ret < 0 && errno == EINTR && host_now_ms() - started_ms < timeout_ms);
	ret = ret < 0 ? -errno : 0;
	alarms_end(&alarms);
	if (ret == 0)
		return 0;
	if (ret != -EINTR)
		return error_errno(err, -ret, "lock /run/hostdev-hook/%s", name);
	*ret_holder = find_holder(fd, range);
	return error_set(err, ETIMEDOUT,
			 "/run/hostdev-hook/%s has been locked by process %d for more than %u ms",
			 name, *ret_holder, timeout_ms);
}

/* Was the file removed, or replaced, while its lock was waited for? */
static bool is_current(int fd, int dir_fd, const char *name)
{
	struct stat held, named;

	return fstat(fd, &held) == 0 && fstatat(dir_fd, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	       held.st_dev == named.st_dev && held.st_ino == named.st_ino;
}

int lock_take_range(struct lock *lock, int dir_fd, const char *name, struct lock_range range,
		    unsigned int timeout_ms, struct error *err)
{
	lock->holder = 0;
	for (;;) {
		auto_close int fd =
			openat(dir_fd, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
		int ret;

		if (fd < 0)
			return error_errno(err, errno, "open /run/hostdev-hook/%s", name);
		ret = wait_for_lock(fd, name, range, timeout_ms, &lock->holder, err);
		if (ret < 0)
			return ret;
		if (!is_current(fd, dir_fd, name))
			continue;
		snprintf(lock->name, sizeof(lock->name), "%s", name);
		lock->fd = steal_fd(&fd);
		return 0;
	}
}

int lock_take(struct lock *lock, int dir_fd, const char *name, unsigned int timeout_ms,
	      struct error *err)
{
	return lock_take_range(lock, dir_fd, name, (struct lock_range){0}, timeout_ms, err);
}

void lock_release(struct lock *lock)
{
	if (lock->fd >= 0)
		close(lock->fd);
	lock->fd = -1;
}

void lock_remove(struct lock *lock, int dir_fd)
{
	/* Where somebody has removed it under us, another one may hold the next of that name. */
	if (lock->fd >= 0 && is_current(lock->fd, dir_fd, lock->name))
		unlinkat(dir_fd, lock->name, 0);
	lock_release(lock);
}
