// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How the file of a guest below /etc/hostdev-hook is replaced, so that the hook, which may read it
 * at any moment, finds the old one or the new one. Tests: ctl/set.bats.
 */
#include "hostdevctl/set/set.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/trust.h"
#include "parsers/config/config-file.h"
#include "parsers/config/config.h"

#define DIR_SHOWN "/etc/" CONFIG_DIR
#define GUESTS_SHOWN DIR_SHOWN "/" CONFIG_GUESTS_DIR

#define LOCK_MS 5000
#define LOCK_STEP_MS 20

void set_done(struct set *set)
{
	host_close(&set->host);
	guest_done(&set->guest);
	free(set->file);
	free(set->shown);
}

/* *ret_fd: -1 where there is none. */
static int open_guests(const struct set *set, int *ret_fd, struct error *err)
{
	auto_close int dir = -1;
	int ret = trust_open_dir(set->host.fd[HOST_ETC], CONFIG_DIR, DIR_SHOWN, &dir, err);

	return ret < 0 ? ret : trust_open_dir(dir, CONFIG_GUESTS_DIR, GUESTS_SHOWN, ret_fd, err);
}

int set_file_lock(const struct set *set, int *ret_fd, struct error *err)
{
	auto_close int guests = -1;
	int ret = open_guests(set, &guests, err);

	for (int waited_ms = 0; ret == 0 && guests >= 0 && waited_ms < LOCK_MS;
	     waited_ms += LOCK_STEP_MS) {
		if (flock(guests, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
			break;
		usleep(LOCK_STEP_MS * 1000);
	}
	if (ret == 0)
		*ret_fd = steal_fd(&guests);
	return ret;
}

int set_file_read(const struct set *set, struct text *ret, struct error *err)
{
	auto_close int guests = -1;
	int result = open_guests(set, &guests, err);

	if (result == 0 && guests >= 0)
		result = trust_read_file(guests, set->file, set->shown, CONFIG_FILE_MAX, ret, err);
	if (result == 0 && !ret->data)
		text_append(ret, "", 0);
	return result;
}

/* Whatever the umask is, the mode is as a package would make it. */
static int make_dir(int parent, const char *name, const char *shown, int *ret_fd, struct error *err)
{
	bool made = mkdirat(parent, name, 0755) == 0;
	auto_close int fd = -1;
	int ret;

	if (!made && errno != EEXIST)
		return error_errno(err, errno, "create %s", shown);
	ret = trust_open_dir(parent, name, shown, &fd, err);
	if (ret == 0 && fd < 0)
		ret = error_set(err, ENOENT, "%s is gone again", shown);
	if (ret == 0 && made && fchmod(fd, 0755) < 0)
		ret = error_errno(err, errno, "chmod %s", shown);
	if (ret == 0)
		*ret_fd = steal_fd(&fd);
	return ret;
}

static int make_guests(const struct set *set, int *ret_fd, struct error *err)
{
	auto_close int dir = -1;
	int etc = set->host.fd[HOST_ETC], ret;

	if (etc < 0)
		return error_set(err, ENOENT, "this host has no /etc");
	ret = make_dir(etc, CONFIG_DIR, DIR_SHOWN, &dir, err);
	return ret < 0 ? ret : make_dir(dir, CONFIG_GUESTS_DIR, GUESTS_SHOWN, ret_fd, err);
}

/* As before: who hid it from others finds it hidden. */
static mode_t mode_of(int dir, const char *name)
{
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode))
		return 0644;
	return st.st_mode & 0777;
}

static int write_new(int dir, const char *name, const struct set *set, const struct text *text,
		     struct error *err)
{
	auto_close int fd =
		openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	ssize_t written;

	if (fd < 0)
		return error_errno(err, errno, "create %s.new", set->shown);
	written = write(fd, text->data, text->length);
	if (written != (ssize_t)text->length)
		return error_errno(err, written < 0 ? errno : ENOSPC, "write %s.new", set->shown);
	if (fchmod(fd, mode_of(dir, set->file)) < 0 || fsync(fd) < 0)
		return error_errno(err, errno, "write %s.new", set->shown);
	return 0;
}

/* A link would become a file, and what it led to would be read no more. */
static int check_link(int dir, const struct set *set, struct error *err)
{
	struct stat st;

	if (fstatat(dir, set->file, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode))
		return error_set(err, EINVAL, "%s is a link: edit what it leads to", set->shown);
	return 0;
}

int set_file_write(const struct set *set, const struct text *text, struct error *err)
{
	auto_free char *name = xasprintf(".new.%d", (int)getpid());
	auto_close int guests = -1;
	int ret = make_guests(set, &guests, err);

	if (ret == 0)
		ret = check_link(guests, set, err);
	if (ret < 0)
		return ret;
	/* Left by another process of that number, which was killed. */
	unlinkat(guests, name, 0);
	ret = write_new(guests, name, set, text, err);
	if (ret == 0 && renameat(guests, name, guests, set->file) < 0)
		ret = error_errno(err, errno, "write %s", set->shown);
	if (ret < 0) {
		unlinkat(guests, name, 0);
		return ret;
	}
	return fsync(guests) < 0 ? error_errno(err, errno, "write %s", GUESTS_SHOWN) : 0;
}
