// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How files of distributions, of the admin and of the running system are laid over each other by
 * name. Tests: unit/test-boot.c.
 */
#include "parsers/boot/boot-layers.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

static const char *name_of(const char *path)
{
	return strrchr(path, '/') + 1;
}

static bool has_name(char *const *paths, const char *name)
{
	for (; *paths; paths++)
		if (strcmp(name_of(*paths), name) == 0)
			return true;
	return false;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(name_of(*(char *const *)a), name_of(*(char *const *)b));
}

char **layers_list(struct boot_source *source, const char *const *folders, size_t count)
{
	char **paths = xcalloc(1, sizeof(*paths));
	size_t path_count = 0;

	for (size_t i = 0; i < count; i++) {
		cleanup(host_free_names) char **names = boot_source_list(source, "%s", folders[i]);

		for (size_t j = 0; names[j]; j++)
			if (text_ends(names[j], ".conf") && !has_name(paths, names[j]))
				source_strings_add(&paths, &path_count,
						   xasprintf("%s/%s", folders[i], names[j]));
	}
	qsort(paths, path_count, sizeof(*paths), compare_names);
	return paths;
}
