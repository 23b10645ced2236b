// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tables as util-linux prints them: aligned, raw or JSON, columns by choice. The only file that
 * includes libsmartcols, which it opens when there is something to print: what was found or done
 * must be told without it, too. Tests: ctl/list.bats, ctl/status.bats.
 */
#include "hostdevctl/output/output.h"

#include <errno.h>
#include <libsmartcols.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/library.h"
#include "base/text.h"
#include "hostdevctl/command.h"
#include "hostdevctl/output/json.h"
#include "hostdevctl/output/output-layout.h"

LIBRARY_NOTE(LIBRARY_SMARTCOLS, "tables", "Prints tables and JSON", "recommended");

/* clang-format off */
#define SMARTCOLS_FUNCTIONS(use) \
	use(scols_init_debug, init_debug) \
	use(scols_new_table, new_table) \
	use(scols_unref_table, unref_table) \
	use(scols_table_set_name, set_name) \
	use(scols_table_enable_json, enable_json) \
	use(scols_table_enable_raw, enable_raw) \
	use(scols_table_enable_noheadings, enable_noheadings) \
	use(scols_table_enable_noencoding, enable_noencoding) \
	use(scols_table_enable_ascii, enable_ascii) \
	use(scols_table_new_column, new_column) \
	use(scols_column_set_json_type, set_json_type) \
	use(scols_column_set_wrapfunc, set_wrapfunc) \
	use(scols_wrapnl_chunksize, wrapnl_chunksize) \
	use(scols_wrapnl_nextchunk, wrapnl_nextchunk) \
	use(scols_table_new_line, new_line) \
	use(scols_line_set_data, set_data) \
	use(scols_table_enable_colors, enable_colors) \
	use(scols_line_set_color, set_color) \
	use(scols_print_table, print) \
	use(scols_print_table_to_string, print_to_string)
/* clang-format on */

/* The functions used of libsmartcols, by the types its header gives them. */
struct smartcols {
	void *handle;
	SMARTCOLS_FUNCTIONS(LIBRARY_POINTER)
};

static int smartcols_open(struct smartcols *library, struct error *err)
{
	const struct library_symbol symbols[] = {SMARTCOLS_FUNCTIONS(LIBRARY_SYMBOL)};

	return library_open(LIBRARY_SMARTCOLS, "libsmartcols", symbols,
			    sizeof(symbols) / sizeof(symbols[0]), &library->handle, err);
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

/* One table, and the library that it lives on. */
struct table {
	struct smartcols smartcols;
	struct libscols_table *scols;
	struct output_layout layout;
};

static void table_done(struct table *table)
{
	if (table->scols)
		table->smartcols.unref_table(table->scols);
	library_close(&table->smartcols.handle);
}

/* In JSON the rows below others must be so whichever columns are printed. */
static bool is_tree(const struct output *output, size_t place)
{
	return output->lines && place == 0 &&
	       (output->chosen[0] == 0 || output->format == OUTPUT_JSON);
}

static int column_flags(const struct table *table, const struct output *output, size_t place)
{
	const struct output_column *column = &output->columns[output->chosen[place]];

	return (column->type == OUTPUT_NUMBER ? SCOLS_FL_RIGHT : 0) |
	       (table->layout.widths[place] > 0 ? SCOLS_FL_WRAP : 0) |
	       (is_tree(output, place) ? SCOLS_FL_TREE : 0);
}

/* In JSON "USED-BY" is used_by, for which jq(1) needs no quotes; the library makes letters small.
 */
static char *column_name(const struct output *output, const char *name)
{
	char *given = xstrdup(name);

	for (char *at = given; output->format == OUTPUT_JSON && *at; at++)
		if (*at == '-')
			*at = '_';
	return given;
}

static int add_columns(const struct table *table, const struct output *output)
{
	const struct smartcols *smartcols = &table->smartcols;

	for (size_t i = 0; i < output->chosen_count; i++) {
		const struct output_column *column = &output->columns[output->chosen[i]];
		auto_free char *name = column_name(output, column->name);
		struct libscols_column *added = smartcols->new_column(
			table->scols, name, 0, column_flags(table, output, i));

		if (!added || smartcols->set_json_type(added, json_type(column->type)) ||
		    (table->layout.widths[i] > 0 &&
		     smartcols->set_wrapfunc(added, smartcols->wrapnl_chunksize,
					     smartcols->wrapnl_nextchunk, NULL)))
			return -ENOMEM;
	}
	return 0;
}

/*
 * The library puts bytes that are no UTF-8 into JSON as they are, which makes it void, and shows
 * people "\x5c" for the backslash of what is escaped already. Its raw form is safe.
 */
static char *cell_text(const struct output *output, const char *cell, size_t width)
{
	auto_free char *safe = NULL;

	if (output->format == OUTPUT_RAW)
		return xstrdup(cell);
	safe = command_escape(cell);
	return width > 0 ? output_layout_wrap(safe, width) : xstrdup(safe);
}

static int add_row(const struct table *table, const struct output *output, char *const *cells,
		   struct libscols_line *parent, struct libscols_line **ret)
{
	struct libscols_line *line = table->smartcols.new_line(table->scols, parent);

	if (!line)
		return -ENOMEM;
	for (size_t i = 0; i < output->chosen_count; i++) {
		const char *cell = cells[output->chosen[i]];
		auto_free char *text =
			cell ? cell_text(output, cell, table->layout.widths[i]) : NULL;

		if (text && table->smartcols.set_data(line, i, text))
			return -ENOMEM;
	}
	*ret = line;
	return 0;
}

static int add_rows(const struct table *table, const struct output *output, char *const *cells,
		    size_t row_count)
{
	auto_free struct libscols_line **added = xcalloc(row_count, sizeof(struct libscols_line *));
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < row_count; i++) {
		const struct output_line *line = output->lines ? &output->lines[i] : NULL;
		bool below = line && line->parent != OUTPUT_NO_PARENT;

		ret = add_row(table, output, cells + i * output->column_count,
			      below ? added[line->parent] : NULL, &added[i]);
		if (ret == 0 && output->color && line && line->color)
			ret = table->smartcols.set_color(added[i], line->color);
	}
	return ret;
}

/* The library knows no members beside its table: the version stands in front of that. */
static int print_json(const struct table *table)
{
	auto_free char *json = NULL;
	int ret = table->smartcols.print_to_string(table->scols, &json);
	size_t inside;

	if (ret)
		return ret;
	if (*json != '{')
		return -EIO;
	inside = strlen("{") + strspn(json + strlen("{"), " \n\t");
	printf(JSON_OPENING "%s", json + inside);
	if (!text_ends(json, "\n"))
		putchar('\n');
	return 0;
}

/*
 * Names are UTF-8 wherever this program prints them, and so the library must count their letters.
 * In the locale of a program that has chosen none it takes each of their bytes for a control
 * character.
 */
struct utf8 {
	locale_t own, before;
};

static void utf8_begin(struct utf8 *utf8)
{
	utf8->own = newlocale(LC_CTYPE_MASK, "C.UTF-8", NULL);
	if (utf8->own)
		utf8->before = uselocale(utf8->own);
}

static void utf8_end(struct utf8 *utf8)
{
	if (!utf8->own)
		return;
	uselocale(utf8->before);
	freelocale(utf8->own);
}

/* The lines of trees stay plain. */
static int set_letters(const struct table *table, const struct output *output, bool is_utf8)
{
	const struct smartcols *smartcols = &table->smartcols;
	bool is_for_people = output->format == OUTPUT_COLUMNS;
	int ret = smartcols->enable_ascii(table->scols, 1);

	if (ret == 0 && is_for_people && is_utf8)
		ret = smartcols->enable_noencoding(table->scols, 1);
	return ret;
}

static int print_table(struct table *table, const struct output *output, char *const *cells,
		       size_t row_count)
{
	cleanup(utf8_end) struct utf8 utf8 = {0};
	const struct smartcols *smartcols = &table->smartcols;
	int ret;

	smartcols->init_debug(0);
	table->scols = smartcols->new_table();
	if (!table->scols)
		return -ENOMEM;
	ret = smartcols->set_name(table->scols, output->name);
	if (ret == 0)
		ret = smartcols->enable_json(table->scols, output->format == OUTPUT_JSON);
	if (ret == 0)
		ret = smartcols->enable_raw(table->scols, output->format == OUTPUT_RAW);
	if (ret == 0)
		ret = smartcols->enable_noheadings(table->scols, output->no_headings);
	if (output->format == OUTPUT_COLUMNS)
		table->layout = output_layout_make(output, cells, row_count);
	utf8_begin(&utf8);
	if (ret == 0)
		ret = set_letters(table, output, utf8.own);
	if (ret == 0)
		ret = add_columns(table, output);
	if (ret == 0)
		ret = smartcols->enable_colors(table->scols, output->color);
	if (ret == 0)
		ret = add_rows(table, output, cells, row_count);
	if (ret)
		return ret;
	return output->format == OUTPUT_JSON ? print_json(table) : smartcols->print(table->scols);
}

static void print_plainly(const struct output *output, char *const *cells, size_t row_count)
{
	for (size_t i = 0; i < row_count; i++) {
		const char *gap = "";

		if (output->lines && output->lines[i].parent != OUTPUT_NO_PARENT)
			printf("  ");
		for (size_t j = 0; j < output->chosen_count; j++) {
			const char *cell = cells[i * output->column_count + output->chosen[j]];
			auto_free char *shown = command_escape(cell ? cell : "");

			printf("%s%s", gap, shown);
			gap = "  ";
		}
		putchar('\n');
	}
}

int output_print(const struct output *output, char *const *cells, size_t row_count,
		 struct error *err)
{
	cleanup(table_done) struct table table = {0};
	struct error failure = ERROR_INIT;
	int ret = smartcols_open(&table.smartcols, &failure);

	if (ret == 0) {
		ret = print_table(&table, output, cells, row_count);
		return ret ? error_errno(err, ret < 0 ? -ret : EIO, "libsmartcols") : 0;
	}
	/* A program reads what it asked for, or nothing; people read this, too. */
	if (output->format != OUTPUT_COLUMNS)
		return error_set(err, failure.code, "%s", failure.text);
	command_note("%s", failure.text);
	print_plainly(output, cells, row_count);
	return 0;
}
