/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* A dump of one table of the kernel. */
struct netlink_request {
	int protocol;     /* NETLINK_ROUTE, NETLINK_GENERIC */
	uint16_t type;    /* RTM_GETLINK, ...; the number of a family of NETLINK_GENERIC */
	const void *head; /* the header of that family, of a size that is a multiple of 4 */
	size_t head_size;
	uint16_t attribute; /* one attribute, a string; text NULL: none */
	const char *text;
};

/* Gets each message of the answer: its type, and what is behind the netlink header. */
typedef void netlink_visit(void *data, uint16_t type, const void *payload, size_t length);

/*
 * Asks and calls visit for all of the answer. An answer that changed while it was given is begun
 * again: restart is then called first. EAGAIN: it changes all the time; ELIBACC: libmnl is not
 * installed; EOPNOTSUPP, ENOENT and such: the kernel's own. May block for ever, as drivers can keep
 * the lock: call from a worker.
 */
int netlink_dump(const struct netlink_request *request, void (*restart)(void *data),
		 netlink_visit *visit, void *data, struct error *err);
/* The one answer to a question that is no dump. */
int netlink_ask(const struct netlink_request *request, netlink_visit *visit, void *data,
		struct error *err);
