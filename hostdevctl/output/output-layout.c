// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How much room each column of a table gets. The library of tables cuts words wherever a line ends,
 * and takes all room from the columns that may be cut; here long cells go on in a second line, at a
 * blank. Tests: ctl/list.bats, ctl/status.bats.
 */
#include "hostdevctl/output/output-layout.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/text.h"

/* The least that a column has: its longest word, but for the longest of these. */
#define WORD_MIN 8
#define WORD_MAX 13
/* So finely the room is parted. */
#define LEVELS 8

/* A column as its cells would have it. */
struct width_wish {
	size_t width, word;
};

/* --- widths --- */

static bool is_letter_start(char byte)
{
	return ((unsigned char)byte & 0xc0) != 0x80;
}

static size_t letters(const char *text, size_t length)
{
	size_t count = 0;

	for (size_t i = 0; i < length; i++)
		count += is_letter_start(text[i]);
	return count;
}

size_t output_layout_room(const struct output *output)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	return columns && atoi(columns) > 0 ? (size_t)atoi(columns) : output->width;
}

/* In a tree, lines lead to the rows below others. */
static size_t cell_width(const struct output *output, size_t place, const char *cell, size_t row)
{
	bool below = output->lines && place == 0 && output->lines[row].parent != OUTPUT_NO_PARENT;

	return letters(cell, strlen(cell)) + (below ? strlen("|-") : 0);
}

static size_t longest_word(const char *cell)
{
	size_t longest = 0;

	while (*cell) {
		size_t length = strcspn(cell, " "), count = letters(cell, length);

		if (count > longest)
			longest = count;
		cell += length + strspn(cell + length, " ");
	}
	return longest;
}

static struct width_wish width_wish_of(const struct output *output, char *const *cells,
				       size_t row_count, size_t place)
{
	size_t column = output->chosen[place];
	size_t heading = output->no_headings ? 0 : strlen(output->columns[column].name);
	struct width_wish wish = {.width = heading,
				  .word = heading > WORD_MIN ? heading : WORD_MIN};

	for (size_t i = 0; i < row_count; i++) {
		const char *cell = cells[i * output->column_count + column];
		size_t width = cell ? cell_width(output, place, cell, i) : 0;
		size_t word = cell ? longest_word(cell) : 0;

		if (width > wish.width)
			wish.width = width;
		if (word > wish.word)
			wish.word = word < WORD_MAX ? word : WORD_MAX;
	}
	return wish;
}

/* --- sharing --- */

/* A column at this level of all: not wider than it need be. */
static size_t width_at(const struct output_column *column, const struct width_wish *wish,
		       size_t level)
{
	size_t width = level * column->wrap / LEVELS;

	if (width < wish->word)
		width = wish->word;
	return width < wish->width ? width : wish->width;
}

static size_t whole_width(const struct output *output, const struct width_wish *wishes,
			  size_t level)
{
	size_t whole = output->chosen_count - 1;

	for (size_t i = 0; i < output->chosen_count; i++) {
		const struct output_column *column = &output->columns[output->chosen[i]];

		whole += column->wrap > 0 ? width_at(column, &wishes[i], level) : wishes[i].width;
	}
	return whole;
}

struct output_layout output_layout_make(const struct output *output, char *const *cells,
					size_t row_count)
{
	struct width_wish wishes[OUTPUT_COLUMNS_MAX] = {0};
	size_t width = output_layout_room(output), level = 0;
	struct output_layout layout = {0};

	for (size_t i = 0; i < output->chosen_count; i++)
		wishes[i] = width_wish_of(output, cells, row_count, i);
	if (width == 0 || whole_width(output, wishes, width * LEVELS * 2) <= width)
		return layout;
	while (whole_width(output, wishes, level + 1) <= width)
		level++;
	for (size_t i = 0; i < output->chosen_count; i++) {
		const struct output_column *column = &output->columns[output->chosen[i]];

		if (column->wrap > 0)
			layout.widths[i] = width_at(column, &wishes[i], level);
	}
	return layout;
}

/* --- wrapping --- */

/* How many bytes of the text stand in its first line? */
static size_t line_length(const char *text, size_t width)
{
	size_t length = 0, blank = 0, joint = 0, count = 0;

	for (; text[length]; length++) {
		if (is_letter_start(text[length]) && ++count > width)
			return text[length] == ' ' ? length
			       : blank > 0         ? blank
			       : joint > 0         ? joint
						   : length;
		if (text[length] == ' ')
			blank = length;
		else if (text[length] == '-' || text[length] == '/')
			joint = length + 1;
	}
	return length;
}

char *output_layout_wrap(const char *text, size_t width)
{
	struct text out = TEXT_INIT;

	while (*text) {
		size_t length = line_length(text, width);

		text_printf(&out, "%s%.*s", out.length > 0 ? "\n" : "", (int)length, text);
		text += length + strspn(text + length, " ");
	}
	return text_steal(&out);
}
