// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How kernel-install is run for kernels that are there already. Which these are is asked when it is
 * to be done: between a set-up and its end kernels come and go. Tests: unit/test-apply-entries.c.
 */
#include "actions/setup/entries-building.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/host-change.h"
#include "base/host-path.h"
#include "model/boot-entries.h"

static int remove_ours(struct apply *apply, const struct entries_place *place, struct error *err)
{
	int result = 0;

	for (size_t i = 0; result == 0 && i < place->name_count; i++) {
		auto_free char *path = xasprintf("%s/%s", place->dir, place->names[i]);

		if (boot_entry_is_ours(place->names[i], place->token))
			result = apply_remove_file(apply, path, err);
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

void entries_building_tell(const struct entries_building *building, const char *about,
			   const char *note)
{
	const struct apply_event event = {
		.step = building->step, .undo = building->undo, .note = note, .about = about};

	apply_report(building->apply, &event);
}

/*
 * Where attempts to boot are counted, an entry has another name when it is written anew. Newer
 * versions of kernel-install remove the one before; version 252 leaves it, with the words of then.
 */
static int remove_older(const struct entries_building *building, const char *release,
			struct error *err)
{
	const struct entries_place *place = &building->place;
	auto_free char *written = entries_place_written(building->apply->host, place, release);
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
			result = apply_remove_file(building->apply, older, err);
	}
	return result;
}

static int add_kernel(struct entries_building *building, const char *release, const char *image,
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
static int lacks_image(const struct entries_building *building, const char *release,
		       struct error *err)
{
	auto_free char *path = xasprintf("%s/%s", building->place.dir,
					 entries_place_entry(&building->place, release));

	if (!building->undo)
		return error_set(err, ENXIO,
				 "kernel %s has an entry, but neither /boot/vmlinuz-%s nor "
				 "/lib/modules/%s/vmlinuz is there",
				 release, release, release);
	entries_building_tell(building, path,
			      "its kernel has no image any more: it stays as it is");
	return 0;
}

static int add_kernels(struct entries_building *building, size_t *ret_count, struct error *err)
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

void entries_building_done(struct entries_building *building)
{
	entries_place_done(&building->place);
}

int entries_building_open(struct entries_building *building, struct error *err)
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

int entries_building_write(struct entries_building *building, struct error *err)
{
	struct entries_place *place = &building->place;
	size_t count = 0;
	int result = remove_ours(building->apply, place, err);

	if (result == 0)
		result = add_kernels(building, &count, err);
	if (result == -ENOENT && building->undo) {
		entries_building_tell(
			building, place->program,
			"it is not there any more: the entries of kernels stay as they are");
		return 0;
	}
	if (result == 0 && count == 0 && !building->undo)
		return error_set(err, ENXIO, "no kernel of this host has an entry in %s",
				 place->dir);
	if (result == 0 && count == 0)
		entries_building_tell(building, place->dir,
				      "no kernel has an entry there any more");
	return result;
}
