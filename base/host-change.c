// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a file of the host is read with all that belongs to it, and replaced so that a loss of power
 * leaves the old file or the new one.
 */
#include "base/host-change.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/host-path.h"
#include "base/host-real.h"

void host_content_done(struct host_content *content)
{
	text_done(&content->bytes);
	text_done(&content->xattrs);
	*content = (struct host_content)CONTENT_INIT;
}

/* --- reading --- */

static int compare_lines(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* NAME blank HEX; NULL where the attribute is gone or may not be read. */
static char *xattr_line(int fd, const char *name)
{
	auto_text struct text line = TEXT_INIT;
	unsigned char value[4096];
	ssize_t length = fgetxattr(fd, name, value, sizeof(value));

	if (length < 0)
		return NULL;
	text_printf(&line, "%s ", name);
	for (ssize_t i = 0; i < length; i++)
		text_printf(&line, "%02x", value[i]);
	return steal(&line.data);
}

static void read_xattrs(int fd, struct text *out)
{
	char names[4096], *lines[64];
	ssize_t length = flistxattr(fd, names, sizeof(names));
	size_t count = 0;

	for (const char *name = names; length > 0 && name < names + length && count < 64;
	     name += strlen(name) + 1) {
		lines[count] = xattr_line(fd, name);
		count += lines[count] != NULL;
	}
	if (count > 1)
		qsort(lines, count, sizeof(*lines), compare_lines);
	for (size_t i = 0; i < count; i++) {
		text_printf(out, "%s\n", lines[i]);
		free(lines[i]);
	}
}

static int read_regular(int fd, const char *path, const struct stat *status,
			struct host_content *content, struct error *err)
{
	int result = fd_read(fd, HOST_CONTENT_MAX, &content->bytes);

	content->type = CONTENT_REGULAR;
	content->has_mtime = true;
	content->mtime = status->st_mtim;
	read_xattrs(fd, &content->xattrs);
	if (result == -EFBIG)
		return error_set(err, EFBIG, "read %s: larger than %u bytes", path,
				 HOST_CONTENT_MAX);
	return result < 0 ? error_errno(err, -result, "read %s", path) : 0;
}

int host_content_read(const struct host *host, const char *path, struct host_content *ret,
		      struct error *err)
{
	auto_content struct host_content content = CONTENT_INIT;
	/* A FIFO must not be waited for. */
	auto_close int fd = host_path_open(host, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	struct stat status;
	int result = 0;

	if (fd < 0 && errno != ENOENT && errno != ENOTDIR)
		return error_errno(err, errno, "open %s", path);
	if (fd >= 0) {
		if (fstat(fd, &status) < 0)
			return error_errno(err, errno, "stat %s", path);
		content.mode = status.st_mode & 07777;
		content.uid = status.st_uid;
		content.gid = status.st_gid;
		if (S_ISDIR(status.st_mode))
			content.type = CONTENT_DIRECTORY;
		else if (S_ISREG(status.st_mode))
			result = read_regular(fd, path, &status, &content, err);
		else
			result = error_set(err, EINVAL, "%s is neither a file nor a directory",
					   path);
	}
	if (result < 0)
		return result;
	*ret = content;
	content = (struct host_content)CONTENT_INIT;
	return 0;
}

/* --- writing --- */

/* Where a change takes place: a directory, and the name in it. */
struct spot {
	int dir;
	char name[NAME_MAX + 1];
	const char *shown; /* the path that was asked for */
};

static void spot_done(struct spot *spot)
{
	if (spot->dir >= 0)
		close(spot->dir);
}

/* The path that a descriptor leads to, below the host's root; heap, NULL where it has none. */
static char *path_of(const struct host *host, int fd)
{
	char root[PATH_MAX], name[PATH_MAX], link[64];
	ssize_t length, root_length;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", host->fd[HOST_ROOT]);
	root_length = readlink(link, root, sizeof(root) - 1);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, name, sizeof(name) - 1);
	if (root_length < 0 || length < 0)
		return NULL;
	root[root_length] = name[length] = '\0';
	root_length = strcmp(root, "/") == 0 ? 0 : root_length;
	if (strncmp(name, root, (size_t)root_length) != 0 || name[root_length] != '/')
		return NULL;
	return xstrdup(name + root_length);
}

/* The same path with the links on its way followed, its last name included if that is there. */
static char *real_path(const struct host *host, const char *path)
{
	auto_close int fd = host_path_open(host, path, O_PATH);

	return fd < 0 ? xstrdup(path) : path_of(host, fd);
}

static int spot_find(const struct host *host, const char *path, struct spot *ret, struct error *err)
{
	auto_free char *real = real_path(host, path);
	char *slash = real ? strrchr(real, '/') : NULL;

	if (!slash || !slash[1] || strlen(slash + 1) > NAME_MAX)
		return error_set(err, EINVAL, "%s cannot be written", path);
	strcpy(ret->name, slash + 1);
	*slash = '\0';
	ret->shown = path;
	ret->dir = host_path_open(host, real, O_RDONLY | O_DIRECTORY);
	return ret->dir < 0 ? error_errno(err, errno, "open the directory of %s", path) : 0;
}

/*
 * One that a file system or a policy does not take is no reason to leave the file half restored;
 * that it could not be written is one.
 */
static bool is_refused(int code)
{
	return code != EIO && code != ENOSPC && code != EDQUOT && code != EROFS && code != ENOMEM;
}

static int set_xattr(int fd, char *line)
{
	char *hex = strchr(line, ' ');
	unsigned char value[4096];
	size_t length = 0;

	if (!hex)
		return 0;
	*hex++ = '\0';
	while (hex[0] && hex[1] && length < sizeof(value) &&
	       sscanf(hex, "%2hhx", &value[length]) == 1) {
		length++;
		hex += 2;
	}
	return fsetxattr(fd, line, value, length, 0) < 0 && !is_refused(errno) ? -1 : 0;
}

static int set_xattrs(int fd, const struct text *xattrs)
{
	auto_free char *copy = xstrdup(text_string(xattrs));
	char *at = copy, *line;
	int result = 0;

	while (result == 0 && (line = strsep(&at, "\n")))
		result = set_xattr(fd, line);
	return result;
}

/* Owner first, as a change of owner takes set-user-id bits away; the time last. */
static int set_attributes(int fd, const struct host_content *content)
{
	const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, content->mtime};
	struct stat status;

	if (fstat(fd, &status) < 0)
		return -1;
	/* FAT has no owners, and refuses to be given any. */
	if ((status.st_uid != content->uid || status.st_gid != content->gid) &&
	    fchown(fd, content->uid, content->gid) < 0)
		return -1;
	if ((status.st_mode & 07777) != content->mode && fchmod(fd, content->mode) < 0 &&
	    errno != EPERM)
		return -1;
	if (set_xattrs(fd, &content->xattrs) < 0)
		return -1;
	return content->has_mtime ? futimens(fd, times) : 0;
}

static int fill(int fd, const struct spot *spot, const struct host_content *content,
		struct error *err)
{
	int result = fd_write(fd, &content->bytes);

	if (result == 0 && (set_attributes(fd, content) < 0 || fsync(fd) < 0))
		result = -errno;
	if (result < 0)
		return error_errno(err, -result, "write %s", spot->shown);
	return 0;
}

static int sync_dir(const struct spot *spot, struct error *err)
{
	return fsync(spot->dir) < 0
		       ? error_errno(err, errno, "write the directory of %s", spot->shown)
		       : 0;
}

/* The dot keeps it from all who take every file of a directory for their own. Heap. */
static char *new_name(const struct spot *spot)
{
	return xasprintf(".%.200s.hostdev-new", spot->name);
}

static int replace(const struct spot *spot, const struct host_content *content, struct error *err)
{
	auto_free char *name = new_name(spot);
	auto_close int fd = -1;
	int result;

	/* Left by a writer that was killed. */
	unlinkat(spot->dir, name, 0);
	fd = openat(spot->dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return error_errno(err, errno, "write %s", spot->shown);
	result = fill(fd, spot, content, err);
	if (result == 0 && renameat(spot->dir, name, spot->dir, spot->name) < 0)
		result = error_errno(err, errno, "write %s", spot->shown);
	if (result < 0)
		unlinkat(spot->dir, name, 0);
	return result < 0 ? result : sync_dir(spot, err);
}

/* A new file would leave its other names behind. */
static int overwrite(const struct spot *spot, const struct host_content *content, struct error *err)
{
	auto_close int fd =
		openat(spot->dir, spot->name, O_WRONLY | O_TRUNC | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return error_errno(err, errno, "write %s", spot->shown);
	return fill(fd, spot, content, err);
}

static int put_regular(const struct spot *spot, const struct host_content *content,
		       struct error *err)
{
	struct stat status;

	if (fstatat(spot->dir, spot->name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISREG(status.st_mode) && status.st_nlink > 1)
		return overwrite(spot, content, err);
	return replace(spot, content, err);
}

static int put_directory(const struct spot *spot, const struct host_content *content,
			 struct error *err)
{
	auto_close int fd = -1;

	if (mkdirat(spot->dir, spot->name, 0700) < 0 && errno != EEXIST)
		return error_errno(err, errno, "create %s", spot->shown);
	fd = openat(spot->dir, spot->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || set_attributes(fd, content) < 0)
		return error_errno(err, errno, "create %s", spot->shown);
	return sync_dir(spot, err);
}

static int put_absent(const struct spot *spot, struct error *err)
{
	auto_free char *name = new_name(spot);

	unlinkat(spot->dir, name, 0); /* left by a writer that was killed */
	if (unlinkat(spot->dir, spot->name, 0) == 0)
		return sync_dir(spot, err);
	if (errno == EISDIR && unlinkat(spot->dir, spot->name, AT_REMOVEDIR) == 0)
		return sync_dir(spot, err);
	return errno == ENOENT ? 0 : error_errno(err, errno, "remove %s", spot->shown);
}

int host_file_system_sync(const struct host *host, const char *path, struct error *err)
{
	auto_close int fd = host_path_open(host, path, O_RDONLY | O_DIRECTORY);

	/* Nor has anybody written into what systemd cannot mount: it says the last two. */
	if (fd < 0 && (errno == ENOENT || errno == ENODEV || errno == EHOSTDOWN))
		return 0;
	if (fd < 0 || syncfs(fd) < 0)
		return error_errno(err, errno, "write what is in %s to its disk", path);
	return 0;
}

int real_file_put(struct host *host, const char *path, const struct host_content *content,
		  struct error *err)
{
	cleanup(spot_done) struct spot spot = {.dir = -1};
	int result = spot_find(host, path, &spot, err);

	if (result == -ENOENT && content->type == CONTENT_ABSENT)
		return 0;
	if (result < 0)
		return result;
	if (content->type == CONTENT_ABSENT)
		return put_absent(&spot, err);
	return content->type == CONTENT_DIRECTORY ? put_directory(&spot, content, err)
						  : put_regular(&spot, content, err);
}

int host_file_put(struct host *host, const char *path, const struct host_content *content,
		  struct error *err)
{
	if (!host->ops || !host->ops->file_put)
		return error_set(err, EROFS, "write %s: this host can only be read", path);
	return host->ops->file_put(host, path, content, err);
}
