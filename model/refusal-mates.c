// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What to do about mates of a group that the guest does not name: which they are, and whether
 * naming them could help.
 */
#include "base/text.h"
#include "model/refusal-words.h"

/* Beyond these a list in a box is read by nobody; hostdevctl plan and the log are no longer. */
#define LISTED_MAX 6

static void list_mates(const struct refusal *refusal, struct text *out)
{
	size_t count = refusal->more_mate_count;

	text_printf(out, "%s", ADDR(&refusal->mate));
	for (size_t i = 0; i < count && i < LISTED_MAX - 1; i++)
		text_printf(out, ", %s", ADDR(&refusal->more_mates[i]));
	if (count > LISTED_MAX - 1)
		text_printf(out, " and %zu more", count - (LISTED_MAX - 1));
}

/* Each of them is consented to by itself: nobody is to give away what he has not read. */
static void list_consents(const struct refusal *refusal, struct text *out)
{
	text_printf(out, "--with %s", ADDR(&refusal->mate));
	for (size_t i = 0; i < refusal->more_mate_count; i++)
		text_printf(out, " --with %s", ADDR(&refusal->more_mates[i]));
}

void refusal_words_mates(const struct refusal_words *words, struct text *out)
{
	const struct refusal *refusal = words->refusal;

	/* Nobody is told to name the disk that the host runs from. */
	if (refusal->evidence) {
		text_printf(out, "Put the card into another slot: with this one would go %s.",
			    refusal->evidence);
		return;
	}
	if (refusal->advice) {
		text_printf(out, "%s.", refusal->advice);
		return;
	}
	if (refusal->by_hand) {
		text_printf(out, "Put the card into another slot, or let all of it go along: ");
		list_consents(refusal, out);
		text_append(out, ".", 1);
		return;
	}
	text_printf(out, "Put the card into another slot, or name in the guest too: ");
	list_mates(refusal, out);
	text_append(out, ".", 1);
}
