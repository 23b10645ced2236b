/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum output_format {
	OUTPUT_COLUMNS, /* for people */
	OUTPUT_RAW,     /* fields separated by one blank, blanks in them as \x20 */
	OUTPUT_JSON,
};

enum output_type {
	OUTPUT_TEXT,
	OUTPUT_BOOLEAN, /* "yes" and "no", in JSON true and false */
	OUTPUT_NUMBER,  /* flush right for people */
};

struct output_column {
	const char *name;
	enum output_type type;
	bool on_request; /* not printed unless it is asked for */
	/*
	 * More than 0: where there is no room for the whole table, cells have several lines, and
	 * the columns that may do so get their room in these proportions.
	 */
	unsigned int wrap;
};

/* What a row of a tree has beside its cells. */
struct output_line {
	size_t parent;     /* a row that stands before this one, or OUTPUT_NO_PARENT */
	const char *color; /* as terminals spell it ("\033[32m"); NULL: none */
};

#define OUTPUT_NO_PARENT ((size_t)-1)

#define OUTPUT_COLUMNS_MAX 16

struct output {
	const char *name; /* of the array in JSON */
	const struct output_column *columns;
	size_t column_count; /* at most OUTPUT_COLUMNS_MAX */
	enum output_format format;
	bool no_headings;
	size_t chosen[OUTPUT_COLUMNS_MAX]; /* columns to be printed, in this order */
	size_t chosen_count;
	/*
	 * One for each row where the rows are a tree, and NULL where they are not. People see the
	 * tree in the first of the columns that is chosen, if it is column 0; in JSON, rows have
	 * the rows below them as their "children".
	 */
	const struct output_line *lines;
	bool color; /* lines may be coloured */
	/* Where neither a terminal nor COLUMNS says how much room there is; 0: as much as it takes.
	 */
	size_t width;
};

/* Chooses the columns that need not be asked for, in their own order. */
void output_choose_usual(struct output *output);

/*
 * Chooses by a list such as "ADDRESS,name"; "+ADDRESS,name" are the usual columns, and behind them
 * those of the list that are no usual ones. EINVAL names the word that is no column, and all
 * columns.
 */
int output_choose(struct output *output, const char *list, struct error *err);

bool output_is_chosen(const struct output *output, size_t column);
