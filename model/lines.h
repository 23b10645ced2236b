/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/text.h"

/*
 * Appends a line without these words, which somebody may have edited since: all of them as they
 * were written, or, where the first of them is still there, each that is. A word ends at a blank, a
 * quote or a brace; one blank goes with it.
 */
void line_without_words(const char *line, size_t length, const char *words, struct text *out);

/*
 * Appends text without the lines that are this one; "": all of it. words: "" for none; they are
 * taken out of all other lines.
 */
void lines_without(const char *text, const char *line, const char *words, struct text *out);

/*
 * A file was changed from before to after by us, and to now by somebody else: out becomes now
 * without the lines that we have added, each of them taken out as often as we have added it. Any of
 * the first three may be empty. Whole lines are compared; a last line may lack its newline. words:
 * of ours, "" for none: they are taken out of lines that are neither ours nor those of before, such
 * as one of ours that was edited.
 */
void lines_take_out(const struct text *before, const struct text *after, const struct text *now,
		    const char *words, struct text *out);
