// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What all commands that print a table have in common: their options, and rows that grow.
 * Tests: ctl/list.bats, ctl/status.bats.
 */
#include "hostdevctl/output/table.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

/* The options of all tables and those of the command; heap. */
static struct command_option *all_options(const struct command_option *common,
					  const struct command_option *own)
{
	struct command_option *all = NULL;
	size_t count = 0;

	for (; common->name; common++)
		array_push(all, count, *common);
	for (; own && own->name; own++)
		array_push(all, count, *own);
	array_push(all, count, (struct command_option){0});
	return all;
}

/* When all options are known: some have columns of their own. */
static bool choose_columns(const struct command *command, const char *list, struct output *output,
			   int *ret_status)
{
	struct error err = ERROR_INIT;

	output_choose_usual(output);
	if (!list || output_choose(output, list, &err) == 0)
		return true;
	*ret_status = command_misuse(command, "%s", err.text);
	return false;
}

static bool take_argument(const struct command *command, int count, char **arguments,
			  const struct table_wants *wants, struct table_request *request,
			  int *ret_status)
{
	if ((count > (wants->argument ? 1 : 0) && !wants->more) ||
	    (count == 0 && wants->argument && !wants->optional)) {
		*ret_status = command_misuse(command, "%s takes %s", command->name,
					     wants->argument ? wants->argument : "no argument");
		return false;
	}
	request->argument = count ? arguments[0] : NULL;
	request->more = arguments + 1;
	request->more_count = count ? count - 1 : 0;
	return true;
}

bool table_options(const struct command *command, int argc, char **argv,
		   const struct table_wants *wants, struct output *output,
		   struct table_request *ret, int *ret_status)
{
	struct table_request request = {0};
	bool json = false, raw = false;
	const struct command_option common[] = {
		{"json", 'J', .flag = &json},
		{"raw", 'r', .flag = &raw},
		{"noheadings", 'n', .flag = &output->no_headings},
		{"output", 'o', .value = &request.columns},
		{"root", .value = &request.root},
		{0},
	};
	auto_free struct command_option *options = all_options(common, wants->options);

	if (!command_options(command, options, argc, argv, ret_status))
		return false;
	if (json && raw) {
		*ret_status = command_misuse(command, "--json and --raw exclude each other");
		return false;
	}
	if (!choose_columns(command, request.columns, output, ret_status))
		return false;
	if (!take_argument(command, argc - optind, argv + optind, wants, &request, ret_status))
		return false;
	output->format = json ? OUTPUT_JSON : raw ? OUTPUT_RAW : OUTPUT_COLUMNS;
	*ret = request;
	return true;
}

void table_rows_done(struct table_rows *rows)
{
	for (size_t i = 0; i < rows->count * rows->column_count; i++)
		free(rows->cells[i]);
	free(rows->cells);
	rows->cells = NULL;
}

char **table_rows_add(struct table_rows *rows)
{
	char **row;

	rows->cells = xreallocarray(rows->cells, (rows->count + 1) * rows->column_count,
				    sizeof(*rows->cells));
	row = rows->cells + rows->count++ * rows->column_count;
	memset(row, 0, rows->column_count * sizeof(*row));
	return row;
}
