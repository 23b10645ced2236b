// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * When a place in sysfs is at or below what a Thunderbolt controller carries.
 */
#include "model/carried.h"

#include <stdlib.h>
#include <string.h>

void carried_done(struct carried *carried)
{
	free(carried->directory);
	memset(carried, 0, sizeof(*carried));
}

bool carried_has(const struct carried *carried, const char *path)
{
	size_t length = strlen(carried->directory);

	return strncmp(path, carried->directory, length) == 0 &&
	       (path[length] == '/' || !path[length]);
}
