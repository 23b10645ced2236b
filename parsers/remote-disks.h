/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "parsers/disks.h"
#include "parsers/ways.h"

/* A disk of another machine, and all ways to it. */
struct remote_disk {
	const char *protocol; /* "NVMe/TCP", "iSCSI", "nbd" */
	struct ways ways;
	char *multipath; /* heap: the disk that it is one way to ("dm-3"); NULL: itself */
	bool other_way;  /* there is a way to it that is none of these: by an adapter of its own */
	bool all_needed; /* nothing is known of how many of the ways may go */
};

void remote_disk_done(struct remote_disk *remote);

struct remote_disks {
	struct disks disks;
	struct remote_disk *remote; /* heap, one for each of the disks */
};

void remote_disks_done(struct remote_disks *disks);
#define auto_remote_disks cleanup(remote_disks_done)

/*
 * The disks that come over network interfaces. Those that an adapter has on its own, as iSCSI in
 * hardware and Fibre Channel do, are disks of that adapter (parsers/disks.h). *ret:
 * remote_disks_done.
 */
int remote_disks_read(const struct host *host, struct remote_disks *ret, struct error *err);

/*
 * The disk that a node is of or was of ("/dev/nvme1n1p2", "/dev/nbd0"), where it is not among the
 * block devices of sysfs. *ret: remote_disk_done.
 */
bool remote_disk_by_node(const struct host *host, const char *node, struct remote_disk *ret);
