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

/* Whatever somebody typed, the columns behind it must be seen. */
#define NAME_SHOWN_MAX 40

void output_choose_usual(struct output *output)
{
	output->chosen_count = 0;
	for (size_t i = 0; i < output->column_count; i++)
		if (!output->columns[i].on_request)
			output->chosen[output->chosen_count++] = i;
}

static int refuse_unknown(const struct output *output, const char *name, size_t length,
			  struct error *err)
{
	auto_text struct text names = TEXT_INIT;

	for (size_t i = 0; i < output->column_count; i++)
		text_printf(&names, "%s%s", i > 0 ? ", " : "", output->columns[i].name);
	return error_set(err, EINVAL, "unknown column \"%.*s\"; the columns are %s",
			 (int)(length < NAME_SHOWN_MAX ? length : NAME_SHOWN_MAX), name,
			 names.data);
}

/* adds: a column that is chosen already is there, which is what was asked for. */
static int choose_one(struct output *output, const char *name, size_t length, bool adds,
		      struct error *err)
{
	for (size_t i = 0; i < output->column_count; i++) {
		const char *column = output->columns[i].name;

		if (strlen(column) != length || strncasecmp(column, name, length) != 0)
			continue;
		if (adds && output_is_chosen(output, i))
			return 0;
		/* Twice would make two members of one name in JSON. */
		if (output_is_chosen(output, i))
			return error_set(err, EINVAL, "column %s is listed twice", column);
		output->chosen[output->chosen_count++] = i;
		return 0;
	}
	return refuse_unknown(output, name, length, err);
}

int output_choose(struct output *output, const char *list, struct error *err)
{
	bool adds = *list == '+';

	if (adds)
		output_choose_usual(output);
	else
		output->chosen_count = 0;
	for (const char *at = list + adds;; at++) {
		size_t length = strcspn(at, ",");
		int ret = choose_one(output, at, length, adds, err);

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

static int json_type(enum output_type type)
{
	switch (type) {
	case OUTPUT_BOOLEAN:
		return SCOLS_JSON_BOOLEAN;
	case OUTPUT_NUMBER:
		return SCOLS_JSON_NUMBER;
	default:
		return SCOLS_JSON_STRING;
	}
}

static int add_columns(struct libscols_table *table, const struct output *output)
{
	for (size_t i = 0; i < output->chosen_count; i++) {
		const struct output_column *column = &output->columns[output->chosen[i]];
		int flags = column->type == OUTPUT_NUMBER ? SCOLS_FL_RIGHT : 0;
		struct libscols_column *added =
			scols_table_new_column(table, column->name, 0, flags);

		if (!added || scols_column_set_json_type(added, json_type(column->type)))
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
