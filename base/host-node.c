// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whose a device node is. The node is held by a descriptor while its owner and its mode change, so
 * that both are of the same node, and of no link.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/host-real.h"

int real_node_own(struct host *host, const char *name, const struct host_owner *owner,
		  struct error *err)
{
	auto_close int fd = openat(host->fd[HOST_DEV], name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	char path[64];
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return error_errno(err, errno, "open /dev/%s", name);
	if (!S_ISCHR(st.st_mode))
		return error_set(err, ENODEV, "/dev/%s is no device node", name);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	/* Nobody new gets more than they are to have, at no moment. */
	if (chmod(path, st.st_mode & owner->mode & 0777) < 0 ||
	    fchownat(fd, "", owner->uid, owner->gid, AT_EMPTY_PATH) < 0 ||
	    chmod(path, owner->mode) < 0)
		return error_errno(err, errno, "change the owner of /dev/%s", name);
	return 0;
}

int host_node_own(struct host *host, const char *name, const struct host_owner *owner,
		  struct error *err)
{
	if (!host->ops || !host->ops->node_own)
		return error_set(err, EROFS,
				 "change the owner of /dev/%s: this host can only be read", name);
	return host->ops->node_own(host, name, owner, err);
}
