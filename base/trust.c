// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * When what stands in a file may tell root what to do: by who owns it and who may write it, asked
 * of the open file, so that nothing can take its place in between.
 */
#include "base/trust.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"

static int check_user(const struct stat *st, const char *shown, struct error *err)
{
	if (st->st_uid == 0 || st->st_uid == geteuid())
		return 0;
	return error_set(err, EPERM, "%s: belongs to user %u; root must own it (chown root)", shown,
			 (unsigned int)st->st_uid);
}

static int trust_check_owner(const struct stat *st, const char *shown, struct error *err)
{
	int ret = check_user(st, shown, err);

	if (ret < 0)
		return ret;
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
	ret = trust_check_owner(&st, shown, err);
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
	ret = trust_check_owner(&st, shown, err);
	if (ret == 0)
		*ret_fd = steal_fd(&fd);
	return ret;
}

int trust_read_file(int dir, const char *name, const char *shown, size_t limit, struct text *ret,
		    struct error *err)
{
	auto_text struct text text = TEXT_INIT;
	auto_close int fd = -1;
	int result = open_file(dir, name, shown, &fd, err);

	if (result < 0 || fd < 0)
		return result;
	result = fd_read(fd, limit, &text);
	if (result == -EFBIG)
		return error_set(err, EFBIG, "%s: larger than %zu bytes", shown, limit);
	if (result < 0)
		return error_errno(err, -result, "read %s", shown);
	*ret = text;
	text = (struct text)TEXT_INIT;
	return 0;
}

void trust_entry_done(struct trust_entry *place)
{
	cleanup_close(&place->fd);
	free(place->path);
	*place = (struct trust_entry)TRUST_ENTRY_INIT;
}

static int check_stat(const struct trust_entry *place, const struct stat *st, struct error *err)
{
	struct error failure = ERROR_INIT;

	if (trust_check_owner(st, *place->path ? place->path : "/", &failure) == 0)
		return 0;
	return error_set(err, failure.code, "%s; now its owner is user %u and its mode %04o",
			 failure.text, (unsigned int)st->st_uid, st->st_mode & 07777);
}

int trust_check(const struct trust_entry *place, struct error *err)
{
	struct stat st;

	if (fstat(place->fd, &st) < 0)
		return error_errno(err, errno, "stat %s", place->path);
	return check_stat(place, &st, err);
}

int trust_enter(const char *path, struct trust_entry *ret, struct error *err)
{
	auto_trust_entry struct trust_entry place = {
		.fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC),
		.path = xstrdup(strcmp(path, "/") == 0 ? "" : path),
	};
	int result;

	if (place.fd < 0)
		return error_errno(err, errno, "open %s", path);
	result = trust_check(&place, err);
	if (result < 0)
		return result;
	*ret = place;
	place = (struct trust_entry)TRUST_ENTRY_INIT;
	return 0;
}

#define LINKS_MAX 40 /* the kernel's own */

struct trust_walk {
	struct trust_entry at;
	char *rest; /* heap; what is still to be followed */
	unsigned int links;
	bool checked; /* at is a directory to be trusted */
	bool shared; /* at is one in which others may put names of their own, but not replace root's
		      */
};

static void trust_walk_done(struct trust_walk *walk)
{
	trust_entry_done(&walk->at);
	free(walk->rest);
}

static void trust_walk_move(struct trust_walk *walk, struct trust_entry *to, bool checked)
{
	trust_entry_done(&walk->at);
	walk->at = *to;
	walk->checked = checked;
	walk->shared = false;
	*to = (struct trust_entry)TRUST_ENTRY_INIT;
}

/* The next name of what is left, heap; NULL at the end. */
static char *trust_walk_next(struct trust_walk *walk)
{
	size_t blank = strspn(walk->rest, "/");
	size_t length = strcspn(walk->rest + blank, "/");
	char *name = length ? xasprintf("%.*s", (int)length, walk->rest + blank) : NULL;

	memmove(walk->rest, walk->rest + blank + length, strlen(walk->rest + blank + length) + 1);
	return name;
}

static int trust_walk_link(struct trust_walk *walk, const struct trust_entry *link,
			   struct error *err)
{
	auto_trust_entry struct trust_entry root = TRUST_ENTRY_INIT;
	char target[PATH_MAX];
	char *rest;
	ssize_t length = readlinkat(link->fd, "", target, sizeof(target) - 1);
	int result;

	if (length < 0)
		return error_errno(err, errno, "read the link %s", link->path);
	if (++walk->links > LINKS_MAX)
		return error_errno(err, ELOOP, "follow %s", link->path);
	target[length] = '\0';
	rest = xasprintf("%s/%s", target, walk->rest);
	free(walk->rest);
	walk->rest = rest;
	if (*target != '/')
		return 0;
	result = trust_enter("/", &root, err);
	if (result == 0)
		trust_walk_move(walk, &root, true);
	return result;
}

/* All links are followed, so that ".." is what the path says. */
static char *path_of(const char *dir, const char *name)
{
	const char *slash = strrchr(dir, '/');

	if (strcmp(name, "..") != 0)
		return xasprintf("%s/%s", dir, name);
	return xasprintf("%.*s", slash ? (int)(slash - dir) : 0, dir);
}

/* /tmp, or the store of NixOS: the sticky bit keeps everybody from the names of others. */
static int trust_walk_check(struct trust_walk *walk, struct error *err)
{
	struct stat st;

	if (walk->checked)
		return 0;
	if (fstat(walk->at.fd, &st) < 0)
		return error_errno(err, errno, "stat %s", walk->at.path);
	walk->checked = true;
	walk->shared =
		S_ISDIR(st.st_mode) && (st.st_mode & S_ISVTX) && (st.st_mode & (S_IWGRP | S_IWOTH));
	if (walk->shared)
		return check_user(&st, walk->at.path, err);
	return check_stat(&walk->at, &st, err);
}

/* *ret_gone: there is no such name, and none was promised by a link. */
static int trust_walk_step(struct trust_walk *walk, const char *name, bool *ret_gone,
			   struct error *err)
{
	auto_trust_entry struct trust_entry next = TRUST_ENTRY_INIT;
	struct stat st;
	int result = trust_walk_check(walk, err);

	if (result < 0 || strcmp(name, ".") == 0)
		return result;
	next.path = path_of(walk->at.path, name);
	next.fd = openat(walk->at.fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (next.fd < 0 && errno == ENOENT && walk->links == 0) {
		*ret_gone = true;
		return 0;
	}
	if (next.fd < 0 || fstat(next.fd, &st) < 0)
		return error_errno(err, errno, "%s%s", next.path,
				   walk->links ? ", to which a link leads" : "");
	if (walk->shared && (result = check_user(&st, next.path, err)) < 0)
		return result;
	if (S_ISLNK(st.st_mode))
		return trust_walk_link(walk, &next, err);
	trust_walk_move(walk, &next, false);
	return 0;
}

int trust_follow(const struct trust_entry *dir, const char *name, struct trust_entry *ret,
		 struct error *err)
{
	cleanup(trust_walk_done) struct trust_walk walk = {
		.at = {.fd = fcntl(dir->fd, F_DUPFD_CLOEXEC, 0), .path = xstrdup(dir->path)},
		.rest = xstrdup(name),
		.checked = true,
	};
	bool gone = false;

	if (walk.at.fd < 0)
		return error_errno(err, errno, "open %s again", dir->path);
	for (;;) {
		auto_free char *next = trust_walk_next(&walk);
		int result = next ? trust_walk_step(&walk, next, &gone, err) : 0;

		if (result < 0)
			return result;
		if (!next || gone)
			break;
	}
	*ret = (struct trust_entry)TRUST_ENTRY_INIT;
	if (gone)
		return 0;
	*ret = walk.at;
	walk.at = (struct trust_entry)TRUST_ENTRY_INIT;
	return 0;
}
