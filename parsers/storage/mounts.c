// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is mounted and what is swapped to, from mountinfo and /proc/swaps. The only file that
 * includes libmount, which it opens when a guest gets a disk: linking it would cost every call of
 * the hook half a millisecond (it brings libblkid and libselinux along).
 * Tests: unit/test-storage.c, unit/test-remotes.c.
 */
#include "parsers/storage/mounts.h"

#include <errno.h>
#include <libmount.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/library.h"
#include "base/text.h"

LIBRARY_NOTE(LIBRARY_MOUNT, "storage", "Knows what is mounted before a disk is lent",
	     "recommended");

#define FILE_MAX ((size_t)64 * 1024 * 1024)

/* clang-format off */
#define MOUNT_FUNCTIONS(use) \
	use(mnt_new_table, new_table) \
	use(mnt_unref_table, unref_table) \
	use(mnt_table_set_parser_errcb, set_errcb) \
	use(mnt_table_parse_stream, parse_stream) \
	use(mnt_new_iter, new_iter) \
	use(mnt_free_iter, free_iter) \
	use(mnt_table_next_fs, next_fs) \
	use(mnt_fs_get_devno, get_devno) \
	use(mnt_fs_get_source, get_source) \
	use(mnt_fs_get_target, get_target) \
	use(mnt_fs_get_fstype, get_fstype) \
	use(mnt_fs_get_fs_options, get_options) \
	use(mnt_fs_match_options, match_options)
/* clang-format on */

/* The functions used of libmount, by the types its header gives them. */
struct mount_library {
	void *handle;
	MOUNT_FUNCTIONS(LIBRARY_POINTER)
};

static void mount_library_done(struct mount_library *library)
{
	library_close(&library->handle);
}

static int mount_library_open(struct mount_library *library, struct error *err)
{
	const struct library_symbol symbols[] = {MOUNT_FUNCTIONS(LIBRARY_SYMBOL)};

	return library_open(LIBRARY_MOUNT, "libmount", symbols,
			    sizeof(symbols) / sizeof(symbols[0]), &library->handle, err);
}

void mounts_done(struct mounts *mounts)
{
	for (size_t i = 0; i < mounts->count; i++) {
		free(mounts->mounts[i].source);
		free(mounts->mounts[i].target);
		free(mounts->mounts[i].type);
		free(mounts->mounts[i].options);
	}
	for (size_t i = 0; i < mounts->swap_count; i++)
		free(mounts->swaps[i]);
	free(mounts->mounts);
	free(mounts->swaps);
	memset(mounts, 0, sizeof(*mounts));
}

/* Libmount skips a line that it does not understand, unless it is told not to. */
static int refuse_line(struct libmnt_table *table, const char *name, int line)
{
	(void)table;
	(void)name;
	(void)line;
	return -EBADMSG;
}

static char *copy(const char *text)
{
	return xstrdup(text ? text : "");
}

static void add_mount(const struct mount_library *library, struct libmnt_fs *fs,
		      struct mounts *mounts)
{
	struct mount mount = {
		.device = library->get_devno(fs),
		.source = copy(library->get_source(fs)),
		.target = copy(library->get_target(fs)),
		.type = copy(library->get_fstype(fs)),
		.options = copy(library->get_options(fs)),
		.read_only = library->match_options(fs, "ro") != 0,
	};

	array_push(mounts->mounts, mounts->count, mount);
}

/* By libmount's own release, the mark of a deleted path may be cut off or not. */
static void add_swap(const struct mount_library *library, struct libmnt_fs *fs,
		     struct mounts *mounts)
{
	static const char deleted[] = " (deleted)";
	char *path = copy(library->get_source(fs));
	size_t length = strlen(path), mark = strlen(deleted);

	if (length > mark && strcmp(path + length - mark, deleted) == 0)
		path[length - mark] = '\0';
	array_push(mounts->swaps, mounts->swap_count, path);
}

static void add_all(const struct mount_library *library, struct libmnt_table *table, bool swaps,
		    struct mounts *mounts)
{
	struct libmnt_iter *iter = library->new_iter(MNT_ITER_FORWARD);
	struct libmnt_fs *fs;

	while (iter && library->next_fs(table, iter, &fs) == 0) {
		if (swaps)
			add_swap(library, fs, mounts);
		else
			add_mount(library, fs, mounts);
	}
	library->free_iter(iter);
}

/* Libmount tells by the first line whether it is mountinfo or swaps. */
static int read_table(const struct mount_library *library, const struct host *host,
		      const char *name, bool swaps, struct mounts *mounts, struct error *err)
{
	auto_fclose FILE *stream = NULL;
	auto_free char *data = NULL;
	struct libmnt_table *table;
	size_t length;
	int ret = host_read_file(host, HOST_PROC, FILE_MAX, &data, &length, err, "%s", name);

	if (ret < 0 || length == 0)
		return ret;
	stream = fmemopen(data, length, "r");
	table = library->new_table();
	if (!stream || !table)
		return error_errno(err, ENOMEM, "read /proc/%s", name);
	library->set_errcb(table, refuse_line);
	ret = library->parse_stream(table, stream, name);
	if (ret != 0)
		ret = error_set(err, EBADMSG, "/proc/%s: not understood by libmount (%d)", name,
				ret);
	else
		add_all(library, table, swaps, mounts);
	library->unref_table(table);
	return ret;
}

/* As PID 1 sees them: who called the hook may have mounts of its own. Only root may look there. */
static int read_mountinfo(const struct mount_library *library, const struct host *host,
			  struct mounts *mounts, struct error *err)
{
	int ret = read_table(library, host, "1/mountinfo", false, mounts, err);

	if (ret == -ENOENT || ret == -EACCES || ret == -EPERM)
		ret = read_table(library, host, "self/mountinfo", false, mounts, err);
	return ret;
}

int mounts_read(const struct host *host, struct mounts *ret, struct error *err)
{
	cleanup(mount_library_done) struct mount_library library = {0};
	auto_mounts struct mounts mounts = {0};
	int result = mount_library_open(&library, err);

	if (result == 0)
		result = read_mountinfo(&library, host, &mounts, err);
	if (result == 0) {
		result = read_table(&library, host, "swaps", true, &mounts, err);
		/* A kernel without swap. */
		if (result == -ENOENT)
			result = 0;
	}
	if (result < 0)
		return result;
	*ret = mounts;
	memset(&mounts, 0, sizeof(mounts));
	return 0;
}

int mounts_read_own(const struct host *host, struct mounts *ret, struct error *err)
{
	cleanup(mount_library_done) struct mount_library library = {0};
	auto_mounts struct mounts mounts = {0};
	int result = mount_library_open(&library, err);

	if (result == 0)
		result = read_table(&library, host, "self/mountinfo", false, &mounts, err);
	if (result < 0)
		return result;
	*ret = mounts;
	memset(&mounts, 0, sizeof(mounts));
	return 0;
}

static bool is_below(const char *path, const char *folder)
{
	size_t length = strlen(folder);

	if (length > 0 && folder[length - 1] == '/')
		length--;
	return strncmp(path, folder, length) == 0 && (path[length] == '/' || !path[length]);
}

size_t mounts_find(const struct mounts *mounts, const char *path, size_t but)
{
	size_t best = MOUNT_NONE, length = 0;

	for (size_t i = 0; i < mounts->count; i++) {
		const char *target = mounts->mounts[i].target;

		if (i == but || !is_below(path, target) || strlen(target) < length)
			continue;
		best = i;
		length = strlen(target);
	}
	return best;
}
