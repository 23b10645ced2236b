// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What makes an entry of the Boot Loader Specification one of ours, and what may become of the
 * others when a set-up is applied, and when it is taken back.
 */
#include "model/boot-entries.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define OURS "-hostdev-"
#define SUFFIX ".conf"

/* --- names --- */

static bool ends_with(const char *name, const char *end)
{
	size_t length = strlen(name), wanted = strlen(end);

	return length >= wanted && strcmp(name + length - wanted, end) == 0;
}

/* Behind what names an entry: nothing but ".conf", or what counts attempts to boot before it. */
static bool is_end(const char *rest)
{
	return strcmp(rest, SUFFIX) == 0 ||
	       (*rest == '+' && isdigit((unsigned char)rest[1]) && ends_with(rest, SUFFIX) &&
		strspn(rest + 1, "0123456789-") == strlen(rest + 1) - strlen(SUFFIX));
}

bool boot_entry_is_ours(const char *name, const char *token)
{
	const char *at = NULL, *next = name;
	size_t digits;

	if (!text_starts(name, token) || name[strlen(token)] != '-')
		return false;
	while ((next = strstr(next, OURS)))
		at = next++;
	if (!at)
		return false;
	at += strlen(OURS);
	digits = strspn(at, "0123456789");
	return digits > 0 && is_end(at + digits);
}

bool boot_entry_is_of(const char *name, const char *token, const char *release)
{
	auto_free char *base = xasprintf("%s-%s", token, release);

	return text_starts(name, base) && is_end(name + strlen(base));
}

/* "TOKEN-KERNEL", without what counts attempts to boot. Heap. */
static char *base_of(const char *name)
{
	size_t length = strlen(name) - (ends_with(name, SUFFIX) ? strlen(SUFFIX) : 0);
	size_t counted = length;

	while (counted > 0 &&
	       (isdigit((unsigned char)name[counted - 1]) || name[counted - 1] == '-'))
		counted--;
	if (counted > 0 && counted < length && name[counted - 1] == '+')
		length = counted - 1;
	return xasprintf("%.*s", (int)length, name);
}

/* --- lists --- */

struct entry {
	enum entry_kind kind;
	char *name, *base, *content;
};

struct entries {
	struct entry *items;
	size_t count;
};

static void entries_done(struct entries *entries)
{
	for (size_t i = 0; i < entries->count; i++) {
		free(entries->items[i].name);
		free(entries->items[i].base);
		free(entries->items[i].content);
	}
	free(entries->items);
}

void boot_entries_add(struct text *list, enum entry_kind kind, const char *name,
		      const char *content)
{
	auto_free char *shown = text_escape(name), *escaped = text_escape(content);

	text_printf(list, "%c\t%s\t%s\n", kind, shown, escaped);
}

static bool take_line(const char *line, size_t length, struct entries *entries)
{
	const char *tab = length > 2 ? memchr(line + 2, '\t', length - 2) : NULL;
	struct entry entry = {.kind = (enum entry_kind) * line};

	if (!tab || line[1] != '\t' ||
	    !text_unescape(line + 2, (size_t)(tab - line - 2), &entry.name))
		return false;
	if (!text_unescape(tab + 1, (size_t)(line + length - tab - 1), &entry.content)) {
		free(entry.name);
		return false;
	}
	entry.base = base_of(entry.name);
	entries->items = array_grow(entries->items, entries->count, sizeof(entry));
	entries->items[entries->count++] = entry;
	return true;
}

static int take_list(const char *list, struct entries *ret, struct error *err)
{
	for (const char *line = list, *next; *line; line = next) {
		const char *end = strchrnul(line, '\n');

		next = *end ? end + 1 : end;
		if (!take_line(line, (size_t)(end - line), ret))
			return error_set(err, EBADMSG, "a list of boot entries is damaged");
	}
	return 0;
}

static const struct entry *find(const struct entries *entries, enum entry_kind kind,
				const char *base)
{
	for (size_t i = 0; i < entries->count; i++)
		if (entries->items[i].kind == kind && strcmp(entries->items[i].base, base) == 0)
			return &entries->items[i];
	return NULL;
}

/* --- options --- */

void boot_entry_add_options(const char *text, size_t length, const char *const left_out[2],
			    struct text *out)
{
	for (size_t at = 0; at < length;) {
		size_t word;

		at += strspn(text + at, " \t\r");
		word = strcspn(text + at, " \t\r\n");
		if (at + word > length || word == 0)
			break;
		if (!text_starts(text + at, "systemd.machine_id=") &&
		    !text_has_word(left_out[0], text + at, word) &&
		    !text_has_word(left_out[1], text + at, word))
			text_printf(out, "%s%.*s", out->length > 0 ? " " : "", (int)word,
				    text + at);
		at += word;
	}
}

/*
 * The words of its lines "options", one blank between them, without some, and without that which
 * kernel-install appends by itself. Heap, never NULL.
 */
static char *options_of(const struct entry *entry, const char *const left_out[2])
{
	static const char key[] = "options";
	auto_text struct text options = TEXT_INIT;

	text_append(&options, "", 0);
	for (const char *line = entry->content, *next; *line; line = next) {
		const char *end = strchrnul(line, '\n');

		next = *end ? end + 1 : end;
		line += strspn(line, " \t");
		if (text_starts(line, key) && strchr(" \t", line[strlen(key)]) &&
		    line + strlen(key) < end)
			boot_entry_add_options(line + strlen(key),
					       (size_t)(end - line) - strlen(key), left_out,
					       &options);
	}
	return options.data ? steal(&options.data) : xstrdup("");
}

/* --- comparing --- */

static int compare_kernel(const struct entry *old, const struct entry *new,
			  const char *const usual[2], struct error *err)
{
	static const char *const none[2] = {NULL, NULL};
	auto_free char *before = options_of(old, usual), *after = options_of(new, usual);
	auto_free char *whole = options_of(new, none);

	if (strcmp(before, after) != 0)
		return error_set(
			err, EINVAL,
			"the entry %s had the options \"%.120s\", and would now have "
			"\"%.120s\" besides the words of the set-up: run kernel-install for "
			"that kernel first, and look at what it makes of it",
			old->base, before, after);
	if (!strstr(whole, "root=") && strstr(before, "root="))
		return error_set(err, EINVAL, "the entry %s has no root=", new->base);
	return 0;
}

/* The next word or newline that is none of those left out; its length, 0 at the end. */
static size_t next_piece(const char **at, const char *const left_out[2])
{
	for (size_t length;; *at += length) {
		*at += strspn(*at, " \t\r");
		length = **at == '\n' ? 1 : strcspn(*at, " \t\r\n");
		if (length == 0 || (!text_has_word(left_out[0], *at, length) &&
				    !text_has_word(left_out[1], *at, length)))
			return length;
	}
}

/* A plugin may derive its entry from what kernel-install gives to a kernel, as ours does. */
static bool is_alike(const char *before, const char *after, const char *const usual[2])
{
	for (;;) {
		size_t length = next_piece(&before, usual);

		if (length != next_piece(&after, usual) || memcmp(before, after, length) != 0)
			return false;
		if (length == 0)
			return true;
		before += length;
		after += length;
	}
}

static int compare_others(const struct entries *before, const struct entries *after,
			  const char *const usual[2], struct error *err)
{
	int result = 0;

	for (size_t i = 0; result == 0 && i < before->count; i++) {
		const struct entry *old = &before->items[i];
		const struct entry *new = find(after, old->kind, old->base);

		if (old->kind == ENTRY_OURS)
			continue;
		if (!new)
			result = error_set(err, EINVAL, "the entry %s is gone", old->name);
		else if (old->kind == ENTRY_KERNEL)
			result = compare_kernel(old, new, usual, err);
		else if (!is_alike(old->content, new->content, usual))
			result = error_set(err, EINVAL, "the entry %s of others has changed",
					   old->name);
	}
	for (size_t i = 0; result == 0 && i < after->count; i++)
		if (after->items[i].kind != ENTRY_OURS &&
		    !find(before, after->items[i].kind, after->items[i].base))
			result = error_set(err, EINVAL, "the entry %s was not there before",
					   after->items[i].name);
	return result;
}

static int check_choice(const struct entries *after, const struct entry *kernel, size_t number,
			const struct setup_choice *choice, struct error *err)
{
	static const char *const none[2] = {NULL, NULL};
	auto_free char *base = xasprintf("%s" OURS "%zu", kernel->base, number);
	auto_free char *plain = options_of(kernel, none), *wanted = NULL, *found = NULL;
	const struct entry *entry = find(after, ENTRY_OURS, base);

	if (!entry)
		return error_set(err, EINVAL, "there is no entry %s for the choice %s", base,
				 choice->id);
	wanted = xasprintf("%s%s%s", plain, *plain ? " " : "", choice->words);
	found = options_of(entry, none);
	if (strcmp(wanted, found) != 0)
		return error_set(err, EINVAL,
				 "the entry %s has not the options of its kernel and the words of "
				 "the choice %s",
				 base, choice->id);
	return 0;
}

static int check_choices(const struct entries *after, const struct setup *setup, struct error *err)
{
	bool menu = setup->mode && strcmp(setup->mode, "multiboot") == 0;
	int result = 0;

	for (size_t i = 0; result == 0 && i < after->count; i++) {
		const struct entry *entry = &after->items[i];

		if (entry->kind == ENTRY_OURS && !menu)
			result = error_set(err, EINVAL, "the entry %s is left over", entry->name);
		for (size_t j = 0;
		     result == 0 && menu && entry->kind == ENTRY_KERNEL && j < setup->choice_count;
		     j++)
			result = check_choice(after, entry, j + 1, &setup->choices[j], err);
	}
	return result;
}

/* The words that are to be on the lines of usual entries, on every kernel's. */
static int check_usual(const struct entries *after, const struct setup *setup, struct error *err)
{
	static const char *const none[2] = {NULL, NULL};
	int result = 0;

	for (size_t i = 0; result == 0 && i < after->count; i++) {
		auto_free char *options = options_of(&after->items[i], none);

		if (after->items[i].kind == ENTRY_KERNEL &&
		    !text_has_words(options, setup_usual_words(setup)))
			result = error_set(err, EINVAL, "the entry %s lacks words of the set-up",
					   after->items[i].base);
	}
	return result;
}

int boot_entries_have_setup(const char *list, const struct setup *setup, struct error *err)
{
	cleanup(entries_done) struct entries entries = {0};
	int result = take_list(list, &entries, err);

	if (result == 0)
		result = check_usual(&entries, setup, err);
	if (result == 0)
		result = check_choices(&entries, setup, err);
	return result;
}

int boot_entries_compare(const char *before, const struct setup *past, const char *after,
			 const struct setup *setup, struct error *err)
{
	const char *const usual[2] = {setup_usual_words(past), setup_usual_words(setup)};
	cleanup(entries_done) struct entries old = {0}, new = {0};
	int result = take_list(before, &old, err);

	if (result == 0)
		result = take_list(after, &new, err);
	if (result == 0)
		result = compare_others(&old, &new, usual, err);
	if (result == 0)
		result = check_usual(&new, setup, err);
	if (result == 0)
		result = check_choices(&new, setup, err);
	return result;
}

/* --- going home --- */

static const struct entry *find_name(const struct entries *entries, const char *name)
{
	for (size_t i = 0; i < entries->count; i++)
		if (strcmp(entries->items[i].name, name) == 0)
			return &entries->items[i];
	return NULL;
}

static int all_come_back(const struct entries *old, const struct entries *new,
			 const struct boot_entries_way *way, struct error *err)
{
	int result = 0;

	for (size_t i = 0; result == 0 && i < old->count; i++) {
		const struct entry *entry = find_name(new, old->items[i].name);

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

		if (find_name(old, entry->name))
			continue;
		if (entry->kind == ENTRY_OURS ||
		    (entry->kind == ENTRY_KERNEL && find(old, ENTRY_KERNEL, entry->base)))
			result = way->put(way->data, entry->name, NULL, err);
		else
			way->leave(way->data, entry->name);
	}
	return result;
}

/* Where attempts are counted, its name may have changed since. */
static const struct entry *find_now(const struct entries *now, const struct entry *kept)
{
	const struct entry *entry = find_name(now, kept->name);

	return entry ? entry : find(now, kept->kind, kept->base);
}

static bool has_same_options(const struct entry *one, const struct entry *other)
{
	static const char *const none[2] = {NULL, NULL};
	auto_free char *options = options_of(one, none), *others = options_of(other, none);

	return strcmp(options, others) == 0;
}

static int kernels_come_back(const struct entries *old, const struct entries *new, bool unedited,
			     const struct boot_entries_way *way, struct error *err)
{
	int result = 0;

	for (size_t i = 0; result == 0 && i < old->count; i++) {
		const struct entry *kept = &old->items[i], *now = find_now(new, kept);

		if (kept->kind == ENTRY_KERNEL && now && strcmp(kept->content, now->content) != 0 &&
		    (!unedited || has_same_options(kept, now)))
			result = way->put(way->data, now->name, kept->content, err);
	}
	return result;
}

int boot_entries_go_home(const char *kept, const char *now, enum boot_entries_extent extent,
			 const struct boot_entries_way *way, struct error *err)
{
	cleanup(entries_done) struct entries old = {0}, new = {0};
	int result = take_list(kept, &old, err);

	if (result == 0)
		result = take_list(now, &new, err);
	if (result == 0 && extent != ENTRIES_ALL)
		return kernels_come_back(&old, &new, extent == ENTRIES_UNEDITED, way, err);
	if (result == 0)
		result = all_come_back(&old, &new, way, err);
	return result < 0 ? result : none_stays(&old, &new, way, err);
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

	if (take_list(before, &old, NULL) < 0 || take_list(after, &new, NULL) < 0)
		return;
	for (size_t i = 0; i < old.count; i++) {
		const struct entry *entry = &old.items[i], *now = find_now(&new, entry);
		auto_free char *had = NULL, *has = NULL, *lost = NULL;

		if (entry->kind != ENTRY_KERNEL || !now)
			continue;
		had = options_of(entry, none);
		has = options_of(now, none);
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

	if (take_list(list, &entries, NULL) < 0)
		return;
	for (size_t i = 0; i < entries.count; i++) {
		auto_free char *options = options_of(&entries.items[i], none);

		if (text_starts(options, WORD_GUEST) || strstr(options, " " WORD_GUEST))
			tell(data, entries.items[i].name, options);
	}
}
