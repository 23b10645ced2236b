// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a start of the host looks for on its disks, as a list.
 * Tests: generator/previews.bats.
 */
#include "model/wants.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

void wants_done(struct wants *wants)
{
	for (size_t i = 0; i < wants->count; i++) {
		free(wants->all[i].what);
		free(wants->all[i].how);
		free(wants->all[i].help);
	}
	free(wants->all);
	free(wants->asked);
	memset(wants, 0, sizeof(*wants));
}
