/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "actions/watch.h"
#include "base/error.h"
#include "base/host.h"
#include "base/text.h"
#include "model/node.h"

/*
 * Who has devices open, as the gates and whoever waits for a guest to let go ask. Private to
 * actions/.
 */

/*
 * The nodes of some devices that are theirs alone: who holds a shared one may mean another. Clocks
 * are left out.
 */
struct user_nodes {
	struct node *nodes;
	size_t count;
};

int user_nodes_read(const struct host *host, const struct pci_addr *addrs, size_t count,
		    struct user_nodes *ret, struct error *err);
void user_nodes_done(struct user_nodes *nodes);
#define auto_user_nodes __attribute__((__cleanup__(user_nodes_done)))

/* Wakes up when somebody closes one of them. */
void user_nodes_watch(const struct user_nodes *nodes, struct watch *watch, const struct host *host);

/* "process 812 (mpv)" */
void device_users_name_process(const struct host *host, int pid, struct text *out);

struct device_users {
	struct text who;      /* "process 812 (mpv) holds /dev/dri/card1 and 2 more" */
	struct pci_addr addr; /* whose node the first of them holds */
};

void device_users_done(struct device_users *answer);
#define auto_device_users __attribute__((__cleanup__(device_users_done)))

/*
 * Looks for anybody who holds one: 1 and the answer, or 0: nobody does. What could not be looked
 * into counts as holding. *ret: zeroed, or the answer of before.
 */
int device_users_find(const struct host *host, const struct user_nodes *nodes,
		      struct device_users *ret, struct error *err);

/*
 * The same of all nodes that the devices have, asked again for up to wait_ms until nobody holds
 * one; what it says is the last answer. Each time the nodes are looked for anew.
 */
int device_users_wait(const struct host *host, const struct pci_addr *addrs, size_t count,
		      unsigned int wait_ms, struct device_users *ret, struct error *err);
