// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a refusal is laid out for the box in which people read it: which device and why, what to do,
 * and how to allow it all the same. Libvirt puts some 200 characters before it, so every line is
 * short, and the first one carries the whole story.
 */
#include "model/refusal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/refusal-words.h"

void refusal_done(struct refusal *refusal)
{
	free(refusal->more_mates);
	free(refusal->guest);
	free(refusal->evidence);
	free(refusal->advice);
	free(refusal->setting);
	memset(refusal, 0, sizeof(*refusal));
}

void refusal_add_claim(struct refusal *refusal, const struct claim *claim)
{
	refusal->over = claim->over;
	refusal->lent_by_hand = claim->by_hand;
	if (!claim_is_of_nobody(claim))
		refusal->guest = text_escape(claim->guest);
}

/* Where the line is cut, no character of UTF-8 may be cut in two. */
static void cut_line(struct text *line, size_t size)
{
	static const char dots[] = "...";
	size_t at = size - strlen(dots);

	if (line->length <= size)
		return;
	while (at > 0 && ((unsigned char)line->data[at] & 0xc0) == 0x80)
		at--;
	line->data[at] = '\0';
	line->length = at;
	text_append(line, dots, strlen(dots));
}

/* What the opening leaves of the first line; a guest with a name that fills it gets a long line. */
static size_t first_size(const char *guest)
{
	auto_free char *escaped = text_escape(guest);
	size_t taken = strlen(escaped) + strlen(REFUSAL_OPENING) - strlen("%s");

	return taken < REFUSAL_LINE_MAX / 2 ? REFUSAL_LINE_MAX - taken : REFUSAL_LINE_MAX / 2;
}

/* Devices with long names lose the end of these before the reason loses a word. */
static void format_first(const struct refusal *refusal, const char *guest,
			 const struct snapshot *snapshot, struct text *out)
{
	static const size_t name_sizes[] = {64, 40, 28, 18, 0};
	auto_text struct text line = TEXT_INIT;
	size_t size = first_size(guest);

	for (size_t i = 0; i < sizeof(name_sizes) / sizeof(*name_sizes); i++) {
		struct refusal_words words = {refusal, guest, snapshot, name_sizes[i]};

		text_done(&line);
		refusal_words_why(&words, &line);
		if (line.length <= size)
			break;
	}
	cut_line(&line, size);
	text_printf(out, "%s\n", line.data);
}

void refusal_format_setting(const char *setting, const char *guest, struct text *out)
{
	auto_free char *escaped = text_escape(guest), *word = text_quote(guest);
	const char *key;

	/* No command can be pasted for a name with control characters in it. */
	if (strcmp(escaped, guest) != 0)
		return;
	/* What holds for one device only says so in an option. */
	key = strrchr(setting, ' ');
	key = key ? key + 1 : setting;
	text_printf(out, "To lend it all the same: hostdevctl set %.*s", (int)(key - setting),
		    setting);
	if (*guest == '-')
		text_printf(out, "-- ");
	text_printf(out, "%s %s\n", word, key);
}

void refusal_format(const struct refusal *refusal, const char *guest,
		    const struct snapshot *snapshot, struct text *out)
{
	struct refusal_words words = {refusal, guest, snapshot, 40};
	auto_free char *setting = refusal_words_setting(refusal);

	format_first(refusal, guest, snapshot, out);
	refusal_words_advice(&words, out);
	text_append(out, "\n", 1);
	if (setting)
		refusal_format_setting(setting, guest, out);
}
