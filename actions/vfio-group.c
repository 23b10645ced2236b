// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How to know that a guest's process has let go of a group: its node can be opened by one process
 * at a time (and by none while a device of it is open by way of iommufd).
 */
#include "actions/vfio-group.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "actions/watch.h"
#include "base/cleanup.h"

struct vfio_group {
	const struct host *host;
	char name[32];
};

/* 1 free, 0 in use; what is neither is for the kernel to judge at the unbind. */
static int is_free(void *data, struct error *err)
{
	const struct vfio_group *group = data;
	char path[64];
	int fd;

	(void)err;
	snprintf(path, sizeof(path), "vfio/%s", group->name);
	fd = openat(group->host->fd[HOST_DEV], path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0)
		close(fd);
	return fd >= 0 || errno != EBUSY;
}

int vfio_group_wait(const struct host *host, const char *target, unsigned int timeout_ms,
		    struct error *err)
{
	struct vfio_group group = {.host = host};
	auto_watch struct watch watch;

	watch_init(&watch);
	if (host->fd[HOST_DEV] < 0 ||
	    host_read_link_name(host, HOST_SYS, group.name, sizeof(group.name), NULL,
				"bus/pci/devices/%s/iommu_group", target) < 0)
		return 0;
	watch_path(&watch, host, HOST_DEV, WATCH_CLOSE, "vfio/%s", group.name);
	if (watch_until(&watch, is_free, &group, timeout_ms, 100, err))
		return 0;
	return error_set(err, EBUSY,
			 "/dev/vfio/%s is still open in some process (a guest that has not ended?)",
			 group.name);
}
