// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How the journal gets onto its file so that a reader after a crash sees whole lines only.
 * Tests: unit/test-between.c.
 */
#include "state/journal-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "state/state-dir.h"
#include "state/state-file.h"

#define NAME_SIZE 64

static void file_name(const struct journal *journal, char name[NAME_SIZE])
{
	snprintf(name, NAME_SIZE, "%s" JOURNAL_SUFFIX, journal->uuid);
}

int journal_file_append(int fd, const char *text, size_t length, struct error *err)
{
	return state_file_append(fd, text, length, "journal", err);
}

int journal_file_create(const struct host *host, const struct journal *journal, int *ret_fd,
			struct error *err)
{
	auto_close int dir = state_dir_open(host, false, err);
	char name[NAME_SIZE];
	const struct state_file file = {.dir = dir, .name = name, .shown = "/run/" STATE_DIR};
	auto_text struct text text = TEXT_INIT;
	int fd;

	if (dir < 0)
		return dir;
	file_name(journal, name);
	journal_format(journal, &text);
	fd = state_file_create(&file, &text, err);
	if (fd < 0)
		return fd;
	*ret_fd = fd;
	return 0;
}

/* On a file system that has become read-only, a return reads what it needs to know. */
static int open_file(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDWR | O_APPEND | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 && errno == EROFS ? openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC) : fd;
}

int journal_file_open(const struct host *host, const struct journal *journal, int *ret_fd,
		      struct error *err)
{
	auto_close int dir = state_dir_open(host, false, err);
	auto_close int fd = -1;
	char name[NAME_SIZE];
	off_t length = 0;
	int ret;

	if (dir < 0)
		return dir;
	file_name(journal, name);
	fd = open_file(dir, name);
	if (fd < 0)
		return error_errno(err, errno, "open /run/" STATE_DIR "/%s", name);
	ret = state_file_whole_lines(fd, "journal", &length, err);
	if (ret < 0)
		return ret;
	if ((fcntl(fd, F_GETFL) & O_ACCMODE) != O_RDONLY && ftruncate(fd, length) < 0)
		return error_errno(err, errno, "mend /run/" STATE_DIR "/%s", name);
	*ret_fd = steal_fd(&fd);
	return 0;
}

int journal_file_remove(const struct host *host, const struct journal *journal, struct error *err)
{
	auto_close int dir = state_dir_open(host, false, err);
	char name[NAME_SIZE];

	if (dir < 0)
		return dir;
	file_name(journal, name);
	if (unlinkat(dir, name, 0) < 0 && errno != ENOENT)
		return error_errno(err, errno, "remove /run/" STATE_DIR "/%s", name);
	return 0;
}
