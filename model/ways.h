/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "model/inet.h"

/* How a disk of another machine is reached. */
struct way {
	bool has_address; /* false: the address of the other machine is not known */
	struct inet address;
	bool has_local; /* the connection comes in at this address of our own */
	struct inet local;
	char *interface; /* heap: the host's interface that the connection is bound to; or NULL */
	bool dead;       /* the connection does not work now */
};

/* All ways to one disk: while one of them works, nothing is lost with the others. */
struct ways {
	struct way *all; /* heap */
	size_t count;
};

void ways_done(struct ways *ways);
#define auto_ways cleanup(ways_done)

/* way->interface: heap, taken over. */
void ways_add(struct ways *ways, const struct way *way);
