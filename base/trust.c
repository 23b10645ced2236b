// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * When what stands in a file may tell root what to do: by who owns it and who may write it, asked
 * of the open file, so that nothing can take its place in between.
 */
#include "base/trust.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

static int check_owner(const struct stat *st, const char *shown, struct error *err)
{
	if (st->st_uid != 0 && st->st_uid != geteuid())
		return error_set(err, EPERM,
				 "%s: belongs to user %u; root must own it (chown root)", shown,
				 (unsigned int)st->st_uid);
	if (st->st_mode & (S_IWGRP | S_IWOTH))
		return error_set(err, EPERM, "%s: others than its owner may write it (chmod go-w)",
				 shown);
	return 0;
}

int trust_open_dir(int parent, const char *name, const char *shown, int *ret_fd, struct error *err)
{
	auto_close int fd = -1;
	struct stat st;
	int ret;

	if (parent >= 0)
		fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0) {
		if (parent >= 0 && errno != ENOENT)
			return error_errno(err, errno, "open %s", shown);
		*ret_fd = -1;
		return 0;
	}
	if (fstat(fd, &st) < 0)
		return error_errno(err, errno, "stat %s", shown);
	ret = check_owner(&st, shown, err);
	if (ret == 0)
		*ret_fd = steal_fd(&fd);
	return ret;
}

/* *ret_fd: -1 where there is no file. */
static int open_file(int dir, const char *name, const char *shown, int *ret_fd, struct error *err)
{
	/* O_NONBLOCK: a FIFO of that name is refused, not waited for. */
	auto_close int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	int ret;

	if (fd < 0 && errno == ENOENT && fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 &&
	    errno == ENOENT) {
		*ret_fd = -1;
		return 0;
	}
	if (fd < 0)
		return error_errno(err, errno, "open %s", shown);
	if (fstat(fd, &st) < 0)
		return error_errno(err, errno, "stat %s", shown);
	if (!S_ISREG(st.st_mode))
		return error_set(err, EINVAL, "%s: not a regular file", shown);
	ret = check_owner(&st, shown, err);
	if (ret == 0)
		*ret_fd = steal_fd(&fd);
	return ret;
}

int trust_read_file(int dir, const char *name, const char *shown, size_t limit, struct text *ret,
		    struct error *err)
{
	auto_text struct text text = TEXT_INIT;
	auto_close int fd = -1;
	char chunk[4096];
	ssize_t length;
	int result = open_file(dir, name, shown, &fd, err);

	if (result < 0 || fd < 0)
		return result;
	text_append(&text, "", 0);
	while ((length = read(fd, chunk, sizeof(chunk))) > 0) {
		text_append(&text, chunk, (size_t)length);
		if (text.length > limit)
			return error_set(err, EFBIG, "%s: larger than %zu bytes", shown, limit);
	}
	if (length < 0)
		return error_errno(err, errno, "read %s", shown);
	*ret = text;
	text = (struct text)TEXT_INIT;
	return 0;
}
