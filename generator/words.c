// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How devices are named on the kernel's command line and in a boot menu.
 */
#include "generator/words.h"

#include <ctype.h>
#include <string.h>

void words_item(const struct device *device, struct text *out)
{
	text_printf(out, "%s=%04x:%04x:%04x:%04x:%06x", ADDR(&device->addr), device->vendor,
		    device->product, device->subvendor, device->subproduct, device->class_code);
}

void words_guest(const struct device *const *devices, size_t count, struct text *out)
{
	text_printf(out, WORD_GUEST);
	for (size_t i = 0; i < count; i++) {
		text_printf(out, "%s", i > 0 ? "," : "");
		words_item(devices[i], out);
	}
}

static bool same_ids(const struct device *a, const struct device *b)
{
	return a->vendor == b->vendor && a->product == b->product && a->subvendor == b->subvendor &&
	       a->subproduct == b->subproduct;
}

static bool is_first(const struct device *const *devices, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (same_ids(devices[i], devices[index]))
			return false;
	return true;
}

void words_ids(const struct device *const *devices, size_t count, struct text *out)
{
	for (size_t i = 0; i < count; i++)
		if (is_first(devices, i))
			text_printf(out, "%s%04x:%04x:%04x:%04x", i > 0 ? "," : "",
				    devices[i]->vendor, devices[i]->product, devices[i]->subvendor,
				    devices[i]->subproduct);
}

char *words_title(const char *text)
{
	char *title = xstrdup(text);

	for (char *at = title; *at; at++)
		if (!isalnum((unsigned char)*at) && !strchr(" ._:,()[]+/-", *at))
			*at = ' ';
	return title;
}

bool words_have(const char *words, const char *word, size_t length)
{
	while (words && *words) {
		size_t own = strcspn(words, " ");

		if (own == length && strncmp(words, word, length) == 0)
			return true;
		words += own;
		words += strspn(words, " ");
	}
	return false;
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
