// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What to do about mates of a group that the guest does not name: which they are, and whether
 * naming them could help. Tests: unit/test-planner-causes.c, unit/test-parting.c.
 */
#include "base/cleanup.h"
#include "base/text.h"
#include "model/parting.h"
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

/* Heap; NULL: no slot parts them. */
char *refusal_words_parting(const struct refusal_words *words)
{
	const struct refusal *refusal = words->refusal;
	size_t count = refusal->more_mate_count + 1;
	auto_free struct pci_addr *mates = xcalloc(count, sizeof(*mates));

	mates[0] = refusal->mate;
	for (size_t i = 1; i < count; i++)
		mates[i] = refusal->more_mates[i - 1];
	return parting_by_slot(words->snapshot, &refusal->addr, mates, count);
}

void refusal_words_mates(const struct refusal_words *words, struct text *out)
{
	const struct refusal *refusal = words->refusal;
	auto_free char *parting = refusal_words_parting(words);

	/* Nobody is told to name the disk that the host runs from. */
	if (refusal->evidence) {
		text_printf(out, "%s: with this one would go %s.",
			    parting ? parting
				    : "No slot parts what is built in; a setting of the firmware "
				      "(ACS) may",
			    refusal->evidence);
		return;
	}
	if (refusal->advice) {
		text_printf(out, "%s.", refusal->advice);
		return;
	}
	text_printf(out, "%s, %s: ", parting ? parting : "As no slot parts what is built in",
		    refusal->by_hand
			    ? parting ? "or let all of it go along" : "let all of it go along"
		    : parting ? "or name in the guest too"
			      : "name in the guest too");
	if (refusal->by_hand)
		list_consents(refusal, out);
	else
		list_mates(refusal, out);
	text_append(out, ".", 1);
}
