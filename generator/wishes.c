// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the command line asks for, as the generated files tell it. Tests: unit/test-static.c.
 */
#include "generator/wishes.h"

#include "base/cleanup.h"

void wishes_add_header(const struct generate_wishes *wishes, struct text *out)
{
	auto_free char *arguments = text_escape(wishes->arguments);

	text_printf(
		out,
		"# Written by hostdev-hook: hostdevctl generate %s\n"
		"# Run that again to change it, and \"hostdevctl generate undo --apply\" to take "
		"it back.\n",
		arguments);
}
