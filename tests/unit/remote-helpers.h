/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What other machines' disks and file systems are made of, on the machine of network-helpers.h. */
#include "tests/unit/network-helpers.h"

#include <stdio.h>
#include <sys/sysmacros.h>

#include "base/text.h"

static inline void mounts(struct testhost *host, const char *lines)
{
	tree_file(host->root_fd, "proc/1/mountinfo", "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n%s",
		  lines);
}

/* A class device, with its class's link. */
static inline void class_device(struct testhost *host, const char *class, const char *dir)
{
	auto_free char *link = xasprintf("sys/class/%s/%s", class, strrchr(dir, '/') + 1);
	auto_free char *folder = xasprintf("sys/%s", dir);

	tree_dir(host->root_fd, folder);
	tree_link(host->root_fd, link, folder);
}

/* With numbers that no driver has: to open such a disk fails on every machine. */
static inline void block(struct testhost *host, const char *dir, const char *number)
{
	auto_free char *dev = xasprintf("sys/%s/dev", dir);
	auto_free char *node = xasprintf("dev/%s", strrchr(dir, '/') + 1);
	unsigned int major, minor;

	assert_int_equal(sscanf(number, "%u:%u", &major, &minor), 2);
	class_device(host, "block", dir);
	tree_file(host->root_fd, dev, "%s\n", number);
	tree_node(host->root_fd, node, true, makedev(major, minor));
}

static inline void attribute(struct testhost *host, const char *path, const char *value)
{
	auto_free char *full = xasprintf("sys/%s", path);

	tree_file(host->root_fd, full, "%s\n", value);
}

static inline void iscsi_disk(struct testhost *host, unsigned int number, const char *portal,
			      const char *disk, const char *device)
{
	auto_free char *dir = xasprintf("devices/platform/host%u/session%u/target%u:0:0/x/block/%s",
					number, number, number, disk);
	auto_free char *address =
		xasprintf("class/iscsi_connection/connection%u:0/persistent_address", number);
	auto_free char *session = xasprintf("class/iscsi_session/session%u/state", number);

	block(host, dir, device);
	attribute(host, address, portal);
	attribute(host, session, "LOGGED_IN");
}
