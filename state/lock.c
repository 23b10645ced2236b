// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Locks between hooks: POSIX record locks, which die with their owner, are not shared with forked
 * children, and name the process that holds them. They need a file that can be written, which a
 * directory's lock (flock) does not.
 */
#include "state/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alarm.h"
#include "base/cleanup.h"
#include "base/host.h"
#include "base/worker.h"

#define ALARM_MS 50

/*
 * The directory that this process has locked, and for how many locks. Each lock cannot have a
 * descriptor of its own: the kernel takes two descriptors of one process for two owners, of whom
 * one waits for the other.
 */
static int directory_fd = -1;
static size_t directory_count;

static struct flock flock_of(struct lock_range range)
{
	return (struct flock){.l_type = F_WRLCK,
			      .l_whence = SEEK_SET,
			      .l_start = (off_t)range.start,
			      .l_len = (off_t)range.length};
}

bool lock_find_owner(int fd, struct lock_range range, int *ret_owner)
{
	struct flock found = flock_of(range);

	*ret_owner = 0;
	if (fcntl(fd, F_GETLK, &found) < 0 || found.l_type == F_UNLCK)
		return false;
	/* Somebody of another pid namespace has none here. */
	*ret_owner = found.l_pid > 0 ? (int)found.l_pid : 0;
	return true;
}

/* What is locked: a range of a file, or a directory as a whole. */
struct subject {
	int fd;
	bool is_directory;
	struct lock_range range;
	const char *dir, *name; /* for messages */
};

static void subject_done(struct subject *subject)
{
	if (subject->fd >= 0)
		close(subject->fd);
}

static int try_lock(const struct subject *subject, bool wait)
{
	struct flock wanted = flock_of(subject->range);

	if (subject->is_directory)
		return flock(subject->fd, LOCK_EX | (wait ? 0 : LOCK_NB));
	return fcntl(subject->fd, wait ? F_SETLKW : F_SETLK, &wanted);
}

static int wait_for_lock(const struct subject *subject, unsigned int timeout_ms, int *ret_owner,
			 struct error *err)
{
	uint64_t started_ms = host_now_ms();
	struct alarms alarms;
	int ret;

	if (try_lock(subject, false) == 0)
		return 0;
	alarms_begin(&alarms, ALARM_MS);
	do {
		ret = try_lock(subject, true);
	} while (ret < 0 && errno == EINTR && host_now_ms() - started_ms < timeout_ms);
	ret = ret < 0 ? -errno : 0;
	alarms_end(&alarms);
	if (ret == 0)
		return 0;
	if (ret != -EINTR)
		return error_errno(err, -ret, "lock %s/%s", subject->dir, subject->name);
	*ret_owner = 0;
	if (!subject->is_directory)
		lock_find_owner(subject->fd, subject->range, ret_owner);
	return error_set(err, ETIMEDOUT, "%s/%s has been locked by process %d for more than %u ms",
			 subject->dir, subject->name, *ret_owner, timeout_ms);
}

/* Was the file removed, or replaced, while its lock was waited for? */
static bool is_current(int fd, int dir_fd, const char *name)
{
	struct stat held, named;

	return fstat(fd, &held) == 0 && fstatat(dir_fd, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	       held.st_dev == named.st_dev && held.st_ino == named.st_ino;
}

static int open_subject(int dir_fd, struct subject *ret, struct error *err)
{
	int code;

	ret->fd = openat(dir_fd, ret->name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (ret->fd >= 0)
		return 0;
	code = errno;
	if (code != EROFS && code != ENOSPC && code != EDQUOT)
		return error_errno(err, code, "open %s/%s", ret->dir, ret->name);
	ret->is_directory = true;
	ret->fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return ret->fd < 0 ? error_errno(err, errno, "open %s", ret->dir) : 0;
}

/* In a child: its copy of the descriptor would keep the lock when the parent has ended. */
static void leave_to_parent(void)
{
	if (directory_fd >= 0)
		close(directory_fd);
	directory_fd = -1;
	directory_count = 0;
}

/* The first lock keeps the subject's descriptor. */
static int take_directory(struct lock *lock, struct subject *subject, unsigned int timeout_ms,
			  struct error *err)
{
	int ret = 0;

	if (directory_count == 0)
		ret = wait_for_lock(subject, timeout_ms, &lock->owner, err);
	if (ret < 0)
		return ret;
	if (directory_count++ == 0) {
		directory_fd = steal_fd(&subject->fd);
		workers_at_fork(leave_to_parent);
	}
	lock->is_directory = true;
	return 0;
}

int lock_take_range(struct lock *lock, int dir_fd, const char *name, struct lock_range range,
		    unsigned int timeout_ms, struct error *err)
{
	lock->owner = 0;
	for (;;) {
		cleanup(subject_done) struct subject subject = {
			.fd = -1,
			.range = range,
			.dir = lock->shown ? lock->shown : "/run/hostdev-hook",
			.name = name};
		int ret = open_subject(dir_fd, &subject, err);

		if (ret < 0)
			return ret;
		if (subject.is_directory)
			return take_directory(lock, &subject, timeout_ms, err);
		ret = wait_for_lock(&subject, timeout_ms, &lock->owner, err);
		if (ret < 0)
			return ret;
		if (!is_current(subject.fd, dir_fd, name))
			continue;
		lock->fd = steal_fd(&subject.fd);
		return 0;
	}
}

int lock_take(struct lock *lock, int dir_fd, const char *name, unsigned int timeout_ms,
	      struct error *err)
{
	return lock_take_range(lock, dir_fd, name, (struct lock_range){0}, timeout_ms, err);
}

bool lock_is_taken(const struct lock *lock, struct lock_range range)
{
	struct flock found = flock_of(range);

	return lock->fd >= 0 && fcntl(lock->fd, F_GETLK, &found) == 0 && found.l_type != F_UNLCK;
}

void lock_release(struct lock *lock)
{
	if (lock->fd >= 0)
		close(lock->fd);
	lock->fd = -1;
	if (!lock->is_directory)
		return;
	lock->is_directory = false;
	if (directory_count == 0 || --directory_count > 0)
		return;
	/* A child that has not closed its copy yet would keep the lock. */
	flock(directory_fd, LOCK_UN);
	close(directory_fd);
	directory_fd = -1;
}

/* FNV-1a. */
struct lock_range lock_range_of(const char *name)
{
	uint32_t hash = 2166136261u;

	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * 16777619u;
	return (struct lock_range){.start = hash, .length = 1};
}
