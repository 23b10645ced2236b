// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tables as util-linux prints them: aligned, raw or JSON, columns by choice. The only file that
 * includes libsmartcols.
 */
#include "hostdevctl/output.h"

#include <errno.h>
#include <libsmartcols.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/text.h"

void output_choose_all(struct output *output)
{
	for (size_t i = 0; i < output->column_count; i++)
		output->chosen[i] = i;
	output->chosen_count = output->column_count;
}

static int choose_one(struct output *output, const char *name, size_t length, struct error *err)
{
	for (size_t i = 0; i < output->column_count; i++) {
		const char *column = output->columns[i].name;

		if (strlen(column) != length || strncasecmp(column, name, length) != 0)
			continue;
		/* Twice would make two members of one name in JSON. */
		if (output_is_chosen(output, i))
			return error_set(err, EINVAL, "column %s is listed twice", column);
		output->chosen[output->chosen_count++] = i;
		return 0;
	}
	return error_set(err, EINVAL, "unknown column \"%.*s\"", (int)length, name);
}

int output_choose(struct output *output, const char *list, struct error *err)
{
	output->chosen_count = 0;
	for (const char *at = list;; at++) {
		size_t length = strcspn(at, ",");
		int ret = choose_one(output, at, length, err);

		if (ret < 0)
			return ret;
		at += length;
		if (!*at)
			return 0;
	}
}

bool output_is_chosen(const struct output *output, size_t column)
{
	for (size_t i = 0; i < output->chosen_count; i++)
		if (output->chosen[i] == column)
			return true;
	return false;
}

static void table_unref(struct libscols_table **table)
{
	scols_unref_table(*table);
}

static int add_columns(struct libscols_table *table, const struct output *output)
{
	for (size_t i = 0; i < output->chosen_count; i++) {
		const struct output_column *column = &output->columns[output->chosen[i]];
		struct libscols_column *added = scols_table_new_column(table, column->name, 0, 0);

		if (!added ||
		    scols_column_set_json_type(added, column->is_boolean ? SCOLS_JSON_BOOLEAN
									 : SCOLS_JSON_STRING))
			return -ENOMEM;
	}
	return 0;
}

static int add_row(struct libscols_table *table, const struct output *output, char *const *cells)
{
	struct libscols_line *line = scols_table_new_line(table, NULL);

	if (!line)
		return -ENOMEM;
	for (size_t i = 0; i < output->chosen_count; i++)
		if (cells[output->chosen[i]] &&
		    scols_line_set_data(line, i, cells[output->chosen[i]]))
			return -ENOMEM;
	return 0;
}

int output_print(const struct output *output, char *const *cells, size_t row_count,
		 struct error *err)
{
	cleanup(table_unref) struct libscols_table *table = NULL;
	int ret;

	scols_init_debug(0);
	table = scols_new_table();
	if (!table)
		return error_errno(err, ENOMEM, "libsmartcols");
	ret = scols_table_set_name(table, output->name);
	if (ret == 0)
		ret = scols_table_enable_json(table, output->format == OUTPUT_JSON);
	if (ret == 0)
		ret = scols_table_enable_raw(table, output->format == OUTPUT_RAW);
	if (ret == 0)
		ret = scols_table_enable_noheadings(table, output->no_headings);
	if (ret == 0)
		ret = add_columns(table, output);
	for (size_t i = 0; ret == 0 && i < row_count; i++)
		ret = add_row(table, output, cells + i * output->column_count);
	if (ret == 0)
		ret = scols_print_table(table);
	return ret ? error_errno(err, ret < 0 ? -ret : EIO, "libsmartcols") : 0;
}
