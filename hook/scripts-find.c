// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where a guest's scripts lie, in which order they come, and which of them may be run as root.
 */
#include "hook/scripts-find.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "base/trust.h"

void script_list_done(struct script_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->scripts[i].path);
		free(list->scripts[i].why);
	}
	free(list->scripts);
	*list = (struct script_list){0};
}

/* Names are nearly free text, and why is to be one line. */
static void add(struct script_list *list, enum script_state state, const char *path,
		const char *why)
{
	array_push(list->scripts, list->count,
		   (struct script){.path = xstrdup(path), .state = state, .why = text_escape(why)});
}

static void pass_over(struct script_list *list, const char *path, const char *reason)
{
	auto_free char *why = xasprintf("%s: %s, so it is not run", path, reason);

	add(list, SCRIPT_PASSED_OVER, path, why);
}

static void refuse(struct script_list *list, const char *path, const struct error *failure)
{
	add(list, SCRIPT_REFUSED, path, failure->text);
}

static void add_file(struct script_list *list, const struct trust_entry *place, const char *path,
		     const struct stat *st)
{
	struct error failure = ERROR_INIT;

	if (!S_ISREG(st->st_mode))
		pass_over(list, path, "not a file");
	else if (!(st->st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)))
		pass_over(list, path, "not executable (chmod +x)");
	else if (trust_check(place, &failure) < 0)
		refuse(list, path, &failure);
	else
		add(list, SCRIPT_RUNS, path, "");
}

static void add_name(struct script_list *list, const struct trust_entry *dir, const char *dir_path,
		     const char *name)
{
	auto_trust_entry struct trust_entry place = TRUST_ENTRY_INIT;
	auto_free char *path = xasprintf("%s/%s", dir_path, name);
	struct error failure = ERROR_INIT;
	struct stat st;

	if (trust_follow(dir, name, &place, &failure) < 0)
		refuse(list, path, &failure);
	/* Removed since the directory was read: */
	else if (place.fd >= 0 && fstat(place.fd, &st) == 0)
		add_file(list, &place, path, &st);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

struct script_names {
	char **names;
	size_t count;
};

static void script_names_done(struct script_names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->names[i]);
	free(names->names);
}

static int script_names_read(int dir_fd, struct script_names *names)
{
	int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_closedir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!dir) {
		cleanup_close(&fd);
		return -errno;
	}
	while ((errno = 0, entry = readdir(dir))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		array_push(names->names, names->count, xstrdup(entry->d_name));
	}
	return -errno;
}

static void add_directory(struct script_list *list, const struct trust_entry *dir, const char *path)
{
	cleanup(script_names_done) struct script_names names = {0};
	struct error failure = ERROR_INIT;
	int ret = script_names_read(dir->fd, &names);

	if (ret < 0) {
		error_errno(&failure, -ret, "read the directory %s", path);
		refuse(list, path, &failure);
		return;
	}
	if (names.count > 0)
		qsort(names.names, names.count, sizeof(*names.names), compare_names);
	for (size_t i = 0; i < names.count; i++)
		add_name(list, dir, path, names.names[i]);
}

/* Goes on to a name in *at, a trusted directory; false where there is nothing (more) to find. */
static bool go_down(struct script_list *list, struct trust_entry *at, const char *name,
		    const char *path, struct stat *ret_st)
{
	auto_trust_entry struct trust_entry next = TRUST_ENTRY_INIT;
	struct error failure = ERROR_INIT;
	int ret = trust_follow(at, name, &next, &failure);

	if (ret == 0 && next.fd < 0)
		return false;
	if (ret == 0 && fstat(next.fd, ret_st) < 0)
		ret = error_errno(&failure, errno, "stat %s", next.path);
	if (ret == 0 && S_ISDIR(ret_st->st_mode))
		ret = trust_check(&next, &failure);
	if (ret < 0) {
		refuse(list, path, &failure);
		return false;
	}
	trust_entry_done(at);
	*at = next;
	next = (struct trust_entry)TRUST_ENTRY_INIT;
	return true;
}

/* The directory that dir is in is libvirt's, whose hook is below it as well. */
static bool enter(struct script_list *list, const char *dir, struct trust_entry *at)
{
	const char *slash = strrchr(dir, '/');
	auto_free char *parent = xasprintf("%.*s", slash > dir ? (int)(slash - dir) : 1, dir);
	struct error failure = ERROR_INIT;
	int ret = trust_enter(parent, at, &failure);

	if (ret < 0 && ret != -ENOENT)
		refuse(list, dir, &failure);
	return ret == 0;
}

static bool is_dir_name(const char *guest)
{
	return *guest && !strchr(guest, '/') && strcmp(guest, ".") != 0 && strcmp(guest, "..") != 0;
}

void scripts_find(const char *dir, const char *guest, const struct operation *operation,
		  struct script_list *ret)
{
	const char *const names[] = {strrchr(dir, '/') + 1, guest, operation->name,
				     operation->suboperation};
	auto_trust_entry struct trust_entry at = TRUST_ENTRY_INIT;
	auto_free char *path = NULL;
	struct stat st = {.st_mode = S_IFDIR};

	*ret = (struct script_list){.prefix = strlen(dir) + strlen(guest) + 2};
	if (!is_dir_name(guest) || !enter(ret, dir, &at))
		return;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char *deeper = i == 0 ? xstrdup(dir) : xasprintf("%s/%s", path, names[i]);

		/* A plain file on the way, as GUEST may be: libvirt's, or nobody's. */
		free(path);
		path = deeper;
		if (!S_ISDIR(st.st_mode) || !go_down(ret, &at, names[i], path, &st))
			return;
	}
	if (S_ISDIR(st.st_mode))
		add_directory(ret, &at, path);
	else
		add_file(ret, &at, path, &st);
}
