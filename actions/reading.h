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
 * Reads the steps' cells in their order; those that could block all in one child. The first of them
 * that does not come back has failed, and those behind it have not been read (-ECANCELED).
 */
void readings_run(const struct execution *execution, struct reading *readings, size_t count);
