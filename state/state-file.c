// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How bytes get under a name at once, and lines onto the end of a file in one piece.
 * Tests: unit/test-store.c.
 */
#include "state/state-file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"

static int write_new(const struct state_file *file, const char *new_name, const struct text *text)
{
	auto_close int fd = -1;
	int ret;

	/* Left by a writer that was killed. */
	unlinkat(file->dir, new_name, 0);
	fd = openat(file->dir, new_name,
		    O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	ret = fd_write(fd, text);
	if (ret == 0 && file->sync && fsync(fd) < 0)
		ret = -errno;
	return ret < 0 ? ret : steal_fd(&fd);
}

int state_file_create(const struct state_file *file, const struct text *text, struct error *err)
{
	auto_free char *new_name = xasprintf("%s" STATE_FILE_NEW, file->name);
	auto_close int fd = write_new(file, new_name, text);
	int ret = 0;

	if (fd < 0)
		ret = error_errno(err, -fd, "write %s/%s", file->shown, new_name);
	else if (renameat(file->dir, new_name, file->dir, file->name) < 0)
		ret = error_errno(err, errno, "write %s/%s", file->shown, file->name);
	if (ret == 0)
		return steal_fd(&fd);
	unlinkat(file->dir, new_name, 0);
	return ret;
}

int state_file_write(const struct state_file *file, const struct text *text, struct error *err)
{
	auto_close int fd = state_file_create(file, text, err);

	return fd < 0 ? fd : 0;
}

int state_file_append(int fd, const char *lines, size_t length, const char *what, struct error *err)
{
	off_t end = lseek(fd, 0, SEEK_END);
	ssize_t written = write(fd, lines, length);
	int code = written < 0 ? errno : ENOSPC;

	if (written == (ssize_t)length)
		return 0;
	/* What comes next must not be glued to half a line. */
	if (written >= 0 && (end < 0 || ftruncate(fd, end) < 0))
		code = EIO;
	return error_errno(err, code == EBADF ? EROFS : code, "write %s", what);
}

int state_file_whole_lines(int fd, const char *what, off_t *ret_length, struct error *err)
{
	off_t end = lseek(fd, 0, SEEK_END);
	char byte;

	if (end < 0)
		return error_errno(err, errno, "read %s", what);
	while (end > 0) {
		if (pread(fd, &byte, 1, end - 1) != 1)
			return error_errno(err, EIO, "read %s", what);
		if (byte == '\n')
			break;
		end--;
	}
	*ret_length = end;
	return 0;
}

void state_file_sweep(int dir)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_closedir DIR *entries = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	while (entries && (entry = readdir(entries)))
		if (text_ends(entry->d_name, STATE_FILE_NEW))
			unlinkat(dir, entry->d_name, 0);
}
