/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/text.h"

/* Appends text without the lines that are this one; "": all of it. */
void lines_without(const char *text, const char *line, struct text *out);

/*
 * A file was changed from before to after by us, and to now by somebody else: out becomes now
 * without the lines that we have added, each of them taken out as often as we have added it. Any of
 * the first three may be empty. Whole lines are compared; a last line may lack its newline. words:
 * of ours, "" for none: they are taken out of lines that are neither ours nor those of before, such
 * as one of ours that was edited.
 */
void lines_take_out(const struct text *before, const struct text *after, const struct text *now,
		    const char *words, struct text *out);
