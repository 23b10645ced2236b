/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tests/model/setup-world.h"

/* On a kind of host, what is applied first, -1: nothing; and over it what is struck. */
struct pair {
	enum world_kind kind;
	int first;
	enum world_wish wish;
};

#define PAIRS 10
extern const struct pair pairs[PAIRS];

/* The host with the first in force. */
struct world *pair_begin(const struct pair *pair);
/* How many calls or actions (world_calls, world_actions) the second has, or the undo of both. */
int pair_count(const struct pair *pair, int (*counted)(const struct world *world), bool of_undo);
