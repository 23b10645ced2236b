// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a step that went wrong is told: by what its device or unit is, and what was asked of it.
 */
#include "model/step-words.h"

#include <string.h>

#include "base/cleanup.h"
#include "model/cell.h"

static char *driver_failed(const char *target, const char *text)
{
	struct driver_value value;

	if (driver_value_parse(text, &value) && *value.driver)
		return xasprintf("%s could not be bound to %s", target, value.driver);
	return xasprintf("%s could not be unbound from its driver", target);
}

char *step_words_failed(const struct step *step, const char *value)
{
	const char *target = step->target;

	switch (step->kind) {
	case STEP_MODULE:
		return xasprintf("the module %s could not be loaded", target);
	case STEP_POWER:
		if (text_starts(value, "on"))
			return xasprintf("%s could not be kept awake", target);
		return xasprintf("%s could not get its power management back", target);
	case STEP_DRIVER:
		return driver_failed(target, value);
	case STEP_UNIT:
		return xasprintf("the unit %s could not be %s", target,
				 text_starts(value, "active") ? "started" : "stopped");
	case STEP_UDEV:
		return xasprintf("udev did not take up that %s %s", target,
				 strcmp(value, "known") == 0 ? "is back" : "goes away");
	case STEP_VTCONSOLE:
		return xasprintf("the console %s could not be %s", target, value);
	case STEP_FRAMEBUFFER:
		if (strcmp(value, "none") == 0)
			return xasprintf("the framebuffer %s could not be unbound", target);
		return xasprintf("the framebuffer %s could not be bound to %s", target, value);
	default:
		return xasprintf("%s %s could not become %s", step_kind_name(step->kind), target,
				 value);
	}
}

char *step_words_state(const struct step *step, const char *value)
{
	struct driver_value driver;

	if (step->kind != STEP_DRIVER || !driver_value_parse(value, &driver))
		return xasprintf("%s %s is %s", step_kind_name(step->kind), step->target, value);
	return xasprintf("%s is bound to %s%s%s%s", step->target,
			 *driver.driver ? driver.driver : "no driver",
			 *driver.override ? " (its driver_override is " : "", driver.override,
			 *driver.override ? ")" : "");
}
