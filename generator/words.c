// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How devices are named on the kernel's command line and in a boot menu.
 */
#include "generator/words.h"

#include <ctype.h>
#include <string.h>

#include "model/twins.h"

void words_item(const struct reserved *reserved, size_t index, struct text *out)
{
	const struct device *device = reserved->devices[index];
	struct twin_place place;

	text_printf(out, "%s=%04x:%04x:%04x:%04x:%06x", ADDR(&device->addr), device->vendor,
		    device->product, device->subvendor, device->subproduct, device->class_code);
	/* Also without a twin: a second one may come, and to this address. */
	twin_place_of(reserved->snapshot, device, &place);
	text_printf(out, "+");
	twin_place_format(&place, out);
}

void words_guest(const struct reserved *reserved, struct text *out)
{
	text_printf(out, WORD_GUEST);
	for (size_t i = 0; i < reserved->count; i++) {
		text_printf(out, "%s", i > 0 ? "," : "");
		words_item(reserved, i, out);
	}
}

static bool is_first(const struct reserved *reserved, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (devices_have_same_ids(reserved->devices[i], reserved->devices[index]))
			return false;
	return true;
}

void words_ids(const struct reserved *reserved, struct text *out)
{
	for (size_t i = 0; i < reserved->count; i++) {
		const struct device *device = reserved->devices[i];

		if (is_first(reserved, i))
			text_printf(out, "%s%04x:%04x:%04x:%04x", i > 0 ? "," : "", device->vendor,
				    device->product, device->subvendor, device->subproduct);
	}
}

const char *words_effect(const char *word)
{
	return text_starts(word, WORD_GUEST)
		       ? "which no set-up that is known here has put there, and which reserves "
			 "devices besides those that are selected"
		       : "with which nothing is reserved";
}

char *words_title(const char *text)
{
	char *title = xstrdup(text);

	for (char *at = title; *at; at++)
		if (!isalnum((unsigned char)*at) && !strchr(" ._:,()[]+/-", *at))
			*at = ' ';
	return title;
}

void words_each(const char *words, const char *before, const char *behind, struct text *out)
{
	text_append(out, "", 0);
	while (*(words += strspn(words, " "))) {
		size_t length = strcspn(words, " ");

		text_printf(out, "%s%.*s%s", before, (int)length, words, behind);
		words += length;
	}
}
