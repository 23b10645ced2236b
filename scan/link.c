// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How sysfs spells its links: the way up to its root, then the device's directory.
 * Tests: unit/test-carried.c.
 */
#include "scan/link.h"

#include <string.h>
#include <unistd.h>

#include "base/text.h"

bool link_path(const struct host *host, const char *link, char path[LINK_PATH_SIZE])
{
	char target[LINK_PATH_SIZE];
	ssize_t length = readlinkat(host->fd[HOST_SYS], link, target, sizeof(target) - 1);
	const char *from = target;

	if (length < 0)
		return false;
	target[length] = '\0';
	while (text_starts(from, "../"))
		from += strlen("../");
	strcpy(path, from);
	return true;
}
