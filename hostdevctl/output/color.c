// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whether an answer is coloured. The only file of the product that asks the environment for
 * anything: NO_COLOR and TERM are how people tell all programs, and decide about nothing else.
 * Tests: ctl/list.bats, ctl/status.bats.
 */
#include "hostdevctl/output/color.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

bool color_parse(const char *word, enum color_when *ret)
{
	static const char *const words[] = {
		[COLOR_AUTO] = "auto", [COLOR_ALWAYS] = "always", [COLOR_NEVER] = "never"};

	if (!word)
		word = words[COLOR_ALWAYS];
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(word, words[i]) == 0) {
			*ret = (enum color_when)i;
			return true;
		}
	return false;
}

bool color_wanted(enum color_when when)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	if (when != COLOR_AUTO)
		return when == COLOR_ALWAYS;
	/* An empty NO_COLOR counts as none. */
	return !(no_color && *no_color) && term && *term && !text_equal(term, "dumb") &&
	       isatty(STDOUT_FILENO);
}
