/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <sys/types.h>

enum cgroup_maker {
	CGROUP_DOCKER,
	CGROUP_PODMAN,
	CGROUP_NERDCTL,
	CGROUP_KUBERNETES, /* containerd or CRI-O below a kubelet */
	CGROUP_LXC,        /* LXC, LXD, Incus, Proxmox VE */
	CGROUP_MACHINE,    /* systemd-machined */
	CGROUP_OTHER,      /* somebody who names a group by a whole id, as Docker does */
};

/* What its control group tells of a process. Heap strings; NULL: nothing. */
struct cgroup {
	char *unit; /* the unit of systemd: "gdm.service", "session-2.scope"; as systemd spells it
		     */
	uid_t manager;   /* whose manager has that unit; 0: the system's */
	char *session;   /* logind's id, of a session's scope */
	char *container; /* "docker-0123456789ab", "lxc-web"; escaped to be part of a line */
	enum cgroup_maker maker; /* who keeps that container */
	char *container_id;      /* whole, as its manager knows it: an id or a name; not escaped */
	char *guest;             /* of a scope that libvirt made for a guest; escaped as well */
};

void cgroup_done(struct cgroup *cgroup);

/* Reads the text of /proc/PID/cgroup: of version 2, or what systemd has in version 1. */
void cgroup_parse(const char *text, struct cgroup *ret);
