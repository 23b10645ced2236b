// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What all commands that print a table have in common: their options, and rows that grow.
 */
#include "hostdevctl/output/table.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

static const struct option long_options[] = {
	{"json", no_argument, NULL, 'J'},       {"raw", no_argument, NULL, 'r'},
	{"noheadings", no_argument, NULL, 'n'}, {"output", required_argument, NULL, 'o'},
	{"root", required_argument, NULL, 'R'}, {"device", required_argument, NULL, 'D'},
	{"help", no_argument, NULL, 'h'},       {0},
};

struct table_flags {
	bool json, raw;
};

/* Those of all tables and those of the command; heap. */
static struct option *all_options(const struct table_wants *wants)
{
	const size_t common = sizeof(long_options) / sizeof(long_options[0]) - 1;
	struct option *all;
	size_t own = 0;

	while (wants->options && wants->options[own].name)
		own++;
	all = xcalloc(common + own + 1, sizeof(*all));
	memcpy(all, long_options, common * sizeof(*all));
	if (own > 0)
		memcpy(all + common, wants->options, own * sizeof(*all));
	return all;
}

static bool take_own(const struct command *command, int option, const struct table_wants *wants,
		     int *ret_status)
{
	auto_free char *wrong = wants->take(wants->data, option, optarg);

	if (wrong)
		*ret_status = command_misuse(command, "%s", wrong);
	return !wrong;
}

/* One option. False: the command is over. */
static bool take_option(const struct command *command, int option, const struct table_wants *wants,
			struct output *output, struct table_request *request,
			struct table_flags *flags, int *ret_status)
{
	if (option >= TABLE_OPTION)
		return take_own(command, option, wants, ret_status);
	switch (option) {
	case 'J':
		flags->json = true;
		return true;
	case 'r':
		flags->raw = true;
		return true;
	case 'n':
		output->no_headings = true;
		return true;
	case 'R':
		request->root = optarg;
		return true;
	case 'D':
		request->device = optarg;
		return true;
	case 'o':
		request->columns = optarg;
		return true;
	case 'h':
		*ret_status = command_help(command);
		return false;
	default:
		*ret_status = command_try_help(command);
		return false;
	}
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
	if (!wants->device && request->device) {
		*ret_status = command_misuse(command, "%s has no option --device", command->name);
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
	auto_free struct option *options = all_options(wants);
	struct table_flags flags = {0};
	int option;

	while ((option = command_getopt(command, argc, argv, "Jrno:h", options)) != -1)
		if (!take_option(command, option, wants, output, &request, &flags, ret_status))
			return false;
	if (flags.json && flags.raw) {
		*ret_status = command_misuse(command, "--json and --raw exclude each other");
		return false;
	}
	if (!choose_columns(command, request.columns, output, ret_status))
		return false;
	if (!take_argument(command, argc - optind, argv + optind, wants, &request, ret_status))
		return false;
	output->format = flags.json ? OUTPUT_JSON : flags.raw ? OUTPUT_RAW : OUTPUT_COLUMNS;
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
