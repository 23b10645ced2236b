/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/cleanup.h"
#include "tests/host/check.h"
#include "tests/model/setup-world.h"

/* Calls of a made-up host that must end with a status, and what they say. */

/* What the call has said is shown where the status is another. */
static inline void must_end(struct world *world, int status, int wanted)
{
	auto_free char *said = world_said(world);

	if (status != wanted)
		print_error("%s\n", said);
	assert_int_equal(status, wanted);
}

static inline void generate(struct world *world, enum world_wish wish, int wanted)
{
	must_end(world, world_generate(world, wish, NULL), wanted);
}

static inline void undo(struct world *world, int wanted)
{
	must_end(world, world_undo(world, NULL), wanted);
}

#define assert_said(world, part)                                                                   \
	do {                                                                                       \
		auto_free char *said_ = world_said(world);                                         \
		assert_contains(said_, part);                                                      \
	} while (0)
