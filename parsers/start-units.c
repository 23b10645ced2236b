// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where systemd finds units that mount and swap, which of several files with one name counts, and
 * whether a start wants it.
 */
#include "parsers/start-units.h"

#include <ctype.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "parsers/boot-source.h"

/* Each hides the names that it has in those behind it; where /usr is not merged, /lib is one too.
 * What is below /run is gone at the next start. */
static const char *const folders[] = {"/etc/systemd/system", "/usr/local/lib/systemd/system",
				      "/usr/lib/systemd/system", "/lib/systemd/system"};
#define FOLDERS (sizeof(folders) / sizeof(folders[0]))

static bool has_name(char *const *names, const char *name)
{
	for (size_t i = 0; names[i]; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

/* Names of all that some unit has a link to in its folder; heap, NULL-terminated. */
static char **list_enabled(struct boot_source *source)
{
	char **enabled = xcalloc(1, sizeof(*enabled));
	size_t count = 0;

	for (size_t i = 0; i < FOLDERS; i++) {
		cleanup(host_free_names) char **names = boot_source_list(source, "%s", folders[i]);

		for (size_t j = 0; names[j]; j++) {
			cleanup(host_free_names) char **links = NULL;

			if (!name_ends(names[j], ".wants") && !name_ends(names[j], ".requires"))
				continue;
			links = boot_source_list(source, "%s/%s", folders[i], names[j]);
			for (size_t k = 0; links[k]; k++)
				strings_add(&enabled, &count, xstrdup(links[k]));
		}
	}
	return enabled;
}

/* A template is none, and what has other characters is none to systemd either. */
static bool is_unit(const char *name)
{
	if (!name_ends(name, ".mount") && !name_ends(name, ".swap"))
		return false;
	for (; *name; name++)
		if (!isalnum((unsigned char)*name) && !strchr(":-_.\\", *name))
			return false;
	return true;
}

static const char *find_spared(const char *name, char *const *enabled)
{
	auto_free char *automount =
		xasprintf("%.*s.automount", (int)(strrchr(name, '.') - name), name);

	if (has_name(enabled, name))
		return NULL;
	return has_name(enabled, automount) ? "by automount" : "not enabled";
}

void start_units_read(const struct host *host, struct start_lines *lines)
{
	struct boot_source source = {.host = host};
	cleanup(host_free_names) char **enabled = list_enabled(&source);
	cleanup(host_free_names) char **seen = xcalloc(1, sizeof(*seen));
	size_t seen_count = 0;

	for (size_t i = 0; i < FOLDERS; i++) {
		cleanup(host_free_names) char **names = boot_source_list(&source, "%s", folders[i]);

		for (size_t j = 0; names[j]; j++) {
			auto_free char *text = NULL;

			if (!is_unit(names[j]) || has_name(seen, names[j]))
				continue;
			/* One that is masked is a link to no file, and hides the others. */
			strings_add(&seen, &seen_count, xstrdup(names[j]));
			text = boot_source_read(&source, "%s/%s", folders[i], names[j]);
			if (text)
				start_lines_unit(text, names[j], find_spared(names[j], enabled),
						 lines);
		}
	}
}
