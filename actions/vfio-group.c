// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How to know that a guest's process has let go of a group: its node can be opened by one process
 * at a time (and by none while a device of it is open by way of iommufd).
 */
#include "actions/vfio-group.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/cleanup.h"

/* 0 free, -EBUSY in use; what is neither is for the kernel to judge at the unbind. */
static int try_open(const struct host *host, const char *group)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "vfio/%s", group);
	fd = openat(host->fd[HOST_DEV], path, O_RDWR | O_CLOEXEC);
	if (fd >= 0)
		close(fd);
	return fd < 0 && errno == EBUSY ? -EBUSY : 0;
}

/* A descriptor that becomes readable when somebody closes the node. */
static int watch_close(const struct host *host, const char *group)
{
	auto_close int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	char path[96];

	snprintf(path, sizeof(path), "/proc/self/fd/%d/vfio/%s", host->fd[HOST_DEV], group);
	if (fd < 0 || inotify_add_watch(fd, path, IN_CLOSE) < 0)
		return -errno;
	return steal_fd(&fd);
}

static void wait_for_event(int watch, unsigned int timeout_ms)
{
	struct pollfd polled = {.fd = watch, .events = POLLIN};
	char events[4096];
	ssize_t drained;

	/* The close is told before the group is free: so not for ever on one event. */
	poll(&polled, 1, timeout_ms < 100 ? (int)timeout_ms : 100);
	drained = read(watch, events, sizeof(events));
	(void)drained;
}

int vfio_group_wait(const struct host *host, const char *target, unsigned int timeout_ms,
		    struct error *err)
{
	uint64_t started_ms = host_now_ms(), waited_ms;
	auto_close int watch = -1;
	char group[32];

	if (host->fd[HOST_DEV] < 0 ||
	    host_read_link_name(host, HOST_SYS, group, sizeof(group), NULL,
				"bus/pci/devices/%s/iommu_group", target) < 0)
		return 0;
	if (try_open(host, group) == 0)
		return 0;
	watch = watch_close(host, group);
	while ((waited_ms = host_now_ms() - started_ms) < timeout_ms) {
		wait_for_event(watch, timeout_ms - (unsigned int)waited_ms);
		if (try_open(host, group) == 0)
			return 0;
	}
	return error_set(err, EBUSY,
			 "/dev/vfio/%s is still open in some process (a guest that has not ended?)",
			 group);
}
