// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How devices are named on the kernel's command line and in a boot menu.
 */
#include "generator/words.h"

#include <ctype.h>
#include <string.h>

#include "base/cleanup.h"
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
		if (twins_have_same_ids(reserved->devices[i], reserved->devices[index]))
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

/* --- do they fit --- */

static bool are_safe(const char *words)
{
	for (; *words; words++)
		if (!isalnum((unsigned char)*words) && !strchr(" ._:,=/+@%-", *words))
			return false;
	return true;
}

/* Of the line that runs, without our own words, which new ones replace. */
static size_t length_of_line(const char *cmdline)
{
	auto_free char *copy = xstrdup(cmdline ? cmdline : "");
	size_t length = strlen(copy);
	char *at = copy, *word;

	while ((word = strsep(&at, " ")))
		if (text_starts(word, WORD_GUEST))
			length -= strlen(word) + (at != NULL);
	return length;
}

void words_check(const struct generate_facts *facts, const char *words, struct draft *draft)
{
	const struct boot_grub *grub = &facts->boot->grub;
	size_t length = strlen(words), longest = length_of_line(facts->boot->cmdline);

	if (grub->longest_line > longest)
		longest = grub->longest_line;
	if (!are_safe(words)) {
		auto_free char *shown = text_escape(words);

		draft_refuse(draft,
			     "\"%s\" cannot go onto a kernel's command line: of it only letters, "
			     "digits and . _ : , = / + @ %% - mean the same to GRUB and to a shell",
			     shown);
	}
	if (longest + 1 + length > CMDLINE_MAX)
		draft_refuse(draft,
			     "the kernel's command line would have %zu bytes, and a kernel takes "
			     "%d: name fewer devices, or use \"static --method conf\"",
			     longest + 1 + length, CMDLINE_MAX);
	if (grub->found && grub->lacks_root)
		draft_refuse(draft,
			     "an entry of %s has no root= on its command line, so that one derived "
			     "from it "
			     "would not start: mend that first (GRUB_DISABLE_LINUX_UUID, "
			     "/etc/grub.d/10_linux), and write the menu anew",
			     grub->config ? grub->config : "the boot menu");
}
