/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "actions/execute.h"
#include "model/cell.h"

/*
 * How cells are read by somebody who may be lost over it. Private to actions/.
 */

struct reading {
	size_t index; /* of the step */
	/* filled in: */
	int result; /* 0 or -errno */
	char value[CELL_VALUE_SIZE];
	struct error error;
};

/*
 * Reads the steps' cells; those that could block at once, in a worker each: one that does not come
 * back is no matter to the others.
 */
void readings_run(const struct execution *execution, struct reading *readings, size_t count);
