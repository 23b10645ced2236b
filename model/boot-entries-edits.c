// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What people write into kernels' entries while set-ups are in force.
 * Tests: unit/test-apply-entries.c.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/boot-entries.h"

static bool has_line(const char *text, const char *line, size_t length)
{
	for (; *text; text = text_next_line(text))
		if (strcspn(text, "\n") == length && strncmp(text, line, length) == 0)
			return true;
	return false;
}

/* Lines of a text that none of the others has; each with "; " between. */
static void add_lines_without(const char *text, const char *const others[3], struct text *out)
{
	for (const char *line = text; *line; line = text_next_line(line)) {
		size_t length = strcspn(line, "\n");
		bool has = line[strspn(line, " \t\r")] == '\n' || length == 0;

		for (size_t i = 0; !has && i < 3; i++)
			has = others[i] && has_line(others[i], line, length);
		if (!has)
			text_printf(out, "%s%.*s", out->length > 0 ? "; " : "", (int)length, line);
	}
}

/* --- what a kernel is started with --- */

static const char *const start_keys[] = {"linux", "initrd", "efi", "devicetree",
					 "devicetree-overlay"};
#define START_KEYS (sizeof(start_keys) / sizeof(*start_keys))

/* START_KEYS: it is another line. */
static size_t start_key(const char *line)
{
	int key;

	line += strspn(line, " \t");
	key = text_find(start_keys, START_KEYS, line, strcspn(line, " \t\r\n"));
	return key < 0 ? START_KEYS : (size_t)key;
}

/* The lines of one key. Heap. */
static char *start_lines(const char *content, size_t key)
{
	auto_text struct text lines = TEXT_INIT;

	for (const char *line = content; *line; line = text_next_line(line))
		if (start_key(line) == key)
			text_printf(&lines, "%.*s\n", (int)strcspn(line, "\n"), line);
	return text_steal(&lines);
}

struct starting {
	char *built, *after; /* heap; of one key, as kernel-install wrote them then and now */
	bool put;            /* those of now */
	bool has_built;      /* one of the lines of then is in the entry */
};

static void starting_of(const char *content, const struct entry *built, const struct entry *after,
			size_t key, struct starting *ret)
{
	auto_free char *lines = start_lines(content, key);

	ret->built = start_lines(built->content, key);
	ret->after = start_lines(after->content, key);
	for (const char *line = lines; *line; line = text_next_line(line))
		if (has_line(ret->built, line, strcspn(line, "\n")))
			ret->has_built = true;
}

/*
 * An image builder or a version of kernel-install that has come since gives other names to what it
 * writes; what had the old name may lie there yet, and is renewed by nobody. So its lines of now
 * come in place of those of then; what somebody has put beside these stays.
 */
static void put_start_line(struct starting *starting, const char *line, struct text *out)
{
	size_t length = strcspn(line, "\n");
	bool is_built = has_line(starting->built, line, length);

	if (strcmp(starting->built, starting->after) == 0 ||
	    (!is_built && starting->has_built && !has_line(starting->after, line, length))) {
		text_printf(out, "%.*s\n", (int)length, line);
		return;
	}
	if (!starting->put && (is_built || !starting->has_built))
		text_append(out, starting->after, strlen(starting->after));
	starting->put = starting->put || is_built || !starting->has_built;
}

/* built, after: how kernel-install wrote it then and now; one is NULL: not known. Heap. */
static char *with_starting(const char *content, const struct entry *built,
			   const struct entry *after)
{
	struct starting starting[START_KEYS] = {0};
	auto_text struct text out = TEXT_INIT;

	if (!built || !after)
		return xstrdup(content);
	for (size_t key = 0; key < START_KEYS; key++)
		starting_of(content, built, after, key, &starting[key]);
	for (const char *line = content, *next; *line; line = next) {
		size_t key = start_key(line);

		next = text_next_line(line);
		if (key < START_KEYS)
			put_start_line(&starting[key], line, &out);
		else
			text_append(&out, line, (size_t)(next - line));
	}
	for (size_t key = 0; key < START_KEYS; key++) {
		if (!starting[key].put && strcmp(starting[key].built, starting[key].after) != 0) {
			if (out.length > 0 && out.data[out.length - 1] != '\n')
				text_append(&out, "\n", 1);
			text_append(&out, starting[key].after, strlen(starting[key].after));
		}
		free(starting[key].built);
		free(starting[key].after);
	}
	return text_steal(&out);
}

/* --- which entries somebody has edited --- */

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

/* Where it is not known how the set-up has left it: what nobody else can have written. */
static bool has_unknown_lines(const struct entry *kept, const struct entry *before,
			      const struct entry *after)
{
	auto_free char *old = kept ? entry_rest(kept) : NULL;
	auto_free char *rest = entry_rest(before), *now = entry_rest(after);
	const char *const others[3] = {old, now};
	auto_text struct text lines = TEXT_INIT;

	if (kept)
		add_lines_without(rest, others, &lines);
	return lines.length > 0;
}

/* Or is it as kernel-install has written it, then (NULL: it was not there) or since? */
static bool is_edited(const struct entry *built, const struct entry *before,
		      const struct entry *after)
{
	auto_free char *then = built ? entry_rest(built) : NULL;
	auto_free char *rest = entry_rest(before), *now = entry_rest(after), *renewed = NULL;

	if (text_equal(rest, then))
		return false;
	if (strcmp(rest, now) != 0)
		return true;
	/* Nobody may have written it anew now, and an edit is in both. */
	renewed = then ? with_starting(then, built, after) : NULL;
	return strcmp(before->content, after->content) == 0 && !text_equal(rest, renewed);
}

/* What somebody has made of this kernel's entry, or NULL. */
static const struct entry *find_edited(const struct folding *folding, const struct entry *entry)
{
	const struct entry *kept = entries_find_now(&folding->kept, entry);
	const struct entry *built = entries_find_now(&folding->built, entry);
	const struct entry *before = entries_find_now(&folding->before, entry);
	const struct entry *after = entries_find_now(&folding->after, entry);

	if (entry->kind != ENTRY_KERNEL || !before || !after)
		return NULL;
	if (folding->built.count == 0)
		return has_unknown_lines(kept, before, after) ? before : NULL;
	return is_edited(built, before, after) ? before : NULL;
}

/* --- what is made of it --- */

/* The edited one, with the options of before all set-ups, if it was there then. Heap. */
static char *make_edited(const struct entry *edited, const struct entry *kept)
{
	return kept ? entry_with_options(edited, kept) : entry_rest(edited);
}

/* Lines of before the set-up that are gone: kernel-install has not written them, nor does it. */
static void tell_folded(const struct entry *kept, const struct entry *built,
			const struct entry *after, const char *content,
			const struct boot_entries_edits *edits, bool edited)
{
	auto_free char *old = entry_rest(kept), *then = built ? entry_rest(built) : NULL;
	auto_free char *now = after ? entry_rest(after) : NULL;
	const char *const others[3] = {content, then, now};
	auto_text struct text lost = TEXT_INIT;

	add_lines_without(old, others, &lost);
	if (edited || lost.length > 0)
		edits->tell(edits->data, after ? after->name : kept->name, edited,
			    text_string(&lost));
}

static void fold_kept(const struct folding *folding, const struct boot_entries_edits *edits,
		      struct text *out)
{
	for (size_t i = 0; i < folding->kept.count; i++) {
		const struct entry *kept = &folding->kept.items[i];
		const struct entry *built = entries_find_now(&folding->built, kept);
		const struct entry *after = entries_find_now(&folding->after, kept);
		const struct entry *edited = find_edited(folding, kept);
		auto_free char *content = NULL, *old = NULL;

		if (kept->kind != ENTRY_KERNEL) {
			boot_entries_add(out, kept->kind, kept->name, kept->content);
			continue;
		}
		old = with_starting(kept->content, built, after);
		if (edited) {
			auto_free char *made = make_edited(edited, kept);

			content = with_starting(made, built, after);
		}
		boot_entries_add(out, ENTRY_KERNEL, kept->name, content ? content : old);
		/* An undo that is tried again finds what it has put there, not an edit. */
		tell_folded(kept, built, after, content ? content : old, edits,
			    content && strcmp(content, old) != 0 &&
				    strcmp(edited->content, after->content) != 0);
	}
}

/* Of kernels that have come since. */
static void fold_new(const struct folding *folding, const struct boot_entries_edits *edits,
		     struct text *out)
{
	for (size_t i = 0; i < folding->before.count; i++) {
		const struct entry *entry = &folding->before.items[i], *after;
		auto_free char *made = NULL, *content = NULL;

		if (entries_find_now(&folding->kept, entry) || !find_edited(folding, entry))
			continue;
		after = entries_find_now(&folding->after, entry);
		made = make_edited(entry, NULL);
		content = with_starting(made, entries_find_now(&folding->built, entry), after);
		boot_entries_add(out, ENTRY_KERNEL, entry->name, content);
		edits->tell(edits->data, after->name, true, "");
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

/* Has somebody written into it since, or whoever was killed a part of it? */
static bool is_newer(const struct entry *base, const struct entry *now, const struct entry *written)
{
	auto_free char *old = entry_rest(base), *rest = entry_rest(now);
	auto_free char *anew = written ? entry_rest(written) : NULL;

	return strcmp(old, rest) != 0 && !(anew && text_starts(anew, rest));
}

int boot_entries_of_people(const char *base, const char *before, const char *written,
			   struct text *out, struct error *err)
{
	cleanup(entries_done) struct entries old = {0}, now = {0}, new = {0};
	int result = entries_take(base, &old, err);

	if (result == 0)
		result = entries_take(before, &now, err);
	if (result == 0)
		result = entries_take(written, &new, err);
	if (result < 0)
		return result;
	text_append(out, "", 0);
	for (size_t i = 0; i < old.count; i++) {
		const struct entry *entry = &old.items[i], *there = entries_find_now(&now, entry);

		if (entry->kind == ENTRY_KERNEL && there &&
		    is_newer(entry, there, entries_find_now(&new, entry)))
			entry = there;
		boot_entries_add(out, entry->kind, entry->name, entry->content);
	}
	for (size_t i = 0; i < now.count; i++)
		if (!entries_find_now(&old, &now.items[i]))
			boot_entries_add(out, now.items[i].kind, now.items[i].name,
					 now.items[i].content);
	return 0;
}
