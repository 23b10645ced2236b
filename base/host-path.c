// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a file is found below the root of any host, also of one that is only mounted somewhere: its
 * links must lead to its own files, and never to those of the machine that this program runs on.
 */
#include "base/host-path.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/host-names.h"
#include "base/open-below.h"
#include "base/text.h"

const char *const host_dir_names[HOST_DIRS] = {
	[HOST_SYS] = "sys",     [HOST_PROC] = "proc", [HOST_DEV] = "dev",
	[HOST_RUN] = "run",     [HOST_ETC] = "etc",   [HOST_MODULES] = "lib/modules",
	[HOST_VAR] = "var/lib", [HOST_USR] = "usr",   [HOST_BOOT] = "boot",
	[HOST_ROOT] = ".",
};

int host_path_open(const struct host *host, const char *path, int flags)
{
	const char *below = path + strspn(path, "/");
	int root = host->fd[HOST_ROOT], fd;

	if (root < 0) {
		errno = ENOENT;
		return -1;
	}
	below = *below ? below : ".";
	fd = open_below(root, below, flags, LINKS_LEAD_IN_ROOT);
	/* Without that call: from "/" no link leads elsewhere. */
	if (fd < 0 && host->is_own && (errno == ENOSYS || errno == EPERM))
		fd = openat(root, below, flags | O_CLOEXEC);
	return fd;
}

/* Not on the host that this program runs on, nor where the kernel alone makes links. */
static bool is_confined(const struct host *host, enum host_dir dir)
{
	return !host->is_own && dir != HOST_SYS && dir != HOST_PROC;
}

int host_dir_open(const struct host *host, enum host_dir dir, const char *path, int flags)
{
	auto_free char *whole = NULL;

	if (!is_confined(host, dir))
		return openat(host->fd[dir], path, flags | O_CLOEXEC);
	whole = xasprintf("%s/%s", host_dir_names[dir], path);
	return host_path_open(host, whole, flags);
}

bool host_dir_has(const struct host *host, enum host_dir dir, const char *path)
{
	auto_close int fd = -1;

	if (!is_confined(host, dir))
		return faccessat(host->fd[dir], path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
	fd = host_dir_open(host, dir, path, O_PATH | O_NOFOLLOW);
	return fd >= 0;
}

ssize_t host_dir_link(const struct host *host, enum host_dir dir, const char *path, char *target,
		      size_t size)
{
	auto_close int fd = -1;
	ssize_t length;

	if (!is_confined(host, dir))
		return readlinkat(host->fd[dir], path, target, size);
	fd = host_dir_open(host, dir, path, O_PATH | O_NOFOLLOW);
	if (fd < 0)
		return -1;
	length = readlinkat(fd, "", target, size);
	/* What is no link has nothing of an empty name. */
	if (length < 0 && errno == ENOENT)
		errno = EINVAL;
	return length;
}

static int open_path(const struct host *host, const char *path, int flags, struct error *err)
{
	int fd = host_path_open(host, path, flags);

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

static int program_stat(const struct host *host, const char *path, struct error *err)
{
	struct stat status;
	int result = host_path_stat(host, path, &status, err);

	if (result == 0 && (!S_ISREG(status.st_mode) || (status.st_mode & 0111) == 0))
		result = error_set(err, ENOENT, "%s is no program", path);
	return result;
}

/* What fails with another error than that it is not there is told only where none is found. */
int host_program_find(const struct host *host, const char *name, char **ret, struct error *err)
{
	static const char *const folders[] = {"/usr/sbin", "/usr/bin",        "/sbin",
					      "/bin",      "/usr/local/sbin", "/usr/local/bin"};
	struct error first = ERROR_INIT;

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		auto_free char *path = xasprintf("%s/%s", folders[i], name);
		struct error failure = ERROR_INIT;
		int result = program_stat(host, path, &failure);

		if (result == 0) {
			*ret = steal(&path);
			return 0;
		}
		if (first.code == 0 || first.code == ENOENT || first.code == ENOTDIR)
			first = failure;
	}
	return error_pass(err, &first);
}

char *host_program_at(const struct host *host, const char *path)
{
	const char *slash = strrchr(path, '/');
	char *found = NULL;

	if (program_stat(host, path, NULL) < 0 && slash)
		host_program_find(host, slash + 1, &found, NULL);
	return found ? found : xstrdup(path);
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
	/* Opening a pipe must not wait for its other end. */
	return open_path(host, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, err);
}

int host_path_read(const struct host *host, const char *path, size_t limit, char **ret,
		   size_t *ret_length, struct error *err)
{
	auto_close int fd = open_regular(host, path, err);
	auto_text struct text all = TEXT_INIT;
	int result;

	if (fd < 0)
		return fd;
	result = fd_read(fd, limit, &all);
	if (result == -EFBIG)
		return error_set(err, EFBIG, "%s is larger than %zu bytes", path, limit);
	if (result < 0)
		return error_errno(err, -result, "read %s", path);
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
