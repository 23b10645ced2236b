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
	free(refusal->more_addrs);
	free(refusal->more_mates);
	free(refusal->guest);
	free(refusal->evidence);
	free(refusal->advice);
	free(refusal->setting);
	memset(refusal, 0, sizeof(*refusal));
}

void refusal_add_device(struct refusal *refusal, const struct pci_addr *addr)
{
	if (!pci_addr_equal(&refusal->addr, addr) &&
	    !pci_addr_is_among(addr, refusal->more_addrs, refusal->more_addr_count))
		array_push(refusal->more_addrs, refusal->more_addr_count, *addr);
}

void refusal_add_claim(struct refusal *refusal, const struct claim *claim)
{
	refusal->over = claim->over;
	refusal->lent_by_hand = claim->by_hand;
	if (!claim_is_of_nobody(claim))
		refusal->guest = text_escape(claim->guest);
}

/* A place at or before this one where no character of UTF-8 is cut in two. */
static size_t whole_before(const char *text, size_t at)
{
	while (at > 0 && ((unsigned char)text[at] & 0xc0) == 0x80)
		at--;
	return at;
}

static void cut_line(struct text *line, size_t size)
{
	static const char dots[] = "...";
	size_t at;

	if (line->length <= size)
		return;
	at = whole_before(line->data, size - strlen(dots));
	line->data[at] = '\0';
	line->length = at;
	text_append(line, dots, strlen(dots));
}

/* What of a word is left at least, on both sides of what is cut out of it. */
#define WORD_SIDE 12

/* Takes as much as is too much, and can be spared, out of the longest word; false: no word has any
 * to spare. */
static bool shorten_word(struct text *line, size_t excess)
{
	static const char dots[] = "...";
	size_t longest = 0, begin = 0, from, to;

	for (size_t at = 0; at < line->length;) {
		size_t length = strcspn(line->data + at, " ");

		if (length > longest) {
			longest = length;
			begin = at;
		}
		at += length + strspn(line->data + at + length, " ");
	}
	if (longest <= 2 * WORD_SIDE + strlen(dots))
		return false;
	excess += strlen(dots);
	if (excess > longest - 2 * WORD_SIDE)
		excess = longest - 2 * WORD_SIDE;
	from = whole_before(line->data, begin + (longest - excess) / 2);
	to = begin + (longest - excess) / 2 + excess;
	while (((unsigned char)line->data[to] & 0xc0) == 0x80)
		to++;
	memcpy(line->data + from, dots, strlen(dots));
	memmove(line->data + from + strlen(dots), line->data + to, line->length - to + 1);
	line->length -= to - from - strlen(dots);
	return true;
}

/* What the opening leaves of the first line; a guest with a name that fills it gets a long line. */
static size_t first_size(const char *guest)
{
	auto_free char *escaped = text_escape(guest);
	size_t taken = strlen(escaped) + strlen(REFUSAL_OPENING) - strlen("%s");

	return taken < REFUSAL_LINE_MAX / 2 ? REFUSAL_LINE_MAX - taken : REFUSAL_LINE_MAX / 2;
}

/* How much is told, from all to the least. */
static const struct amount {
	size_t name_size;
	bool brief;
} amounts[] = {{64, false}, {40, false}, {28, false}, {18, false},
	       {28, true},  {18, true},  {0, true}};

/*
 * Devices with long names lose the end of these before the reason loses a word, and long words (the
 * path of a mount, the name of a unit) their middle before a sentence loses its end.
 */
static void format_first(const struct refusal *refusal, const char *guest,
			 const struct snapshot *snapshot, struct text *out)
{
	auto_text struct text line = TEXT_INIT;
	size_t size = first_size(guest);

	for (size_t i = 0; i < sizeof(amounts) / sizeof(*amounts); i++) {
		struct refusal_words words = {refusal, guest, snapshot, amounts[i].name_size,
					      amounts[i].brief};

		text_done(&line);
		refusal_words_why(&words, &line);
		if (line.length <= size)
			break;
	}
	while (line.length > size && shorten_word(&line, line.length - size))
		;
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
	struct refusal_words words = {refusal, guest, snapshot, 40, false};
	auto_free char *setting = refusal_words_setting(refusal);

	format_first(refusal, guest, snapshot, out);
	refusal_words_advice(&words, out);
	text_append(out, "\n", 1);
	if (setting)
		refusal_format_setting(setting, guest, out);
}
