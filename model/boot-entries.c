// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What makes an entry of the Boot Loader Specification one of ours, and what may become of the
 * others when a set-up is applied.
 */
#include "model/boot-entries.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/boot-entries-list.h"

#define OURS "-hostdev-"
#define SUFFIX ".conf"

/* --- names --- */

/* Behind what names an entry: nothing but ".conf", or what counts attempts to boot before it. */
static bool is_end(const char *rest)
{
	return strcmp(rest, SUFFIX) == 0 ||
	       (*rest == '+' && isdigit((unsigned char)rest[1]) && text_ends(rest, SUFFIX) &&
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

/* --- comparing --- */

static int compare_kernel(const struct entry *old, const struct entry *new,
			  const char *const usual[2], struct error *err)
{
	auto_free char *before = entry_options(old, usual), *after = entry_options(new, usual);

	if (strcmp(before, after) != 0)
		return error_set(
			err, EINVAL,
			"the entry %s had the options \"%.120s\", and would now have "
			"\"%.120s\" besides the words of the set-up: run kernel-install for "
			"that kernel first, and look at what it makes of it",
			old->base, before, after);
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
		const struct entry *new = entries_find(after, old->kind, old->base);

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
		    !entries_find(before, after->items[i].kind, after->items[i].base))
			result = error_set(err, EINVAL, "the entry %s was not there before",
					   after->items[i].name);
	return result;
}

static int check_choice(const struct entries *after, const struct entry *kernel, size_t number,
			const struct setup_choice *choice, struct error *err)
{
	auto_free char *base = xasprintf("%s" OURS "%zu", kernel->base, number);
	auto_free char *plain = entry_options(kernel, NULL), *wanted = NULL, *found = NULL;
	const struct entry *entry = entries_find(after, ENTRY_OURS, base);

	if (!entry)
		return error_set(err, EINVAL, "there is no entry %s for the choice %s", base,
				 choice->id);
	wanted = xasprintf("%s%s%s", plain, *plain ? " " : "", choice->words);
	found = entry_options(entry, NULL);
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
	int result = 0;

	for (size_t i = 0; result == 0 && i < after->count; i++) {
		auto_free char *options = entry_options(&after->items[i], NULL);

		if (after->items[i].kind == ENTRY_KERNEL &&
		    !text_has_words(options, setup_usual_words(setup)))
			result = error_set(err, EINVAL, "the entry %s lacks words of the set-up",
					   after->items[i].base);
	}
	return result;
}

static int check_setup(const struct entries *entries, const struct setup *setup, struct error *err)
{
	int result = check_usual(entries, setup, err);

	return result < 0 ? result : check_choices(entries, setup, err);
}

int boot_entries_have_setup(const char *list, const struct setup *setup, struct error *err)
{
	cleanup(entries_done) struct entries entries = {0};
	int result = entries_take(list, &entries, err);

	return result < 0 ? result : check_setup(&entries, setup, err);
}

int boot_entries_compare(const char *before, const struct setup *past, const char *after,
			 const struct setup *setup, struct error *err)
{
	const char *const usual[2] = {setup_usual_words(past), setup_usual_words(setup)};
	cleanup(entries_done) struct entries old = {0}, new = {0};
	int result = entries_take(before, &old, err);

	if (result == 0)
		result = entries_take(after, &new, err);
	if (result == 0)
		result = compare_others(&old, &new, usual, err);
	return result < 0 ? result : check_setup(&new, setup, err);
}
