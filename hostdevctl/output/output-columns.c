// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which columns of a table are printed: the usual ones, or those that --output lists.
 * Tests: ctl/list.bats, ctl/status.bats.
 */
#include "hostdevctl/output/output-columns.h"

#include <errno.h>
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
