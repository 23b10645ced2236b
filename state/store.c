// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where the bytes lie of which a set-up's record has only the digests.
 */
#include "state/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/digest.h"
#include "model/setup.h"
#include "state/state-dir.h"
#include "state/state-file.h"

#define SHOWN "/var/lib/" SETUPS_DIR
#define BYTES "bytes"

int store_open(const struct host *host, bool create, struct error *err)
{
	auto_close int var = -1, dir = -1, bytes = -1;

	var = state_dir_open_lasting(host, create, err);
	if (var < 0)
		return var;
	dir = state_dir_open_below(var, "generate", SHOWN, create, err);
	if (dir < 0)
		return dir;
	bytes = state_dir_open_below(dir, BYTES, SHOWN "/" BYTES, create, err);
	/* Records that have lost their bytes are records all the same. */
	return bytes < 0 && (create || bytes != -ENOENT) ? bytes : steal_fd(&dir);
}

int store_put(int dir, const struct text *bytes, char ret_digest[FILE_DIGEST_SIZE],
	      struct error *err)
{
	char digest[DIGEST_TEXT_SIZE], name[DIGEST_TEXT_SIZE + sizeof(BYTES)];
	const struct state_file file = {.dir = dir, .name = name, .shown = SHOWN, .sync = true};
	auto_close int bytes_dir = -1;
	int result = digest_sha256(bytes->data, bytes->length, digest, err);

	if (result < 0)
		return result;
	snprintf(name, sizeof(name), BYTES "/%s", digest);
	if (faccessat(dir, name, F_OK, AT_SYMLINK_NOFOLLOW) < 0) {
		result = state_file_write(&file, bytes, err);
		bytes_dir = openat(dir, BYTES, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (result == 0 && (bytes_dir < 0 || fsync(bytes_dir) < 0))
			result = error_errno(err, errno, "write " SHOWN "/%s", name);
	}
	if (result == 0)
		strcpy(ret_digest, digest);
	return result;
}

int store_get(int dir, const char *digest, struct text *ret, struct error *err)
{
	auto_free char *name = xasprintf(BYTES "/%s", digest);
	auto_text struct text bytes = TEXT_INIT;
	char found[DIGEST_TEXT_SIZE];
	auto_close int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	int result = fd < 0 ? -errno : fd_read(fd, SIZE_MAX, &bytes);

	if (result < 0)
		return error_errno(err, -result, "read " SHOWN "/%s", name);
	result = digest_sha256(bytes.data, bytes.length, found, err);
	if (result < 0)
		return result;
	if (strcmp(found, digest) != 0)
		return error_set(err, EIO, SHOWN "/%s is damaged: it is not what was kept there",
				 name);
	*ret = bytes;
	bytes = (struct text)TEXT_INIT;
	return 0;
}

static int put_or_digest(int dir, const struct text *bytes, char ret[FILE_DIGEST_SIZE],
			 struct error *err)
{
	return dir >= 0 ? store_put(dir, bytes, ret, err)
			: digest_sha256(bytes->data, bytes->length, ret, err);
}

int store_value_of(int dir, const struct host_content *content, struct file_value *ret,
		   struct error *err)
{
	struct file_value value = {.type = FILE_ABSENT};
	int result = 0;

	if (content->type != CONTENT_ABSENT) {
		value.type = content->type == CONTENT_DIRECTORY ? FILE_DIRECTORY : FILE_REGULAR;
		value.mode = content->mode;
		value.uid = content->uid;
		value.gid = content->gid;
	}
	if (value.type == FILE_REGULAR) {
		value.has_mtime = content->has_mtime;
		value.mtime_s = content->mtime.tv_sec;
		value.mtime_ns = (unsigned int)content->mtime.tv_nsec;
		result = put_or_digest(dir, &content->bytes, value.digest, err);
		if (result == 0 && content->xattrs.length > 0)
			result = put_or_digest(dir, &content->xattrs, value.xattrs, err);
	}
	if (result == 0)
		*ret = value;
	return result;
}

int store_content_of(int dir, const struct file_value *value, struct host_content *ret,
		     struct error *err)
{
	auto_content struct host_content content = CONTENT_INIT;
	int result = 0;

	content.mode = value->mode;
	content.uid = value->uid;
	content.gid = value->gid;
	if (value->type == FILE_DIRECTORY)
		content.type = CONTENT_DIRECTORY;
	if (value->type == FILE_REGULAR) {
		content.type = CONTENT_REGULAR;
		content.has_mtime = value->has_mtime;
		content.mtime.tv_sec = value->mtime_s;
		content.mtime.tv_nsec = value->mtime_ns;
		result = store_get(dir, value->digest, &content.bytes, err);
		if (result == 0 && *value->xattrs)
			result = store_get(dir, value->xattrs, &content.xattrs, err);
	}
	if (result < 0)
		return result;
	*ret = content;
	content = (struct host_content)CONTENT_INIT;
	return 0;
}

static bool is_named(const char *digest, char *const *values, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strstr(values[i], digest))
			return true;
	return false;
}

void store_keep_only(int dir, char *const *values, size_t count)
{
	auto_closedir DIR *bytes = NULL;
	const struct dirent *entry;
	int fd = openat(dir, BYTES, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	bytes = fd < 0 ? NULL : fdopendir(fd);
	while (bytes && (entry = readdir(bytes)))
		if (entry->d_name[0] != '.' && !is_named(entry->d_name, values, count))
			unlinkat(fd, entry->d_name, 0);
}
