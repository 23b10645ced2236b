// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A list of ways to one thing of another machine. Tests: unit/test-remotes.c.
 */
#include "model/ways.h"

#include <stdlib.h>

#include "base/text.h"

void ways_done(struct ways *ways)
{
	for (size_t i = 0; i < ways->count; i++)
		free(ways->all[i].interface);
	free(ways->all);
	*ways = (struct ways){0};
}

void ways_add(struct ways *ways, const struct way *way)
{
	array_push(ways->all, ways->count, *way);
}
