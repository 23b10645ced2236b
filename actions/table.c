// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which kind of cell is worked by which file: the only list of them.
 */
#include "actions/table.h"

static const struct step_ops *const table[STEP_KINDS] = {
	[STEP_MODULE] = &module_ops,
	[STEP_POWER] = &power_ops,
	[STEP_DRIVER] = &driver_ops,
};

const struct step_ops *step_ops(enum step_kind kind)
{
	return table[kind];
}
