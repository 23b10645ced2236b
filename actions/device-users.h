/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "actions/watch.h"
#include "base/error.h"
#include "base/host.h"
#include "base/text.h"
#include "model/node.h"

/*
 * Which processes have devices open: for the gates, and for waiting until a guest has closed its
 * devices. Private to actions/.
 */

/*
 * The nodes that belong to these devices alone. A node that several devices share does not tell
 * which of them a process uses, and is left out; so are clocks.
 */
struct user_nodes {
	struct node *nodes;
	size_t count;
};

int user_nodes_read(const struct host *host, const struct pci_addr *addrs, size_t count,
		    struct user_nodes *ret, struct error *err);
void user_nodes_done(struct user_nodes *nodes);
#define auto_user_nodes __attribute__((__cleanup__(user_nodes_done)))

/* The watch wakes up when a process closes one of the nodes. */
void user_nodes_watch(const struct user_nodes *nodes, struct watch *watch, const struct host *host);

/* "process 812 (mpv)" */
void device_users_name_process(const struct host *host, int pid, struct text *out);

struct device_users {
	struct text who;      /* "process 812 (mpv) holds /dev/dri/card1 and 2 more" */
	struct pci_addr addr; /* the device to which the first of these nodes belongs */
};

void device_users_done(struct device_users *answer);
#define auto_device_users __attribute__((__cleanup__(device_users_done)))

/*
 * Looks for processes that hold one of the nodes. 1: there are some, and *ret names them; 0: there
 * are none. A process that cannot be looked into counts as holding one. *ret must be zeroed, or the
 * answer of an earlier call.
 */
int device_users_find(const struct host *host, const struct user_nodes *nodes,
		      struct device_users *ret, struct error *err);

/*
 * The same for all nodes of the devices, again and again for up to wait_ms, until no process holds
 * one. Returns the last answer. The nodes are looked up anew each time.
 */
int device_users_wait(const struct host *host, const struct pci_addr *addrs, size_t count,
		      unsigned int wait_ms, struct device_users *ret, struct error *err);
