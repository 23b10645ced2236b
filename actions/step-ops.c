// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which kind of cell is worked by which file: the only list of them.
 * Tests: unit/test-execute.c, unit/test-limits.c.
 */
#include "actions/step-ops.h"

static const struct step_ops *const table[STEP_LEND_KINDS] = {
	[STEP_MODULE] = &module_ops,
	[STEP_POWER] = &power_ops,
	[STEP_DRIVER] = &driver_ops,
	[STEP_UNIT] = &unit_ops,
	[STEP_UDEV] = &udev_ops,
	[STEP_VTCONSOLE] = &vtconsole_ops,
	[STEP_FRAMEBUFFER] = &framebuffer_ops,
	[STEP_PROCESS] = &process_ops,
	[STEP_HOLDERS] = &holders_ops,
};

const struct step_ops *step_ops(enum step_kind kind)
{
	return table[kind];
}

unsigned int step_timeout_ms(enum step_kind kind, const char *from, const char *to,
			     const struct limits *limits)
{
	const struct step_ops *ops = table[kind];

	return ops->timeout_for ? ops->timeout_for(from, to, limits) : ops->timeout_ms;
}

unsigned int step_pause_ms(enum step_kind kind, const char *from, const char *to,
			   const struct limits *limits)
{
	const struct step_ops *ops = table[kind];

	return ops->pause_for ? ops->pause_for(from, to, limits) : 0;
}
