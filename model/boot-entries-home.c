// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What becomes of entries when a set-up is taken back, and what of them cannot come back.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/boot-entries-list.h"

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
	static const char *const none[2] = {NULL, NULL};
	auto_free char *options = entry_options(one, none), *others = entry_options(other, none);

	return strcmp(options, others) == 0;
}

/* All of it but its options, and in their place those of another. Heap. */
static char *with_options(const struct entry *entry, const struct entry *other)
{
	auto_text struct text out = TEXT_INIT;
	bool has = false;

	text_append(&out, "", 0);
	for (const char *line = entry->content, *next; *line; line = next) {
		size_t length = strcspn(line, "\n");

		next = line + length + (line[length] == '\n');
		if (!entry_line_options(line)) {
			text_append(&out, line, (size_t)(next - line));
			continue;
		}
		if (!has)
			entry_add_lines(other, true, &out);
		has = true;
	}
	if (!has)
		entry_add_lines(other, true, &out);
	return steal(&out.data);
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
	return with_options(kept, now);
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

	if (result == 0 && before)
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
	static const char *const none[2] = {NULL, NULL};
	auto_free char *options = entry_options(entry, none);
	char *at = options, *word;

	while ((word = strsep(&at, " ")))
		if (text_starts(word, WORD_GUEST) || text_has_word(ours, word, strlen(word)))
			return true;
	return false;
}

int boot_entries_others_go_home(const char *kept, const char *now, const char *ours,
				const struct boot_entries_way *way, struct error *err)
{
	cleanup(entries_done) struct entries old = {0}, new = {0};
	int result = entries_take(kept, &old, err);

	if (result == 0)
		result = entries_take(now, &new, err);
	for (size_t i = 0; result == 0 && i < old.count; i++) {
		const struct entry *entry = &old.items[i];
		const struct entry *there = entries_find_name(&new, entry->name);

		if (entry->kind == ENTRY_FOREIGN && !has_words_of(entry, ours) &&
		    !(there && strcmp(there->content, entry->content) == 0))
			result = way->put(way->data, entry->name, entry->content, err);
	}
	for (size_t i = 0; result == 0 && i < new.count; i++)
		if (new.items[i].kind == ENTRY_FOREIGN &&
		    !entries_find_name(&old, new.items[i].name))
			way->leave(way->data, new.items[i].name);
	return result;
}

/* --- what people have written meanwhile --- */

static char *rest_of(const struct entry *entry)
{
	auto_text struct text rest = TEXT_INIT;

	text_append(&rest, "", 0);
	entry_add_lines(entry, false, &rest);
	return steal(&rest.data);
}

/* Or is it as kernel-install has written it, then (NULL: it was not there) or since? */
static bool is_edited(const struct entry *built, const struct entry *before,
		      const struct entry *after)
{
	auto_free char *then = built ? rest_of(built) : NULL;
	auto_free char *rest = rest_of(before), *now = rest_of(after);

	return !text_equal(rest, then) &&
	       (strcmp(rest, now) != 0 || strcmp(before->content, after->content) == 0);
}

static bool has_line(const char *text, const char *line, size_t length)
{
	for (; *text; text += strcspn(text, "\n"), text += *text != 0)
		if (strcspn(text, "\n") == length && strncmp(text, line, length) == 0)
			return true;
	return false;
}

/* Lines that were there before the set-up, and that the edited one has no more. */
static void add_lost(const struct entry *kept, const struct entry *edited,
		     const struct entry *written, struct text *out)
{
	auto_free char *old = rest_of(kept), *rest = rest_of(edited), *now = rest_of(written);

	for (const char *line = old; *line; line += strcspn(line, "\n"), line += *line != 0) {
		size_t length = strcspn(line, "\n");

		if (length > 0 && !has_line(rest, line, length) && !has_line(now, line, length))
			text_printf(out, "%s%.*s", out->length > 0 ? "; " : "", (int)length, line);
	}
}

/* The edited one, with the options of before all set-ups, if it was there then. */
static void add_edited(const struct entry *edited, const struct entry *kept, struct text *out)
{
	auto_text struct text content = TEXT_INIT;

	if (kept) {
		auto_free char *text = with_options(edited, kept);

		boot_entries_add(out, ENTRY_KERNEL, kept->name, text);
		return;
	}
	text_append(&content, "", 0);
	entry_add_lines(edited, false, &content);
	boot_entries_add(out, ENTRY_KERNEL, edited->name, content.data);
}

struct folding {
	struct entries kept, built, before, after;
};

static void folding_done(struct folding *folding)
{
	entries_done(&folding->kept);
	entries_done(&folding->built);
	entries_done(&folding->before);
	entries_done(&folding->after);
}

/* What somebody has made of this kernel's entry, or NULL. */
static const struct entry *find_edited(const struct folding *folding, const struct entry *entry)
{
	const struct entry *built = entries_find_now(&folding->built, entry);
	const struct entry *before = entries_find_now(&folding->before, entry);
	const struct entry *after = entries_find_now(&folding->after, entry);

	return entry->kind == ENTRY_KERNEL && folding->built.count > 0 && before && after &&
			       is_edited(built, before, after)
		       ? before
		       : NULL;
}

static void fold_kept(const struct folding *folding, const struct boot_entries_edits *edits,
		      struct text *out)
{
	for (size_t i = 0; i < folding->kept.count; i++) {
		const struct entry *kept = &folding->kept.items[i];
		const struct entry *edited = find_edited(folding, kept);
		auto_text struct text lost = TEXT_INIT;

		if (!edited) {
			boot_entries_add(out, kept->kind, kept->name, kept->content);
			continue;
		}
		text_append(&lost, "", 0);
		add_lost(kept, edited, entries_find_now(&folding->after, kept), &lost);
		add_edited(edited, kept, out);
		edits->tell(edits->data, edited->name, lost.data);
	}
}

/* Of kernels that have come since. */
static void fold_new(const struct folding *folding, const struct boot_entries_edits *edits,
		     struct text *out)
{
	for (size_t i = 0; i < folding->before.count; i++) {
		const struct entry *entry = &folding->before.items[i];

		if (entries_find_now(&folding->kept, entry) || !find_edited(folding, entry))
			continue;
		add_edited(entry, NULL, out);
		edits->tell(edits->data, entry->name, "");
	}
}

int boot_entries_keep_edits(const char *kept, const struct boot_entries_edits *edits,
			    struct text *out, struct error *err)
{
	cleanup(folding_done) struct folding folding = {0};
	int result = entries_take(kept, &folding.kept, err);

	if (result == 0)
		result = entries_take(edits->built, &folding.built, err);
	if (result == 0)
		result = entries_take(edits->before, &folding.before, err);
	if (result == 0)
		result = entries_take(edits->after, &folding.after, err);
	if (result < 0)
		return result;
	text_append(out, "", 0);
	fold_kept(&folding, edits, out);
	fold_new(&folding, edits, out);
	return 0;
}

/* --- what is told of them --- */

/* Those of the first that the second has not. Heap. */
static char *words_without(const char *words, const char *others, const char *ours)
{
	auto_text struct text left = TEXT_INIT;

	text_append(&left, "", 0);
	for (const char *word = words; *(word += strspn(word, " "));) {
		size_t length = strcspn(word, " ");

		if (!text_has_word(others, word, length) && !text_has_word(ours, word, length) &&
		    !text_starts(word, WORD_GUEST))
			text_printf(&left, "%s%.*s", left.length > 0 ? " " : "", (int)length, word);
		word += length;
	}
	return steal(&left.data);
}

void boot_entries_each_lost(const char *before, const char *after, const char *ours,
			    void (*tell)(void *data, const char *name, const char *words),
			    void *data)
{
	static const char *const none[2] = {NULL, NULL};
	cleanup(entries_done) struct entries old = {0}, new = {0};

	if (entries_take(before, &old, NULL) < 0 || entries_take(after, &new, NULL) < 0)
		return;
	for (size_t i = 0; i < old.count; i++) {
		const struct entry *entry = &old.items[i], *now = entries_find_now(&new, entry);
		auto_free char *had = NULL, *has = NULL, *lost = NULL;

		if (entry->kind != ENTRY_KERNEL || !now)
			continue;
		had = entry_options(entry, none);
		has = entry_options(now, none);
		lost = words_without(had, has, ours);
		if (*lost)
			tell(data, now->name, lost);
	}
}

void boot_entries_each_reserving(const char *list,
				 void (*tell)(void *data, const char *name, const char *words),
				 void *data)
{
	static const char *const none[2] = {NULL, NULL};
	cleanup(entries_done) struct entries entries = {0};

	if (entries_take(list, &entries, NULL) < 0)
		return;
	for (size_t i = 0; i < entries.count; i++) {
		auto_free char *options = entry_options(&entries.items[i], none);

		if (text_starts(options, WORD_GUEST) || strstr(options, " " WORD_GUEST))
			tell(data, entries.items[i].name, options);
	}
}
