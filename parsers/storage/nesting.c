// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which places of the boot lines lie inside one another: a mount needs the mounts above it.
 * Tests: unit/test-start-lines.c.
 */
#include "parsers/storage/nesting.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

void nesting_done(struct nesting *nesting)
{
	for (size_t i = 0; i < nesting->count; i++) {
		free(nesting->all[i].source);
		free(nesting->all[i].place);
	}
	free(nesting->all);
	memset(nesting, 0, sizeof(*nesting));
}

void nesting_add(struct nesting *nesting, const char *source, const char *place, const char *spared,
		 size_t mark)
{
	array_push(nesting->all, nesting->count,
		   (struct nested){.source = xstrdup(source),
				   .place = xstrdup(place),
				   .spared = spared,
				   .mark = mark});
}

static bool is_within(const char *path, const char *place)
{
	size_t length = strlen(place);

	return text_starts(path, place) && (path[length] == '/' || !path[length]);
}

/* "/" is there in any case, and what is below /dev is a device. */
static bool needs(const struct nested *nested, const struct nested *other)
{
	if (*other->place != '/' || !other->place[1])
		return false;
	if (!text_starts(nested->source, "/dev/") && is_within(nested->source, other->place))
		return true;
	return is_within(nested->place, other->place) && strcmp(nested->place, other->place) != 0;
}

static const struct nested *find_needing(const struct nesting *nesting, const struct nested *other)
{
	for (size_t i = 0; i < nesting->count; i++)
		if (!nesting->all[i].spared && needs(&nesting->all[i], other))
			return &nesting->all[i];
	return NULL;
}

void nesting_find(struct nesting *nesting)
{
	bool more = true;

	while (more) {
		more = false;
		for (size_t i = 0; i < nesting->count; i++) {
			struct nested *nested = &nesting->all[i];
			const struct nested *needing =
				nested->spared ? find_needing(nesting, nested) : NULL;

			if (!needing)
				continue;
			nested->spared = NULL;
			nested->needed_for =
				*needing->place == '/' ? needing->place : needing->source;
			more = true;
		}
	}
}
