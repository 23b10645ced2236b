// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Making, removing and listing files of a temporary tree; knows the file system and nothing of what
 * the files mean.
 */
#include "tests/host/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"

#define PATH_SIZE 1024

static void must(bool good, const char *what, const char *path)
{
	if (good)
		return;
	fprintf(stderr, "test host: %s %s: %s\n", what, path, strerror(errno));
	abort();
}

static void make_parents(int root, const char *path)
{
	char parent[PATH_SIZE];

	for (const char *at = strchr(path, '/'); at; at = strchr(at + 1, '/')) {
		snprintf(parent, sizeof(parent), "%.*s", (int)(at - path), path);
		must(mkdirat(root, parent, 0755) == 0 || errno == EEXIST, "make directory", parent);
	}
}

void tree_dir(int root, const char *path)
{
	make_parents(root, path);
	must(mkdirat(root, path, 0755) == 0 || errno == EEXIST, "make directory", path);
}

void tree_file(int root, const char *path, const char *format, ...)
{
	auto_free char *data = NULL;
	auto_close int fd = -1;
	va_list args;
	int length;

	va_start(args, format);
	length = vasprintf(&data, format, args);
	va_end(args);
	fd = openat(root, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0) {
		make_parents(root, path);
		fd = openat(root, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	}
	must(fd >= 0, "create", path);
	must(length >= 0 && write(fd, data, (size_t)length) == length, "write", path);
}

void tree_bytes(int root, const char *path, const char *data, size_t length)
{
	auto_close int fd = -1;

	tree_file(root, path, "%s", "");
	fd = openat(root, path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	must(fd >= 0 && write(fd, data, length) == (ssize_t)length, "write", path);
}

pid_t tree_once(int root, const char *path, const char *text)
{
	pid_t pid;
	int fd;

	make_parents(root, path);
	must(mkfifoat(root, path, 0600) == 0, "make pipe", path);
	pid = fork();
	must(pid >= 0, "fork for", path);
	if (pid != 0)
		return pid;
	fd = openat(root, path, O_WRONLY | O_CLOEXEC);
	must(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text), "tell", path);
	_exit(0);
}

void tree_node(int root, const char *path, bool block, dev_t number)
{
	make_parents(root, path);
	must(mknodat(root, path, (block ? S_IFBLK : S_IFCHR) | 0600, number) == 0, "make node",
	     path);
}

void tree_raw_link(int root, const char *path, const char *text)
{
	make_parents(root, path);
	must(symlinkat(text, root, path) == 0, "link", path);
}

/* As kernfs does: up to the nearest common directory, then down. */
void tree_link(int root, const char *path, const char *target)
{
	auto_text struct text link = TEXT_INIT;
	const char *rest = path, *down = target;

	for (const char *slash; (slash = strchr(rest, '/'));) {
		size_t length = (size_t)(slash - rest) + 1;

		if (strncmp(rest, down, length) != 0)
			break;
		rest += length;
		down += length;
	}
	for (const char *slash = strchr(rest, '/'); slash; slash = strchr(slash + 1, '/'))
		text_printf(&link, "../");
	text_printf(&link, "%s", down);
	tree_raw_link(root, path, link.data);
}

static void remove_children(int dir)
{
	auto_closedir DIR *stream = fdopendir(dup(dir));
	struct dirent *entry;

	must(stream, "list", "directory");
	rewinddir(stream);
	while ((entry = readdir(stream)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			tree_remove(dir, entry->d_name);
}

void tree_remove(int root, const char *path)
{
	auto_close int dir = -1;

	if (unlinkat(root, path, 0) == 0 || errno == ENOENT)
		return;
	must(errno == EISDIR || errno == EPERM, "remove", path);
	dir = openat(root, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	must(dir >= 0, "open", path);
	remove_children(dir);
	must(unlinkat(root, path, AT_REMOVEDIR) == 0, "remove directory", path);
}

bool tree_exists(int root, const char *path)
{
	return faccessat(root, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

char *tree_read(int root, const char *path)
{
	auto_close int fd = openat(root, path, O_RDONLY | O_CLOEXEC);
	char buffer[65536];
	ssize_t length;

	if (fd < 0)
		return NULL;
	length = read(fd, buffer, sizeof(buffer) - 1);
	must(length >= 0, "read", path);
	if (length > 0 && buffer[length - 1] == '\n')
		length--;
	buffer[length] = '\0';
	return xstrdup(buffer);
}

char *tree_link_name(int root, const char *path)
{
	char target[PATH_SIZE];
	ssize_t length = readlinkat(root, path, target, sizeof(target) - 1);
	const char *slash;

	if (length < 0)
		return NULL;
	target[length] = '\0';
	slash = strrchr(target, '/');
	return xstrdup(slash ? slash + 1 : target);
}

char *tree_entry(int root, const char *path, size_t index)
{
	auto_close int fd = openat(root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_closedir DIR *stream = fd >= 0 ? fdopendir(dup(fd)) : NULL;
	const struct dirent *entry;

	while (stream && (entry = readdir(stream)))
		if (entry->d_name[0] != '.' && index-- == 0)
			return xstrdup(entry->d_name);
	return NULL;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int not_dot(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static void list_entry(int root, const char *path, const struct dirent *entry, struct text *out)
{
	auto_free char *child = xasprintf("%s/%s", path, entry->d_name);
	auto_free char *data = NULL, *shown = NULL;
	char target[PATH_SIZE] = "";
	struct stat status;

	if (entry->d_type == DT_DIR) {
		text_printf(out, "%s/\n", child);
		tree_list(root, child, out);
	} else if (entry->d_type == DT_LNK) {
		must(readlinkat(root, child, target, sizeof(target) - 1) > 0, "readlink", child);
		text_printf(out, "%s -> %s\n", child, target);
	} else if (entry->d_type == DT_CHR || entry->d_type == DT_BLK) {
		/* Never opened: it could be a device of this very machine. */
		must(fstatat(root, child, &status, AT_SYMLINK_NOFOLLOW) == 0, "stat", child);
		text_printf(out, "%s: %s %u:%u\n", child, entry->d_type == DT_CHR ? "c" : "b",
			    major(status.st_rdev), minor(status.st_rdev));
	} else {
		data = tree_read(root, child);
		shown = text_escape(data ? data : "");
		text_printf(out, "%s: %s\n", child, shown);
	}
}

void tree_list(int root, const char *path, struct text *out)
{
	struct dirent **entries = NULL;
	int count = scandirat(root, path, &entries, not_dot, by_name);

	text_append(out, "", 0);
	for (int i = 0; i < count; i++) {
		list_entry(root, path, entries[i], out);
		free(entries[i]);
	}
	free(entries);
}
