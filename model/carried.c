// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * When a place in sysfs is at or below what a Thunderbolt controller carries.
 */
#include "model/carried.h"

#include <string.h>

bool carried_has(const struct carried *carried, const char *path)
{
	size_t length = strlen(carried->directory);

	return strncmp(path, carried->directory, length) == 0 &&
	       (path[length] == '/' || !path[length]);
}
