// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How to know that a guest's process has let go of a device. The group's node can be opened by one
 * process at a time, and by none while a device of it is bound by way of iommufd; the device's own
 * node (vfio-dev) can be opened by anybody, and every descriptor of it keeps the driver from going.
 */
#include "actions/vfio-group.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "actions/device-users.h"
#include "actions/watch.h"
#include "base/cleanup.h"
#include "scan/processes.h"

struct vfio {
	const struct host *host;
	const char *target;
	char group[32];          /* "": it is in none */
	struct user_nodes nodes; /* the group's and the device's own, for who holds them */
	bool has_own;            /* one of the device's own is among them */
};

static void vfio_done(struct vfio *vfio)
{
	user_nodes_done(&vfio->nodes);
}

/*
 * Where nobody can tell, it is: the kernel would wait for whoever has it, without end. A process
 * that cannot be looked into has it perhaps.
 */
static bool is_held(const struct vfio *vfio)
{
	auto_device_users struct device_users answer = {0};

	return device_users_find(vfio->host, &vfio->nodes, &answer, NULL) != 0;
}

/* Where it may not be opened (a container's or a unit's rules for devices), who has it is asked. */
static bool group_is_busy(const struct vfio *vfio)
{
	auto_close int fd = -1;
	char path[64];

	if (!*vfio->group)
		return false;
	snprintf(path, sizeof(path), "vfio/%s", vfio->group);
	fd = openat(vfio->host->fd[HOST_DEV], path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0 || errno == ENOENT)
		return false;
	return errno == EBUSY || is_held(vfio);
}

/* 1 free, 0 in use. */
static int is_free(void *data, struct error *err)
{
	const struct vfio *vfio = data;

	(void)err;
	return !group_is_busy(vfio) && !(vfio->has_own && is_held(vfio));
}

static void vfio_init(struct vfio *vfio, const struct host *host, const char *target)
{
	struct pci_addr addr;

	*vfio = (struct vfio){.host = host, .target = target};
	if (host_read_link_name(host, HOST_SYS, vfio->group, sizeof(vfio->group), NULL,
				"bus/pci/devices/%s/iommu_group", target) < 0)
		vfio->group[0] = '\0';
	if (pci_addr_parse(target, &addr))
		user_nodes_read(host, &addr, 1, &vfio->nodes, NULL);
	for (size_t i = 0; i < vfio->nodes.count; i++)
		if (text_starts(vfio->nodes.nodes[i].name, "vfio/devices/") ||
		    text_equal(vfio->nodes.nodes[i].subsystem, "vfio-dev"))
			vfio->has_own = true;
}

static int still_open(const struct vfio *vfio, struct error *err)
{
	auto_device_users struct device_users answer = {0};
	struct error failure = ERROR_INIT;
	int ret = device_users_find(vfio->host, &vfio->nodes, &answer, &failure);

	if (ret > 0)
		return error_set(err, EBUSY, "%s is still in use: %s", vfio->target,
				 answer.who.data);
	if (ret < 0)
		return error_set(err, EBUSY, "whether %s is still in use cannot be found out: %s",
				 vfio->target, failure.text);
	return error_set(err, EBUSY,
			 "/dev/vfio/%s is still open in some process (a guest that has not ended?)",
			 vfio->group);
}

int vfio_group_wait(const struct host *host, const char *target, unsigned int timeout_ms,
		    struct error *err)
{
	cleanup(vfio_done) struct vfio vfio;
	auto_watch struct watch watch;

	watch_init(&watch);
	vfio_init(&vfio, host, target);
	if (host->fd[HOST_DEV] < 0)
		return 0;
	if (*vfio.group)
		watch_path(&watch, host, HOST_DEV, WATCH_CLOSE, "vfio/%s", vfio.group);
	user_nodes_watch(&vfio.nodes, &watch, host);
	/* A look through all processes is not for every tenth of a second. */
	if (watch_until(&watch, is_free, &vfio, timeout_ms, vfio.has_own ? 500 : 100, err))
		return 0;
	return still_open(&vfio, err);
}
