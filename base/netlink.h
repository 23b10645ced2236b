/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* A question to the kernel: for all of one table (a "dump"), or for one answer. */
struct netlink_request {
	int protocol;     /* NETLINK_ROUTE, NETLINK_GENERIC */
	uint16_t type;    /* RTM_GETLINK, ...; the number of a family of NETLINK_GENERIC */
	const void *head; /* the header that this protocol wants; its size is a multiple of 4 */
	size_t head_size;
	uint16_t attribute; /* the number of one attribute; text is its value; text NULL: none */
	const char *text;
};

/* Is called for each message of the answer, with its type and what is behind its header. */
typedef void netlink_visit(void *data, uint16_t type, const void *payload, size_t length);

/*
 * Asks the kernel and calls visit for each message of the answer. If the table has changed
 * meanwhile, the kernel is asked again: restart is called before that. Errors: EAGAIN: the table
 * changes all the time; ELIBACC: libmnl is not installed; any other is the kernel's answer. May
 * block for ever, as drivers can keep the kernel's lock: to be called by a worker.
 */
int netlink_dump(const struct netlink_request *request, void (*restart)(void *data),
		 netlink_visit *visit, void *data, struct error *err);
/* The same for a question with one answer. */
int netlink_ask(const struct netlink_request *request, netlink_visit *visit, void *data,
		struct error *err);
