// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a file is found by its absolute path below the root of any host, also of one that is only
 * mounted somewhere: its links must lead to its own files, and never to those of the machine that
 * this program runs on.
 */
#include "base/host-path.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/host-names.h"
#include "base/text.h"

/* O_NONBLOCK: opening a pipe must not wait for its other end. */
static int open_path(const struct host *host, const char *path, int flags, struct error *err)
{
	struct open_how how = {
		.flags = (uint64_t)(unsigned int)(flags | O_CLOEXEC),
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	const char *below = path + strspn(path, "/");
	int root = host->fd[HOST_ROOT], fd;

	if (root < 0)
		return error_errno(err, ENOENT, "open %s", path);
	below = *below ? below : ".";
	fd = (int)syscall(SYS_openat2, root, below, &how, sizeof(how));
	/* Linux before 5.6 has no such call, and a filter of system calls may not know it. */
	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		fd = openat(root, below, flags | O_CLOEXEC);
	return fd < 0 ? error_errno(err, errno, "open %s", path) : fd;
}

int host_path_stat(const struct host *host, const char *path, struct stat *ret, struct error *err)
{
	auto_close int fd = open_path(host, path, O_PATH, err);
	struct stat status;

	if (fd < 0)
		return fd;
	if (fstat(fd, &status) < 0)
		return error_errno(err, errno, "stat %s", path);
	*ret = status;
	return 0;
}

/* It is looked at before it is opened for reading: opening a device may already do something. */
static int open_regular(const struct host *host, const char *path, struct error *err)
{
	struct stat status;
	int ret = host_path_stat(host, path, &status, err);

	if (ret < 0)
		return ret;
	if (!S_ISREG(status.st_mode))
		return error_set(err, EINVAL, "%s is no regular file", path);
	return open_path(host, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, err);
}

int host_path_read(const struct host *host, const char *path, size_t limit, char **ret,
		   size_t *ret_length, struct error *err)
{
	auto_close int fd = open_regular(host, path, err);
	auto_text struct text all = TEXT_INIT;
	char chunk[8192];
	ssize_t length;

	if (fd < 0)
		return fd;
	text_append(&all, "", 0);
	while ((length = read(fd, chunk, sizeof(chunk))) > 0) {
		text_append(&all, chunk, (size_t)length);
		if (all.length > limit)
			return error_set(err, EFBIG, "%s is larger than %zu bytes", path, limit);
	}
	if (length < 0)
		return error_errno(err, errno, "read %s", path);
	if (ret_length)
		*ret_length = all.length;
	*ret = steal(&all.data);
	return 0;
}

int host_path_read_part(const struct host *host, const char *path, uint64_t offset, char *buffer,
			size_t size, size_t *ret_length, struct error *err)
{
	auto_close int fd = open_regular(host, path, err);
	ssize_t length;

	if (fd < 0)
		return fd;
	if (offset > INT64_MAX)
		return error_errno(err, EOVERFLOW, "read %s", path);
	length = pread(fd, buffer, size, (off_t)offset);
	if (length < 0)
		return error_errno(err, errno, "read %s", path);
	*ret_length = (size_t)length;
	return 0;
}

int host_path_list(const struct host *host, const char *path, char ***ret, struct error *err)
{
	auto_close int fd = open_path(host, path, O_RDONLY | O_DIRECTORY, err);
	auto_closedir DIR *stream = NULL;

	if (fd < 0)
		return fd;
	stream = fdopendir(fd);
	if (!stream)
		return error_errno(err, errno, "list %s", path);
	fd = -1;
	*ret = host_names_read(stream, false, NULL);
	return 0;
}
