// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Is there anything for the engine? Knows what it leaves behind for itself (journals), what the
 * admin may have put there (scripts), and that an error of the file system is a doubt.
 * Tests: unit/test-front.c.
 */
#include "hook/front-decide.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "hook/front-xml.h"
#include "model/journal.h"

static const char journal_suffix[] = ".journal";

/* False only when it is certain that there is no such name. */
static bool may_exist(int dir_fd, const char *name)
{
	struct stat unused;

	return fstatat(dir_fd, name, &unused, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT;
}

static bool is_journal(const char *name)
{
	size_t length = strlen(name), suffix = sizeof(journal_suffix) - 1;

	return length >= suffix && memcmp(name + length - suffix, journal_suffix, suffix) == 0;
}

static bool may_hold_journals(int state_dir_fd)
{
	int fd = openat(state_dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_closedir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!dir) {
		cleanup_close(&fd);
		return true;
	}
	errno = 0;
	while ((entry = readdir(dir)))
		if (is_journal(entry->d_name))
			return true;
	return errno != 0;
}

#define JOURNAL_NAME_SIZE (FRONT_UUID_LENGTH + sizeof(journal_suffix))

/* False without a sure UUID. */
static bool journal_name(const char *xml, size_t length, char name[JOURNAL_NAME_SIZE])
{
	const char *uuid = front_xml_uuid(xml, length);

	if (!uuid)
		return false;
	memcpy(name, uuid, FRONT_UUID_LENGTH);
	memcpy(name + FRONT_UUID_LENGTH, journal_suffix, sizeof(journal_suffix));
	return true;
}

/* Without a sure UUID any guest's journal may be this one's. */
static bool may_have_journal(const char *xml, size_t length, int state_dir_fd)
{
	char name[JOURNAL_NAME_SIZE];

	if (state_dir_fd < 0)
		return state_dir_fd != FRONT_NO_DIR;
	if (!journal_name(xml, length, name))
		return may_hold_journals(state_dir_fd);
	return may_exist(state_dir_fd, name);
}

/* More than a "lent" with the time has; a version that adds more wakes the engine for nothing. */
#define LAST_LINE_MAX 32

static bool ends_lent(const char *end, size_t length)
{
	static const char lent[] = "\n" JOURNAL_LENT, later[] = " +";
	const char *line, *rest;

	if (end[length - 1] != '\n')
		return false;
	line = memrchr(end, '\n', length - 1);
	rest = line ? line + sizeof(lent) - 1 : NULL;
	if (!rest || rest >= end + length || memcmp(line, lent, sizeof(lent) - 1) != 0)
		return false;
	return rest == end + length - 1 || memcmp(rest, later, sizeof(later) - 1) == 0;
}

/*
 * Does the guest's journal end with the line that comes last in a lend that went through? Whatever
 * has happened to the run since then stands behind it.
 */
static bool is_lent(const char *xml, size_t length, int state_dir_fd)
{
	char name[JOURNAL_NAME_SIZE], end[LAST_LINE_MAX];
	auto_close int fd = -1;

	if (state_dir_fd < 0 || !journal_name(xml, length, name))
		return false;
	fd = openat(state_dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	/* A journal that is shorter than that has no room for a header. */
	return fd >= 0 && lseek(fd, -(off_t)sizeof(end), SEEK_END) > 0 &&
	       read(fd, end, sizeof(end)) == (ssize_t)sizeof(end) && ends_lent(end, sizeof(end));
}

/*
 * Did "prepare" see to all the host devices that this XML can name? The journal has their claims
 * then, which is all that "start" wants.
 */
static bool is_claimed(const char *xml, size_t length, int state_dir_fd)
{
	return is_lent(xml, length, state_dir_fd) && !front_xml_has_newcomers(xml, length);
}

/* A guest's name is nearly free text, and not every name is one of a directory. */
static bool is_dir_name(const char *guest)
{
	return *guest && !strchr(guest, '/') && strcmp(guest, ".") != 0 && strcmp(guest, "..") != 0;
}

bool front_has_scripts(const struct operation *operation, const char *guest, int scripts_dir_fd)
{
	auto_close int fd = -1;

	if (scripts_dir_fd < 0)
		return scripts_dir_fd != FRONT_NO_DIR;
	if (!is_dir_name(guest))
		return false;
	fd = openat(scripts_dir_fd, guest, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		return may_exist(fd, operation->name);
	/* A plain file of the guest's name is libvirt's to run, not ours. */
	return errno != ENOENT && errno != ENOTDIR && errno != ENAMETOOLONG;
}

static bool may_have_work(const struct operation *operation, const char *xml, size_t length,
			  int state_dir_fd)
{
	if (operation->wake == OP_NEWCOMERS && is_claimed(xml, length, state_dir_fd))
		return false;
	if (operation->wake != OP_JOURNAL && !front_xml_is_plain(xml, length))
		return true;
	return may_have_journal(xml, length, state_dir_fd);
}

bool front_has_work(const struct operation *operation, const char *guest, const char *xml,
		    size_t length, int state_dir_fd, int scripts_dir_fd)
{
	return may_have_work(operation, xml, length, state_dir_fd) ||
	       front_has_scripts(operation, guest, scripts_dir_fd);
}
