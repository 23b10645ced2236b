// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is kept of the entries of kernels while set-ups are in force, and what becomes of them when
 * these are taken back.
 */
#include "actions/setup/apply-entries.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "actions/setup/entries-building.h"
#include "actions/setup/entries-place.h"
#include "base/cleanup.h"
#include "base/host-change.h"
#include "base/host-path.h"
#include "model/boot-entries.h"
#include "state/setups.h"

/*
 * How the entries were before the set-up that is just being applied, and before the oldest that is
 * in force; and how the newest has left them.
 */
#define ENTRIES_BASE "/var/lib/" SETUPS_DIR "/" SETUPS_ENTRIES_BASE
#define ENTRIES_FIRST "/var/lib/" SETUPS_DIR "/" SETUPS_ENTRIES_FIRST
#define ENTRIES_BUILT "/var/lib/" SETUPS_DIR "/" SETUPS_ENTRIES_BUILT

#define CMDLINE "/etc/kernel/cmdline"
#define EDITED "it was edited since: only what hostdev-hook had put there is taken out"

/* --- checking --- */

static bool builds_entries(const struct setup *setup)
{
	for (size_t i = 0; setup && i < setup->step_count; i++)
		if (setup->steps[i].kind == STEP_BUILD &&
		    text_starts(setup->steps[i].target, "entries:") &&
		    journal_mark_is_unsettled(setup->marks[i]))
			return true;
	return false;
}

int entries_keep(struct apply *apply, const char *words, struct error *err)
{
	auto_content struct host_content kept = {.type = CONTENT_REGULAR, .mode = 0600};
	int result = entries_read(apply->host, words, &kept.bytes, err);

	if (result == 0)
		result = host_file_put(apply->host, ENTRIES_BASE, &kept, err);
	return result < 0 || builds_entries(apply->past)
		       ? result
		       : host_file_put(apply->host, ENTRIES_FIRST, &kept, err);
}

/* The text of what is kept; "" where nothing is. */
static int read_kept(const struct apply *apply, const char *path, struct text *ret,
		     struct error *err)
{
	auto_content struct host_content kept = CONTENT_INIT;
	int result = host_content_read(apply->host, path, &kept, err);

	if (result == 0)
		text_append(ret, text_string(&kept.bytes), kept.bytes.length);
	return result;
}

static int keep(const struct apply *apply, const char *path, struct text *list, struct error *err)
{
	auto_content struct host_content kept = {.type = CONTENT_REGULAR, .mode = 0600};

	kept.bytes = *list;
	*list = (struct text)TEXT_INIT;
	return host_file_put(apply->host, path, &kept, err);
}

static void tell_overwritten(void *data, const char *name, bool edited, const char *lost)
{
	(void)data;
	(void)name;
	(void)edited;
	(void)lost;
}

/* What people have edited since the set-up before this one comes back when all is taken back. */
static int keep_edits(const struct apply *apply, const char *before, const char *after,
		      struct error *err)
{
	auto_text struct text first = TEXT_INIT, built = TEXT_INIT, folded = TEXT_INIT;
	int result = read_kept(apply, ENTRIES_FIRST, &first, err);

	if (result == 0)
		result = read_kept(apply, ENTRIES_BUILT, &built, err);
	if (result == 0) {
		const struct boot_entries_edits edits = {.built = built.data,
							 .before = before,
							 .after = after,
							 .tell = tell_overwritten};

		result = boot_entries_keep_edits(first.data, &edits, &folded, err);
	}
	return result < 0 || text_equal(folded.data, first.data)
		       ? result
		       : keep(apply, ENTRIES_FIRST, &folded, err);
}

int entries_check(struct apply *apply, const char *words, struct error *err)
{
	auto_content struct host_content before = CONTENT_INIT;
	auto_text struct text after = TEXT_INIT;
	int result = host_content_read(apply->host, ENTRIES_BASE, &before, err);

	if (result == 0 && before.type != CONTENT_REGULAR)
		result =
			error_set(err, ENOENT, "it is not known any more which entries there were");
	if (result == 0)
		result = entries_read(apply->host, words, &after, err);
	if (result == 0)
		result = boot_entries_compare(text_string(&before.bytes), apply->past,
					      text_string(&after), apply->setup, err);
	if (result == 0 && builds_entries(apply->past))
		result = keep_edits(apply, text_string(&before.bytes), after.data, err);
	return result < 0 ? result : keep(apply, ENTRIES_BUILT, &after, err);
}

int entries_verify(const struct host *host, const struct setup *setup, const char *words,
		   struct error *err)
{
	const char *place = strchr(words, ',');
	auto_text struct text list = TEXT_INIT;
	int result = place ? entries_read(host, place + 1, &list, err)
			   : error_set(err, EINVAL, "\"%s\" names no boot entries", words);

	return result < 0 ? result : boot_entries_have_setup(text_string(&list), setup, err);
}

/* --- taking back --- */

/* Has this set-up begun to keep what there was before it, or, whole, has it done so? */
static bool has_base(const struct setup *setup, bool whole)
{
	for (size_t i = 0; setup && i < setup->step_count; i++)
		if (setup->steps[i].kind == STEP_CHECK &&
		    text_starts(setup->steps[i].target, "entries-base:"))
			return whole ? setup->marks[i] == MARK_DONE
				     : setup->marks[i] != MARK_PLANNED;
	return false;
}

/* NULL: nothing is known that would be this set-up's. */
static const char *kept_of(const struct apply *apply)
{
	if (!apply->at_once)
		return ENTRIES_FIRST;
	return has_base(apply->setup, true) ? ENTRIES_BASE : NULL;
}

/* An old entry may name an image that has another name by now, or is gone. */
static bool can_start(const struct entries_building *building, const char *content)
{
	static const char *const keys[] = {"linux", "initrd", "efi", "devicetree"};

	for (const char *line = content; *line; line = text_next_line(line)) {
		const char *word = line + strspn(line, " \t");
		size_t length = strcspn(word, " \t\r\n");

		for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
			const char *value = word + length + strspn(word + length, " \t");
			auto_free char *path = xasprintf("%s/%.*s", building->place.root,
							 (int)strcspn(value, " \t\r\n"), value);
			struct stat status;

			if (strlen(keys[i]) == length && strncmp(word, keys[i], length) == 0 &&
			    host_path_stat(building->apply->host, path, &status, NULL) < 0)
				return false;
		}
	}
	return true;
}

static int put_entry(void *data, const char *name, const char *content, struct error *err)
{
	const struct entries_building *building = data;
	struct apply *apply = building->apply;
	auto_free char *path = xasprintf("%s/%s", building->place.dir, name);
	auto_content struct host_content entry = CONTENT_INIT;
	int result;

	if (!content)
		return apply_remove_file(apply, path, err);
	result = host_content_read(apply->host, path, &entry, err);
	if (result < 0)
		return result;
	if (!apply->at_once && !can_start(building, content)) {
		entries_building_tell(building, path,
				      "what it would start with is not there any more: it stays "
				      "as it is now");
		return 0;
	}
	if (entry.type == CONTENT_ABSENT)
		entry.mode = 0644;
	entry.type = CONTENT_REGULAR;
	entry.has_mtime = false;
	text_done(&entry.bytes);
	text_append(&entry.bytes, content, strlen(content));
	return host_file_put(apply->host, path, &entry, err);
}

static void tell_of_others(void *data, const char *name, bool is_there)
{
	const struct entries_building *building = data;
	auto_free char *path = xasprintf("%s/%s", building->place.dir, name);

	building->apply->left = true;
	entries_building_tell(building, path,
			      is_there ? "it was written meanwhile, by others: it is left"
				       : "it was removed meanwhile, by others: it does not come "
					 "back");
}

static void leave_entry(void *data, const char *name)
{
	tell_of_others(data, name, true);
}

/* Or does it give those of the kernel that runs? */
static bool has_words(const struct host *host)
{
	struct stat status;

	return host_path_stat(host, CMDLINE, &status, NULL) == 0 ||
	       host_path_stat(host, "/usr/lib/kernel/cmdline", &status, NULL) == 0;
}

static int check_entry_words(const struct apply *apply, struct error *err)
{
	if (apply->host->is_own || has_words(apply->host))
		return 0;
	return error_set(err, ENXIO,
			 "that host has no " CMDLINE " any more, and kernel-install would give "
			 "the words of the kernel that runs here to its entries: write it there, "
			 "with what its kernels need (see \"options\" in its entries)");
}

static enum boot_entries_extent extent_of(const struct apply *apply)
{
	if (apply->at_once)
		return ENTRIES_ALL;
	return has_words(apply->host) ? ENTRIES_CONFIGURED : ENTRIES_OF_KERNELS;
}

static void tell_edited(void *data, const char *name, bool edited, const char *lost)
{
	const struct entries_building *building = data;
	auto_free char *path = xasprintf("%s/%s", building->place.dir, name);
	auto_free char *note = xasprintf("%s%sbefore the set-up it had, which is gone: %s",
					 edited ? EDITED : "", edited ? "; " : "", lost);

	entries_building_tell(building, path, *lost ? note : EDITED);
}

/* What is kept, with what people have written into entries since. */
static int read_home(struct entries_building *building, const char *path, const char *people,
		     const char *after, struct text *ret, struct error *err)
{
	auto_text struct text kept = TEXT_INIT, built = TEXT_INIT;
	const struct apply *apply = building->apply;
	struct boot_entries_edits edits = {
		.before = people, .after = after, .tell = tell_edited, .data = building};
	int result = read_kept(apply, path, &kept, err);

	if (result == 0 && apply->at_once) {
		text_append(ret, kept.data, kept.length);
		return 0;
	}
	if (result == 0)
		result = read_kept(apply, ENTRIES_BUILT, &built, err);
	edits.built = text_string(&built);
	return result < 0 || kept.length == 0
		       ? result
		       : boot_entries_keep_edits(kept.data, &edits, ret, err);
}

static int go_home(struct entries_building *building, const char *people, const char *before,
		   const char *now, struct error *err)
{
	const struct boot_entries_way way = {
		.put = put_entry, .leave = leave_entry, .data = building};
	const char *path = kept_of(building->apply);
	auto_text struct text kept = TEXT_INIT;
	int result = path ? read_home(building, path, people, now, &kept, err) : 0;

	return result < 0 || kept.length == 0
		       ? result
		       : boot_entries_go_home(kept.data, before, now, extent_of(building->apply),
					      &way, err);
}

static void tell_lost(void *data, const char *name, const char *words)
{
	const struct entries_building *building = data;
	auto_free char *path = xasprintf("%s/%s", building->place.dir, name);
	auto_free char *note = xasprintf("it had \"%s\" besides what kernel-install gives to it, "
					 "which is gone now: what every kernel is to have stands "
					 "in " CMDLINE,
					 words);

	entries_building_tell(building, path, note);
}

static void tell_reserving(void *data, const char *name, const char *words)
{
	const struct entries_building *building = data;
	auto_free char *path = xasprintf("%s/%s", building->place.dir, name);

	(void)words;
	entries_building_tell(
		building, path,
		"it still has words that reserve devices: take them out, or remove it");
}

static int tell_what_is_left(struct entries_building *building, const char *words,
			     const char *before, const char *base, const char *ours,
			     struct error *err)
{
	auto_text struct text after = TEXT_INIT;
	int result = entries_read(building->apply->host, words, &after, err);

	if (result < 0)
		return result;
	boot_entries_each_lost(before, after.data, ours, tell_lost, building);
	boot_entries_each_reserving(after.data, tell_reserving, building);
	/* Of an applied set-up nothing was kept of them: it has left them as they were. */
	if (base)
		boot_entries_each_of_others(base, after.data, ours, tell_of_others, building);
	return 0;
}

/*
 * Whoever is killed between kernel-install and the end of this has lost what people had written:
 * how it was stays on the disk until all is done. A set-up that was stopped, or an undo, has kept
 * it there already; was_kept: so it is.
 */
static int keep_before(const struct apply *apply, const char *before, struct text *base,
		       bool *was_kept, struct error *err)
{
	auto_text struct text list = TEXT_INIT;
	int result = read_kept(apply, ENTRIES_BASE, base, err);

	*was_kept = base->length > 0;
	if (result < 0 || *was_kept)
		return result;
	text_append(base, before, strlen(before));
	text_append(&list, before, strlen(before));
	/* A disk that is full is no reason not to take back: only a death would need it. */
	keep(apply, ENTRIES_BASE, &list, NULL);
	return 0;
}

/* What is written anew now was the set-up's; what was not is told. */
static int bring_home(struct entries_building *building, const char *place, const char *base,
		      const char *before, struct text *people, struct error *err)
{
	auto_text struct text written = TEXT_INIT;
	int result = entries_read(building->apply->host, place, &written, err);

	if (result == 0 && building->apply->at_once)
		return go_home(building, before, before, written.data, err);
	if (result == 0)
		result = boot_entries_of_people(base, before, written.data, people, err);
	return result < 0 ? result : go_home(building, people->data, before, written.data, err);
}

static int take_back(struct entries_building *building, struct error *err)
{
	const char *place = strchr(building->step->target, ',') + 1;
	struct apply *apply = building->apply;
	auto_text struct text before = TEXT_INIT, base = TEXT_INIT, people = TEXT_INIT;
	auto_free char *ours = xasprintf("%s %s", setup_usual_words(apply->setup),
					 apply->words ? apply->words : "");
	bool was_kept = false;
	int result = entries_read(apply->host, place, &before, err), home;

	if (result == 0 && !apply->at_once)
		result = keep_before(apply, text_string(&before), &base, &was_kept, err);
	if (result < 0)
		return result;
	result = check_entry_words(apply, err);
	if (result == 0)
		result = entries_building_write(building, err);
	/* Half an entry starts no host: what was kept counts also where kernel-install fails. */
	home = bring_home(building, place, text_string(&base), text_string(&before), &people,
			  result < 0 ? NULL : err);
	if (result < 0 || home < 0 || apply->at_once)
		return result < 0 ? result : home;
	return tell_what_is_left(building, place, people.data, was_kept ? text_string(&base) : NULL,
				 ours, err);
}

int entries_build(struct apply *apply, const struct step *step, bool undo, struct text *said,
		  struct error *err)
{
	cleanup(entries_building_done) struct entries_building building = {
		.apply = apply, .step = step, .undo = undo, .said = said};
	int result = entries_building_open(&building, err);

	if (result < 0)
		return result;
	return undo ? take_back(&building, err) : entries_building_write(&building, err);
}

void entries_applied(struct apply *apply)
{
	if (has_base(apply->setup, false))
		apply_remove_file(apply, ENTRIES_BASE, NULL);
}

void entries_forget(struct apply *apply)
{
	bool stays = builds_entries(apply->at_once ? apply->past : apply->next);

	if (!has_base(apply->setup, false) || builds_entries(apply->setup))
		return;
	/* Where it is the one before that has them written anew, that still needs it. */
	if (apply->at_once || !stays)
		apply_remove_file(apply, ENTRIES_BASE, NULL);
	if (stays)
		return;
	apply_remove_file(apply, ENTRIES_FIRST, NULL);
	apply_remove_file(apply, ENTRIES_BUILT, NULL);
}
