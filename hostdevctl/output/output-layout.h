/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "hostdevctl/output/output-columns.h"

/*
 * How wide a table for people may be: as the terminal is, or as the environment's COLUMNS says, or
 * output->width. 0: as wide as its cells are.
 */
size_t output_layout_room(const struct output *output);

/* How wide the columns are that may have several lines. */
struct output_layout {
	size_t widths[OUTPUT_COLUMNS_MAX]; /* by place among the chosen; 0: in one line */
};

/* Columns that may wrap share the room that the others leave, each by its weight. */
struct output_layout output_layout_make(const struct output *output, char *const *cells,
					size_t row_count);

/*
 * The text in lines of that width, parted at blanks, and within a word that is longer, if it can be
 * behind a dash or slash. Heap.
 */
char *output_layout_wrap(const char *text, size_t width);
