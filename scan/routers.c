// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the kernel shows of the devices on the cables of a Thunderbolt controller ("routers").
 * Tests: unit/test-carried.c, model/test-survey.c.
 */
#include "scan/routers.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "scan/link.h"

/* "0-301" is a router on a cable, "0-0" the controller's own; others have a dot or a colon. */
static bool is_router(const char *name)
{
	unsigned long long route;
	unsigned int domain;
	int end = 0;

	return sscanf(name, "%9u-%16llx%n", &domain, &route, &end) == 2 && !name[end] && route != 0;
}

/* Below another controller? What is no link does not tell. */
static bool is_elsewhere(const struct host *host, const char *controller, const char *name)
{
	char link[LINK_PATH_SIZE], path[LINK_PATH_SIZE];
	size_t length = strlen(controller);

	snprintf(link, sizeof(link), "bus/thunderbolt/devices/%.64s", name);
	return link_path(host, link, path) &&
	       (strncmp(path, controller, length) != 0 || path[length] != '/');
}

/* Where the firmware forbids PCI tunnels there is no such file. */
static bool is_authorized(const struct host *host, const char *name)
{
	char text[16];

	return host_read(host, HOST_SYS, text, sizeof(text), NULL,
			 "bus/thunderbolt/devices/%s/authorized", name) == 0 &&
	       strcmp(text, "0") != 0;
}

bool routers_any(const struct host *host, const char *controller, bool authorized)
{
	cleanup(host_free_names) char **names = NULL;

	if (host_list(host, HOST_SYS, &names, NULL, NULL, "bus/thunderbolt/devices") < 0)
		return false;
	for (size_t i = 0; names[i]; i++)
		if (is_router(names[i]) && !is_elsewhere(host, controller, names[i]) &&
		    (!authorized || is_authorized(host, names[i])))
			return true;
	return false;
}
