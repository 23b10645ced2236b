// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How kernel-install is run for kernels that are there already. Which these are is asked when it is
 * to be done: between a set-up and its end kernels come and go.
 */
#include "actions/apply-entries.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/host-change.h"
#include "base/host-path.h"
#include "model/boot-entries.h"

/*
 * How the entries were before the set-up that is just being applied, and before the oldest that is
 * in force.
 */
#define ENTRIES_BASE "/var/lib/" SETUPS_DIR "/entries-base"
#define ENTRIES_FIRST "/var/lib/" SETUPS_DIR "/entries-first"

/* The words of a target, and what they lead to. */
struct place {
	char *copy, *dir; /* heap */
	const char *program, *token;
	char **kernels, **names; /* what is in /lib/modules and in dir */
	size_t kernel_count, name_count;
};

static void place_done(struct place *place)
{
	host_free_names(&place->kernels);
	host_free_names(&place->names);
	free(place->dir);
	free(place->copy);
}

static int place_read(const struct host *host, const char *words, bool has_program,
		      struct place *ret, struct error *err)
{
	char *at = ret->copy = xstrdup(words);
	const char *root;
	int result;

	ret->program = has_program ? strsep(&at, ",") : NULL;
	root = strsep(&at, ",");
	ret->token = at;
	if (!root || !ret->token || *root != '/')
		return error_set(err, EINVAL, "\"%s\" names no boot entries", words);
	ret->dir = xasprintf("%s/loader/entries", root);
	result = host_list(host, HOST_MODULES, &ret->kernels, &ret->kernel_count, err, ".");
	if (result == 0)
		result = host_list(host, HOST_ROOT, &ret->names, &ret->name_count, err, "%s",
				   ret->dir + 1);
	return result;
}

static const char *kernel_of(const struct place *place, const char *name)
{
	for (size_t i = 0; i < place->kernel_count; i++)
		if (boot_entry_is_of(name, place->token, place->kernels[i]))
			return place->kernels[i];
	return NULL;
}

/* --- building --- */

static int remove_ours(struct apply *apply, const struct place *place, struct error *err)
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

static int add_kernel(struct apply *apply, const struct place *place, const char *release,
		      struct text *said, struct error *err)
{
	auto_free char *image = find_image(apply, release);
	auto_free char *program = host_program_at(apply->host, place->program);
	char *const argv[] = {program, (char *)"add", (char *)release, image, NULL};

	if (!image)
		return error_set(err, ENXIO,
				 "kernel %s has an entry, but neither /boot/vmlinuz-%s nor "
				 "/lib/modules/%s/vmlinuz is there",
				 release, release, release);
	return host_command_run(apply->host, argv, said, err);
}

static int add_kernels(struct apply *apply, const char *words, size_t *ret_added, struct text *said,
		       struct error *err)
{
	cleanup(place_done) struct place place = {0};
	size_t added = 0;
	int result = place_read(apply->host, words, true, &place, err);

	/* Where there is no directory, there are no entries. */
	if (result == 0 || result == -ENOENT)
		result = remove_ours(apply, &place, err);
	for (size_t i = 0; result == 0 && i < place.kernel_count; i++) {
		bool has_entry = false;

		for (size_t j = 0; j < place.name_count; j++)
			has_entry |=
				boot_entry_is_of(place.names[j], place.token, place.kernels[i]);
		if (!has_entry)
			continue;
		result = add_kernel(apply, &place, place.kernels[i], said, err);
		added++;
	}
	*ret_added = added;
	return result;
}

/* --- checking --- */

static int add_entry(const struct host *host, const struct place *place, const char *name,
		     struct text *list, struct error *err)
{
	auto_content struct host_content content = CONTENT_INIT;
	auto_free char *path = xasprintf("%s/%s", place->dir, name);
	int result = host_content_read(host, path, &content, err);

	if (result == 0 && content.type == CONTENT_REGULAR)
		boot_entries_add(list,
				 boot_entry_is_ours(name, place->token) ? ENTRY_OURS
				 : kernel_of(place, name)               ? ENTRY_KERNEL
									: ENTRY_FOREIGN,
				 name, content.bytes.data ? content.bytes.data : "");
	return result;
}

static int read_list(const struct host *host, const char *words, struct text *ret,
		     struct error *err)
{
	cleanup(place_done) struct place place = {0};
	int result = place_read(host, words, false, &place, err);

	text_append(ret, "", 0);
	for (size_t i = 0; result == 0 && i < place.name_count; i++) {
		size_t length = strlen(place.names[i]);

		if (length > 5 && strcmp(place.names[i] + length - 5, ".conf") == 0)
			result = add_entry(host, &place, place.names[i], ret, err);
	}
	return result;
}

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
	int result = read_list(apply->host, words, &kept.bytes, err);

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
		result = read_list(apply->host, words, &after, err);
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
	int result = place ? read_list(host, place + 1, &list, err)
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

struct way_home {
	struct apply *apply;
	char *root; /* heap */
};

static void way_home_done(struct way_home *way)
{
	free(way->root);
}

/* An old entry may name an image that has another name by now, or is gone. */
static bool can_start(const struct way_home *way, const char *content)
{
	static const char *const keys[] = {"linux", "initrd", "efi", "devicetree"};

	for (const char *line = content; *line; line += strcspn(line, "\n"), line += *line != 0) {
		const char *word = line + strspn(line, " \t");
		size_t length = strcspn(word, " \t\r\n");

		for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
			const char *value = word + length + strspn(word + length, " \t");
			auto_free char *path = xasprintf("%s/%.*s", way->root,
							 (int)strcspn(value, " \t\r\n"), value);
			struct stat status;

			if (strlen(keys[i]) == length && strncmp(word, keys[i], length) == 0 &&
			    host_path_stat(way->apply->host, path, &status, NULL) < 0)
				return false;
		}
	}
	return true;
}

static int put_entry(void *data, const char *name, const char *content, struct error *err)
{
	const struct way_home *way = data;
	auto_free char *path = xasprintf("%s/loader/entries/%s", way->root, name);
	auto_content struct host_content entry = CONTENT_INIT;
	int result = host_content_read(way->apply->host, path, &entry, err);

	if (result < 0 || (!way->apply->at_once && !can_start(way, content)))
		return result;
	if (entry.type == CONTENT_ABSENT)
		entry.mode = 0644;
	entry.type = CONTENT_REGULAR;
	entry.has_mtime = false;
	text_done(&entry.bytes);
	text_append(&entry.bytes, content, strlen(content));
	return host_file_put(way->apply->host, path, &entry, err);
}

/* words: "PROGRAM,ROOT,TOKEN" */
static int go_home(struct apply *apply, const char *words, struct error *err)
{
	const char *place = strchr(words, ',') + 1, *path = kept_of(apply);
	cleanup(way_home_done) struct way_home way = {.apply = apply};
	auto_content struct host_content kept = CONTENT_INIT;
	auto_text struct text now = TEXT_INIT;
	int result = path ? host_content_read(apply->host, path, &kept, err) : 0;

	if (result < 0 || kept.type != CONTENT_REGULAR || kept.bytes.length == 0)
		return result;
	way.root = xasprintf("%.*s", (int)strcspn(place, ","), place);
	result = read_list(apply->host, place, &now, err);
	return result < 0 ? result
			  : boot_entries_go_home(kept.bytes.data, now.data, apply->at_once,
						 put_entry, &way, err);
}

int entries_build(struct apply *apply, const char *words, bool undo, struct text *said,
		  struct error *err)
{
	size_t added = 0;
	int result = add_kernels(apply, words, &added, said, err);

	if (result == 0 && added == 0 && !undo)
		return error_set(err, ENXIO, "no kernel of this host has an entry");
	/* Those that were there a moment ago come back in any case. */
	return result == 0 && undo && (added > 0 || apply->at_once) ? go_home(apply, words, err)
								    : result;
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
