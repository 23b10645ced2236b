// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is known of the networks behind a host's interfaces, as a list.
 */
#include "model/links.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

void links_done(struct links *links)
{
	for (size_t i = 0; i < links->count; i++)
		free(links->all[i].name);
	free(links->all);
	memset(links, 0, sizeof(*links));
}
