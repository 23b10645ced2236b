// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where the state directories are, and whom they must belong to. Tests: unit/test-execute.c.
 */
#include "state/state-dir.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/trust.h"
#include "model/journal.h"
#include "model/pin.h"

/* Journals are believed, so nobody else may be able to write one. */
static int check_state_owner(int fd, struct error *err)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return error_errno(err, errno, "/run/" STATE_DIR);
	if (status.st_uid != geteuid() || (status.st_mode & 022) != 0)
		return error_set(err, EPERM,
				 "/run/" STATE_DIR " belongs to user %u with mode %03o: it must "
				 "belong to root and be writable by nobody else. First check that "
				 "nobody has changed the files in it, the journals of running "
				 "guests; then: chown root /run/" STATE_DIR
				 " && chmod 700 /run/" STATE_DIR,
				 (unsigned int)status.st_uid, status.st_mode & 0777);
	return 0;
}

int state_dir_open(const struct host *host, bool create, struct error *err)
{
	auto_close int fd = -1;
	int ret;

	if (host->fd[HOST_RUN] < 0)
		return error_set(err, ENOENT, "this host has no /run to keep a journal in");
	if (create && mkdirat(host->fd[HOST_RUN], STATE_DIR, 0700) < 0 && errno != EEXIST)
		return error_errno(err, errno, "create /run/" STATE_DIR);
	fd = openat(host->fd[HOST_RUN], STATE_DIR, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return error_errno(err, errno, "open /run/" STATE_DIR);
	ret = check_state_owner(fd, err);
	return ret < 0 ? ret : steal_fd(&fd);
}

int state_dir_open_below(int parent, const char *name, const char *shown, bool create,
			 struct error *err)
{
	auto_close int fd = -1;
	int ret;

	if (create && mkdirat(parent, name, 0700) < 0 && errno != EEXIST)
		return error_errno(err, errno, "create %s", shown);
	ret = trust_open_dir(parent, name, shown, &fd, err);
	if (ret == 0 && fd < 0)
		ret = error_set(err, ENOENT, "there is no %s", shown);
	return ret < 0 ? ret : steal_fd(&fd);
}

int state_dir_open_lasting(const struct host *host, bool create, struct error *err)
{
	if (host->fd[HOST_VAR] < 0)
		return error_set(err, ENOENT, "this host has no /var/lib");
	return state_dir_open_below(host->fd[HOST_VAR], PINS_DIR, "/var/lib/" PINS_DIR, create,
				    err);
}

int state_dir_open_file(const struct host *host, const char *name)
{
	auto_free char *path = xasprintf(STATE_DIR "/%s", name);

	return host->fd[HOST_RUN] < 0 ? -1
				      : openat(host->fd[HOST_RUN], path,
					       O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
}
