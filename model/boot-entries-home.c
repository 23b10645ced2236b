// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What becomes of entries when a set-up is taken back, and what of them cannot come back.
 * Tests: unit/test-apply-entries.c.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/boot-entries.h"

static int all_come_back(const struct entries *old, const struct entries *new,
			 const struct boot_entries_way *way, struct error *err)
{
	int result = 0;

	for (size_t i = 0; result == 0 && i < old->count; i++) {
		const struct entry *entry = entries_find_name(new, old->items[i].name);

		if (!entry || strcmp(entry->content, old->items[i].content) != 0)
			result =
				way->put(way->data, old->items[i].name, old->items[i].content, err);
	}
	return result;
}

/* What has come in place of others; what has come besides is not for us to remove. */
static int none_stays(const struct entries *old, const struct entries *new,
		      const struct boot_entries_way *way, struct error *err)
{
	int result = 0;

	for (size_t i = 0; result == 0 && i < new->count; i++) {
		const struct entry *entry = &new->items[i];

		if (entries_find_name(old, entry->name))
			continue;
		if (entry->kind == ENTRY_OURS ||
		    (entry->kind == ENTRY_KERNEL && entries_find(old, ENTRY_KERNEL, entry->base)))
			result = way->put(way->data, entry->name, NULL, err);
		else
			way->leave(way->data, entry->name);
	}
	return result;
}

static bool has_same_options(const struct entry *one, const struct entry *other)
{
	auto_free char *options = entry_options(one, NULL), *others = entry_options(other, NULL);

	return strcmp(options, others) == 0;
}

static bool has_options(const struct entry *entry)
{
	auto_text struct text lines = TEXT_INIT;

	entry_add_lines(entry, true, &lines);
	return lines.length > 0;
}

/* NULL: it stays as it is, as nobody has written it anew. Heap. */
static char *home_of(const struct entry *kept, const struct entry *before, const struct entry *now,
		     bool configured)
{
	if (has_same_options(kept, now) || (!configured && has_options(kept)))
		return xstrdup(kept->content);
	if (before && strcmp(before->content, now->content) == 0)
		return NULL;
	return entry_with_options(kept, now);
}

static int kernels_come_back(const struct entries *old, const struct entries *before,
			     const struct entries *new, bool configured,
			     const struct boot_entries_way *way, struct error *err)
{
	int result = 0;

	for (size_t i = 0; result == 0 && i < old->count; i++) {
		const struct entry *kept = &old->items[i], *now = entries_find_now(new, kept);
		auto_free char *home = NULL;

		if (kept->kind != ENTRY_KERNEL || !now)
			continue;
		home = home_of(kept, entries_find_now(before, now), now, configured);
		if (home && strcmp(home, now->content) != 0)
			result = way->put(way->data, now->name, home, err);
	}
	return result;
}

int boot_entries_go_home(const char *kept, const char *before, const char *now,
			 enum boot_entries_extent extent, const struct boot_entries_way *way,
			 struct error *err)
{
	cleanup(entries_done) struct entries old = {0}, then = {0}, new = {0};
	int result = entries_take(kept, &old, err);

	if (result == 0)
		result = entries_take(before, &then, err);
	if (result == 0)
		result = entries_take(now, &new, err);
	if (result == 0 && extent != ENTRIES_ALL)
		return kernels_come_back(&old, &then, &new, extent == ENTRIES_CONFIGURED, way, err);
	if (result == 0)
		result = all_come_back(&old, &new, way, err);
	return result < 0 ? result : none_stays(&old, &new, way, err);
}

static bool has_words_of(const struct entry *entry, const char *ours)
{
	auto_free char *options = entry_options(entry, NULL);
	char *at = options, *word;

	while ((word = strsep(&at, " ")))
		if (text_starts(word, WORD_GUEST) || text_has_word(ours, word, strlen(word)))
			return true;
	return false;
}

void boot_entries_each_of_others(const char *kept, const char *now, const char *ours,
				 void (*tell)(void *data, const char *name, bool is_there),
				 void *data)
{
	cleanup(entries_done) struct entries old = {0}, new = {0};

	if (entries_take(kept, &old, NULL) < 0 || entries_take(now, &new, NULL) < 0)
		return;
	for (size_t i = 0; i < old.count; i++) {
		const struct entry *entry = &old.items[i];
		const struct entry *there = entries_find_name(&new, entry->name);

		if (entry->kind == ENTRY_FOREIGN && !has_words_of(entry, ours) &&
		    !(there && strcmp(there->content, entry->content) == 0))
			tell(data, entry->name, there != NULL);
	}
	for (size_t i = 0; i < new.count; i++)
		if (new.items[i].kind == ENTRY_FOREIGN &&
		    !entries_find_name(&old, new.items[i].name))
			tell(data, new.items[i].name, true);
}

/* --- what is told of them --- */

/* Those of the first that the second has not. Heap. */
static char *words_without(const char *words, const char *others, const char *ours)
{
	auto_text struct text left = TEXT_INIT;

	for (const char *word = words; *(word += strspn(word, " "));) {
		size_t length = strcspn(word, " ");

		if (!text_has_word(others, word, length) && !text_has_word(ours, word, length) &&
		    !text_starts(word, WORD_GUEST))
			text_printf(&left, "%s%.*s", left.length > 0 ? " " : "", (int)length, word);
		word += length;
	}
	return text_steal(&left);
}

void boot_entries_each_lost(const char *before, const char *after, const char *ours,
			    void (*tell)(void *data, const char *name, const char *words),
			    void *data)
{
	cleanup(entries_done) struct entries old = {0}, new = {0};

	if (entries_take(before, &old, NULL) < 0 || entries_take(after, &new, NULL) < 0)
		return;
	for (size_t i = 0; i < old.count; i++) {
		const struct entry *entry = &old.items[i], *now = entries_find_now(&new, entry);
		auto_free char *had = NULL, *has = NULL, *lost = NULL;

		if (entry->kind != ENTRY_KERNEL || !now)
			continue;
		had = entry_options(entry, NULL);
		has = entry_options(now, NULL);
		lost = words_without(had, has, ours);
		if (*lost)
			tell(data, now->name, lost);
	}
}

void boot_entries_each_reserving(const char *list,
				 void (*tell)(void *data, const char *name, const char *words),
				 void *data)
{
	cleanup(entries_done) struct entries entries = {0};

	if (entries_take(list, &entries, NULL) < 0)
		return;
	for (size_t i = 0; i < entries.count; i++) {
		auto_free char *options = entry_options(&entries.items[i], NULL);

		if (text_starts(options, WORD_GUEST) || strstr(options, " " WORD_GUEST))
			tell(data, entries.items[i].name, options);
	}
}
