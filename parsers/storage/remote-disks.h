/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "model/ways.h"
#include "parsers/storage/disks.h"

/* A disk of another machine, and all ways to it. */
struct remote_disk {
	const char *protocol; /* "NVMe/TCP", "iSCSI", "nbd" */
	struct ways ways;
	char *multipath; /* heap: the multipath disk that this disk is a way to ("dm-3"); or NULL */
	bool other_way;  /* one more way leads to the disk: an adapter that has it on its own */
	bool all_needed; /* it is not known how many of the ways can be spared */
};

void remote_disk_done(struct remote_disk *remote);

struct remote_disks {
	struct disks disks;
	struct remote_disk *remote; /* heap: one for each of disks */
};

void remote_disks_done(struct remote_disks *disks);
#define auto_remote_disks cleanup(remote_disks_done)

/*
 * The disks that come over network interfaces. A disk that an adapter has on its own (iSCSI in
 * hardware, Fibre Channel) is no such disk, but one of that adapter (parsers/storage/disks.h).
 * *ret: remote_disks_done.
 */
int remote_disks_read(const struct host *host, struct remote_disks *ret, struct error *err);

/*
 * The disk to which a node ("/dev/nvme1n1p2", "/dev/nbd0") belongs or belonged. False if the disk
 * is among the block devices of sysfs, or is no disk of this kind. *ret: remote_disk_done.
 */
bool remote_disk_by_node(const struct host *host, const char *node, struct remote_disk *ret);
