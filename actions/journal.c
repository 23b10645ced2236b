// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How the journal gets onto its file so that a reader after a crash sees whole lines only.
 */
#include "actions/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

#define NAME_SIZE 64

static int open_state_dir(const struct host *host, struct error *err)
{
	int fd;

	if (host->fd[HOST_RUN] < 0)
		return error_set(err, ENOENT, "this machine has no /run");
	fd = openat(host->fd[HOST_RUN], STATE_DIR, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? error_errno(err, errno, "open /run/" STATE_DIR) : fd;
}

static void file_name(const struct journal *journal, const char *suffix, char name[NAME_SIZE])
{
	snprintf(name, NAME_SIZE, "%s%s", journal->uuid, suffix);
}

int journal_file_append(int fd, const char *text, size_t length, struct error *err)
{
	off_t end = lseek(fd, 0, SEEK_END);
	ssize_t written = write(fd, text, length);

	if (written == (ssize_t)length)
		return 0;
	if (written < 0)
		return error_errno(err, errno == EBADF ? EROFS : errno, "write journal");
	/* What comes next must not be glued to half a line. */
	if (end < 0 || ftruncate(fd, end) < 0)
		return error_errno(err, EIO, "write journal");
	return error_errno(err, ENOSPC, "write journal");
}

static int write_new(int dir, const char *name, const struct journal *journal, struct error *err)
{
	auto_text struct text text = TEXT_INIT;
	auto_close int fd = -1;
	int ret;

	/* Left by a writer that was killed; the lock says that nobody writes it now. */
	unlinkat(dir, name, 0);
	fd = openat(dir, name, O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		    0600);
	if (fd < 0)
		return error_errno(err, errno, "create /run/" STATE_DIR "/%s", name);
	journal_format(journal, &text);
	ret = journal_file_append(fd, text.data, text.length, err);
	return ret < 0 ? ret : steal_fd(&fd);
}

int journal_file_create(const struct host *host, const struct journal *journal, int *ret_fd,
			struct error *err)
{
	auto_close int dir = open_state_dir(host, err);
	char name[NAME_SIZE], new_name[NAME_SIZE];
	auto_close int fd = -1;

	if (dir < 0)
		return dir;
	file_name(journal, JOURNAL_SUFFIX, name);
	file_name(journal, ".new", new_name);
	fd = write_new(dir, new_name, journal, err);
	if (fd < 0) {
		int ret = fd;

		unlinkat(dir, new_name, 0);
		return ret;
	}
	if (renameat(dir, new_name, dir, name) < 0) {
		int ret = error_errno(err, errno, "create /run/" STATE_DIR "/%s", name);

		unlinkat(dir, new_name, 0);
		return ret;
	}
	*ret_fd = steal_fd(&fd);
	return 0;
}

/* The length up to and with the last newline. */
static int whole_lines(int fd, off_t *ret, struct error *err)
{
	off_t end = lseek(fd, 0, SEEK_END);
	char byte;

	if (end < 0)
		return error_errno(err, errno, "read journal");
	while (end > 0) {
		if (pread(fd, &byte, 1, end - 1) != 1)
			return error_errno(err, EIO, "read journal");
		if (byte == '\n')
			break;
		end--;
	}
	*ret = end;
	return 0;
}

/* On a file system that has become read-only, a return reads what it needs to know. */
static int open_file(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDWR | O_APPEND | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 && errno == EROFS ? openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC) : fd;
}

static bool is_writable(int fd)
{
	return (fcntl(fd, F_GETFL) & O_ACCMODE) != O_RDONLY;
}

int journal_file_open(const struct host *host, const struct journal *journal, int *ret_fd,
		      struct error *err)
{
	auto_close int dir = open_state_dir(host, err);
	auto_close int fd = -1;
	char name[NAME_SIZE];
	off_t length = 0;
	int ret;

	if (dir < 0)
		return dir;
	file_name(journal, JOURNAL_SUFFIX, name);
	fd = open_file(dir, name);
	if (fd < 0)
		return error_errno(err, errno, "open /run/" STATE_DIR "/%s", name);
	ret = whole_lines(fd, &length, err);
	if (ret < 0)
		return ret;
	if (is_writable(fd) && ftruncate(fd, length) < 0)
		return error_errno(err, errno, "mend /run/" STATE_DIR "/%s", name);
	*ret_fd = steal_fd(&fd);
	return 0;
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

int journal_file_hold(int journal_fd, size_t index, struct error *err)
{
	return lock_step(journal_fd, index, F_OFD_SETLK, err);
}

bool journal_file_is_held(int fd, size_t index)
{
	struct flock range = step_range(index);

	return fcntl(fd, F_OFD_GETLK, &range) == 0 && range.l_type != F_UNLCK;
}

/* Far behind the bytes that stand for steps at work. */
#define LET_GO_OFFSET (1 << 20)

void journal_file_let_go(int hold, size_t index)
{
	struct flock back = step_range(LET_GO_OFFSET + index), held = step_range(index);

	if (!is_writable(hold))
		back.l_type = F_RDLCK;
	/* In this order: at no moment does it look like a worker that is gone. */
	fcntl(hold, F_OFD_SETLK, &back);
	held.l_type = F_UNLCK;
	fcntl(hold, F_OFD_SETLK, &held);
}

bool journal_file_is_let_go(int fd, size_t index)
{
	return journal_file_is_held(fd, LET_GO_OFFSET + index);
}

int journal_file_wait(int journal_fd, size_t index, struct error *err)
{
	auto_close int fd = lock_step(journal_fd, index, F_OFD_SETLKW, err);

	return fd < 0 ? fd : 0;
}

int journal_file_remove(const struct host *host, const struct journal *journal, struct error *err)
{
	auto_close int dir = open_state_dir(host, err);
	char name[NAME_SIZE];

	if (dir < 0)
		return dir;
	file_name(journal, JOURNAL_SUFFIX, name);
	if (unlinkat(dir, name, 0) < 0 && errno != ENOENT)
		return error_errno(err, errno, "remove /run/" STATE_DIR "/%s", name);
	return 0;
}
