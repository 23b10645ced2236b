// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How kernel-install is run for kernels that are there already. Which these are is asked when it is
 * to be done: between a set-up and its end kernels come and go.
 */
#include "actions/apply-entries.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "actions/entries-place.h"
#include "actions/setups.h"
#include "base/cleanup.h"
#include "base/host-change.h"
#include "base/host-path.h"
#include "model/boot-entries.h"

/*
 * How the entries were before the set-up that is just being applied, and before the oldest that is
 * in force.
 */
#define ENTRIES_BASE "/var/lib/" SETUPS_DIR "/" SETUPS_ENTRIES_BASE
#define ENTRIES_FIRST "/var/lib/" SETUPS_DIR "/" SETUPS_ENTRIES_FIRST

#define CMDLINE "/etc/kernel/cmdline"

/* --- building --- */

static int remove_ours(struct apply *apply, const struct entries_place *place, struct error *err)
{
	const struct host_content absent = CONTENT_INIT;
	int result = 0;

	for (size_t i = 0; result == 0 && i < place->name_count; i++) {
		auto_free char *path = xasprintf("%s/%s", place->dir, place->names[i]);

		if (boot_entry_is_ours(place->names[i], place->token))
			result = host_file_put(apply->host, path, &absent, err);
	}
	return result;
}

/* Where distributions put a kernel's image. Heap, NULL: nowhere. */
static char *find_image(const struct apply *apply, const char *release)
{
	static const char *const folders[] = {"boot/vmlinuz-", "lib/modules/", "usr/lib/modules/"};

	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		auto_free char *path =
			xasprintf("%s%s%s", folders[i], release, i > 0 ? "/vmlinuz" : "");

		if (host_exists(apply->host, HOST_ROOT, "%s", path))
			return xasprintf("/%s", path);
	}
	return NULL;
}

/* The writing of entries, for a step of a set-up. */
struct building {
	struct apply *apply;
	const struct step *step;
	bool undo;
	struct text *said; /* by the first that has failed */
	struct entries_place place;
};

static void building_done(struct building *building)
{
	entries_place_done(&building->place);
}

static void tell(const struct building *building, const char *about, const char *note)
{
	const struct apply_event event = {
		.step = building->step, .undo = building->undo, .note = note, .about = about};

	if (building->apply->report)
		building->apply->report(building->apply->report_data, &event);
}

/*
 * Where attempts to boot are counted, an entry has another name when it is written anew. Newer
 * versions of kernel-install remove the one before; version 252 leaves it, with the words of then.
 */
static int remove_older(const struct building *building, const char *release, struct error *err)
{
	const struct entries_place *place = &building->place;
	auto_free char *written = entries_place_written(building->apply->host, place, release);
	const struct host_content absent = CONTENT_INIT;
	auto_free char *path = xasprintf("%s/%s", place->dir, written);
	struct stat status;
	int result = 0;

	if (host_path_stat(building->apply->host, path, &status, NULL) < 0)
		return 0;
	for (size_t i = 0; result == 0 && i < place->name_count; i++) {
		auto_free char *older = xasprintf("%s/%s", place->dir, place->names[i]);

		if (boot_entry_is_of(place->names[i], place->token, release) &&
		    strcmp(place->names[i], written) != 0 &&
		    host_path_stat(building->apply->host, older, &status, NULL) == 0)
			result = host_file_put(building->apply->host, older, &absent, err);
	}
	return result;
}

static int add_kernel(struct building *building, const char *release, const char *image,
		      struct error *err)
{
	auto_free char *program = host_program_at(building->apply->host, building->place.program);
	char *const argv[] = {program, (char *)"add", (char *)release, (char *)image, NULL};
	auto_text struct text said = TEXT_INIT;
	int result = host_command_run(building->apply->host, argv, &said, err);

	if (result < 0 && said.data)
		text_append(building->said, said.data, said.length);
	return result < 0 ? result : remove_older(building, release, err);
}

/* A kernel that is half removed is no reason never to have done with an undo. */
static int lacks_image(const struct building *building, const char *release, struct error *err)
{
	auto_free char *path = xasprintf("%s/%s", building->place.dir,
					 entries_place_entry(&building->place, release));

	if (!building->undo)
		return error_set(err, ENXIO,
				 "kernel %s has an entry, but neither /boot/vmlinuz-%s nor "
				 "/lib/modules/%s/vmlinuz is there",
				 release, release, release);
	tell(building, path, "its kernel has no image any more: it stays as it is");
	return 0;
}

static int add_kernels(struct building *building, size_t *ret_count, struct error *err)
{
	const struct entries_place *place = &building->place;
	int first = 0;

	for (size_t i = 0; (first == 0 || building->undo) && i < place->kernel_count; i++) {
		const char *release = place->kernels[i];
		auto_free char *image = find_image(building->apply, release);
		struct error inner = ERROR_INIT;
		int result;

		if (!entries_place_entry(place, release))
			continue;
		++*ret_count;
		result = image ? add_kernel(building, release, image, &inner)
			       : lacks_image(building, release, &inner);
		if (result == 0 || first < 0)
			continue;
		first = result;
		if (err)
			*err = inner;
	}
	return first;
}

static int open_place(struct building *building, struct error *err)
{
	const char *words = strchr(building->step->target, ':') + 1;
	int result = entries_place_read(building->apply->host, words, true, &building->place, err);

	if (result == -ENOENT && building->undo && building->place.kernels)
		return error_set(
			err, ENXIO,
			"there is no %s: mount the partition that it is on; or, where this "
			"host has no such entries any more, create that directory",
			building->place.dir);
	return result;
}

static int write_entries(struct building *building, struct error *err)
{
	struct entries_place *place = &building->place;
	size_t count = 0;
	int result = remove_ours(building->apply, place, err);

	if (result == 0)
		result = add_kernels(building, &count, err);
	if (result == -ENOENT && building->undo) {
		tell(building, place->program,
		     "it is not there any more: the entries of kernels stay as they are");
		return 0;
	}
	if (result == 0 && count == 0 && !building->undo)
		return error_set(err, ENXIO, "no kernel of this host has an entry in %s",
				 place->dir);
	if (result == 0 && count == 0)
		tell(building, place->dir, "no kernel has an entry there any more");
	return result;
}

/* --- checking --- */

static void forget(struct apply *apply, const char *path)
{
	const struct host_content absent = CONTENT_INIT;

	host_file_put(apply->host, path, &absent, NULL);
}

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
		result = boot_entries_compare(before.bytes.data ? before.bytes.data : "",
					      apply->past, after.data ? after.data : "",
					      apply->setup, err);
	return result;
}

int entries_verify(const struct host *host, const struct setup *setup, const char *words,
		   struct error *err)
{
	const char *place = strchr(words, ',');
	auto_text struct text list = TEXT_INIT;
	int result = place ? entries_read(host, place + 1, &list, err)
			   : error_set(err, EINVAL, "\"%s\" names no boot entries", words);

	return result < 0 ? result
			  : boot_entries_have_setup(list.data ? list.data : "", setup, err);
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
static bool can_start(const struct building *building, const char *content)
{
	static const char *const keys[] = {"linux", "initrd", "efi", "devicetree"};

	for (const char *line = content; *line; line += strcspn(line, "\n"), line += *line != 0) {
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
	const struct building *building = data;
	struct apply *apply = building->apply;
	auto_free char *path = xasprintf("%s/%s", building->place.dir, name);
	auto_content struct host_content entry = CONTENT_INIT;
	const struct host_content absent = CONTENT_INIT;
	int result;

	if (!content)
		return host_file_put(apply->host, path, &absent, err);
	result = host_content_read(apply->host, path, &entry, err);
	if (result < 0 || (!apply->at_once && !can_start(building, content)))
		return result;
	if (entry.type == CONTENT_ABSENT)
		entry.mode = 0644;
	entry.type = CONTENT_REGULAR;
	entry.has_mtime = false;
	text_done(&entry.bytes);
	text_append(&entry.bytes, content, strlen(content));
	return host_file_put(apply->host, path, &entry, err);
}

static void leave_entry(void *data, const char *name)
{
	const struct building *building = data;
	auto_free char *path = xasprintf("%s/%s", building->place.dir, name);

	building->apply->left = true;
	tell(building, path, "it was written meanwhile, by others: it is left");
}

/* Or does it give those of the kernel that runs? */
static bool has_words(const struct host *host)
{
	struct stat status;

	return host_path_stat(host, CMDLINE, &status, NULL) == 0 ||
	       host_path_stat(host, "/usr/lib/kernel/cmdline", &status, NULL) == 0;
}

static int check_words(const struct apply *apply, struct error *err)
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
	return has_words(apply->host) ? ENTRIES_UNEDITED : ENTRIES_OF_KERNELS;
}

static int go_home(struct building *building, const char *now, struct error *err)
{
	const struct boot_entries_way way = {
		.put = put_entry, .leave = leave_entry, .data = building};
	const char *path = kept_of(building->apply);
	auto_content struct host_content kept = CONTENT_INIT;
	int result = path ? host_content_read(building->apply->host, path, &kept, err) : 0;

	return result < 0 || kept.type != CONTENT_REGULAR || kept.bytes.length == 0
		       ? result
		       : boot_entries_go_home(kept.bytes.data, now, extent_of(building->apply),
					      &way, err);
}

static void tell_lost(void *data, const char *name, const char *words)
{
	const struct building *building = data;
	auto_free char *path = xasprintf("%s/%s", building->place.dir, name);
	auto_free char *note = xasprintf("it had \"%s\" besides what kernel-install gives to it, "
					 "which is gone now: what every kernel is to have stands "
					 "in " CMDLINE,
					 words);

	tell(building, path, note);
}

static void tell_reserving(void *data, const char *name, const char *words)
{
	const struct building *building = data;
	auto_free char *path = xasprintf("%s/%s", building->place.dir, name);

	(void)words;
	tell(building, path,
	     "it still has words that reserve devices: take them out, or remove it");
}

/* Backwards. What is written anew now was the set-up's; what was not is told. */
static int take_back(struct building *building, struct error *err)
{
	const char *place = strchr(building->step->target, ',') + 1;
	struct apply *apply = building->apply;
	auto_text struct text before = TEXT_INIT, written = TEXT_INIT, after = TEXT_INIT;
	auto_free char *ours = xasprintf("%s %s", setup_usual_words(apply->setup),
					 apply->words ? apply->words : "");
	int result = check_words(apply, err), home;

	if (result == 0)
		result = entries_read(apply->host, place, &before, err);
	if (result == 0)
		result = write_entries(building, err);
	/* Half an entry starts no host: what was kept counts also where kernel-install fails. */
	home = entries_read(apply->host, place, &written, result < 0 ? NULL : err);
	if (home == 0)
		home = go_home(building, written.data, result < 0 ? NULL : err);
	if (result < 0 || home < 0 || apply->at_once)
		return result < 0 ? result : home;
	result = entries_read(apply->host, place, &after, err);
	if (result == 0) {
		boot_entries_each_lost(before.data, after.data, ours, tell_lost, building);
		boot_entries_each_reserving(after.data, tell_reserving, building);
	}
	return result;
}

int entries_build(struct apply *apply, const struct step *step, bool undo, struct text *said,
		  struct error *err)
{
	cleanup(building_done) struct building building = {
		.apply = apply, .step = step, .undo = undo, .said = said};
	int result = open_place(&building, err);

	if (result < 0)
		return result;
	return undo ? take_back(&building, err) : write_entries(&building, err);
}

void entries_applied(struct apply *apply)
{
	if (has_base(apply->setup, false))
		forget(apply, ENTRIES_BASE);
}

void entries_forget(struct apply *apply)
{
	if (!has_base(apply->setup, false) || builds_entries(apply->setup))
		return;
	forget(apply, ENTRIES_BASE);
	if (!builds_entries(apply->at_once ? apply->past : apply->next))
		forget(apply, ENTRIES_FIRST);
}
