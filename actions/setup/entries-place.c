// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which entries and which kernels there are where kernel-install keeps them.
 * Tests: unit/test-apply-entries.c.
 */
#include "actions/setup/entries-place.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/host-change.h"
#include "model/boot-entries.h"

void entries_place_done(struct entries_place *place)
{
	host_free_names(&place->kernels);
	host_free_names(&place->names);
	free(place->dir);
	free(place->copy);
}

int entries_place_read(const struct host *host, const char *words, bool has_program,
		       struct entries_place *ret, struct error *err)
{
	char *at = ret->copy = xstrdup(words);
	int result;

	ret->program = has_program ? strsep(&at, ",") : NULL;
	ret->root = strsep(&at, ",");
	ret->token = at;
	if (!ret->root || !ret->token || *ret->root != '/')
		return error_set(err, EINVAL, "\"%s\" names no boot entries", words);
	ret->dir = xasprintf("%s/loader/entries", ret->root);
	result = host_list(host, HOST_MODULES, &ret->kernels, &ret->kernel_count, err, ".");
	if (result == 0)
		result = host_list(host, HOST_ROOT, &ret->names, &ret->name_count, err, "%s",
				   ret->dir + 1);
	return result;
}

const char *entries_place_kernel(const struct entries_place *place, const char *name)
{
	for (size_t i = 0; i < place->kernel_count; i++)
		if (boot_entry_is_of(name, place->token, place->kernels[i]))
			return place->kernels[i];
	return NULL;
}

const char *entries_place_entry(const struct entries_place *place, const char *release)
{
	for (size_t i = 0; i < place->name_count; i++)
		if (boot_entry_is_of(place->names[i], place->token, release))
			return place->names[i];
	return NULL;
}

char *entries_place_written(const struct host *host, const struct entries_place *place,
			    const char *release)
{
	auto_content struct host_content tries = CONTENT_INIT;
	const char *count = "";

	if (host_content_read(host, "/etc/kernel/tries", &tries, NULL) == 0 && tries.bytes.data) {
		count = tries.bytes.data + strspn(tries.bytes.data, " \t");
		tries.bytes.data[tries.bytes.length - strlen(count) + strcspn(count, " \t\n")] =
			'\0';
	}
	return xasprintf("%s-%s%s%s.conf", place->token, release, *count ? "+" : "", count);
}

static int add_entry(const struct host *host, const struct entries_place *place, const char *name,
		     struct text *list, struct error *err)
{
	auto_content struct host_content content = CONTENT_INIT;
	auto_free char *path = xasprintf("%s/%s", place->dir, name);
	int result = host_content_read(host, path, &content, err);

	if (result == 0 && content.type == CONTENT_REGULAR)
		boot_entries_add(list,
				 boot_entry_is_ours(name, place->token) ? ENTRY_OURS
				 : entries_place_kernel(place, name)    ? ENTRY_KERNEL
									: ENTRY_FOREIGN,
				 name, text_string(&content.bytes));
	return result;
}

int entries_read(const struct host *host, const char *words, struct text *ret, struct error *err)
{
	cleanup(entries_place_done) struct entries_place place = {0};
	int result = entries_place_read(host, words, false, &place, err);

	text_append(ret, "", 0);
	for (size_t i = 0; result == 0 && i < place.name_count; i++) {
		size_t length = strlen(place.names[i]);

		if (length > 5 && strcmp(place.names[i] + length - 5, ".conf") == 0)
			result = add_entry(host, &place, place.names[i], ret, err);
	}
	return result;
}
