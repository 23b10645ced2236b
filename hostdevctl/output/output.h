/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "hostdevctl/output/output-columns.h"

/*
 * Prints row_count rows on stdout; cells holds column_count strings for each, in the order of the
 * columns (not of the chosen ones), NULL where there is nothing to say. Without libsmartcols people
 * get plain lines, and programs ELIBACC.
 */
int output_print(const struct output *output, char *const *cells, size_t row_count,
		 struct error *err);
