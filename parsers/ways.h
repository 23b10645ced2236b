/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "parsers/inet.h"

/* How something of another machine is reached. */
struct way {
	bool has_address; /* false: there is another machine, and where is not known */
	struct inet address;
	bool has_local; /* it comes in at this address of our own */
	struct inet local;
	char *interface; /* heap: it is bound to this interface of our own; NULL: to none */
	bool dead;       /* it does not work now */
};

/* Ways to the same thing: while one of them works, nothing is lost with the others. */
struct ways {
	struct way *all; /* heap */
	size_t count;
};

void ways_done(struct ways *ways);
#define auto_ways cleanup(ways_done)

/* way->interface: heap, taken over. */
void ways_add(struct ways *ways, const struct way *way);
