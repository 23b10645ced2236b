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

struct output_column {
	const char *name;
	bool is_boolean; /* "yes" and "no", in JSON true and false */
};

#define OUTPUT_COLUMNS_MAX 16

struct output {
	const char *name; /* of the array in JSON */
	const struct output_column *columns;
	size_t column_count; /* at most OUTPUT_COLUMNS_MAX */
	enum output_format format;
	bool no_headings;
	size_t chosen[OUTPUT_COLUMNS_MAX]; /* columns to be printed, in this order */
	size_t chosen_count;
};

/* Chooses all columns in their own order. */
void output_choose_all(struct output *output);

/* Chooses by a list such as "ADDRESS,name". EINVAL names the word that is no column. */
int output_choose(struct output *output, const char *list, struct error *err);

bool output_is_chosen(const struct output *output, size_t column);

/*
 * Prints row_count rows on stdout; cells holds column_count strings for each, in the order of the
 * columns (not of the chosen ones), NULL where there is nothing to say. Without libsmartcols people
 * get plain lines, and programs ELIBACC.
 */
int output_print(const struct output *output, char *const *cells, size_t row_count,
		 struct error *err);
