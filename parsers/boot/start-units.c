// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where systemd finds units that mount and swap, which of several files with one name counts, and
 * whether a start wants it.
 */
#include "parsers/boot/start-units.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "parsers/boot/boot-source.h"

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

/* A link by which one unit wants another. */
struct tie {
	char *owner, *wanted; /* heap */
	bool vendors;         /* it lies where "systemctl disable" takes no link away */
	bool counts;          /* a start wants the owner */
};

struct ties {
	struct tie *all;
	size_t count;
	char **aliased; /* heap, NULL-terminated: units that are enabled under another name */
};

static void ties_done(struct ties *ties)
{
	for (size_t i = 0; i < ties->count; i++) {
		free(ties->all[i].owner);
		free(ties->all[i].wanted);
	}
	free(ties->all);
	host_free_names(&ties->aliased);
}

/* The length of "NAME" in "NAME.wants" and such; 0: another folder. */
static size_t owner_length(const char *folder)
{
	static const char *const ends[] = {".wants", ".requires", ".upholds"};

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (text_ends(folder, ends[i]))
			return strlen(folder) - strlen(ends[i]);
	return 0;
}

static void add_ties(struct boot_source *source, const char *parent, const char *folder,
		     struct ties *ties)
{
	cleanup(host_free_names) char **links = boot_source_list(source, "%s/%s", parent, folder);
	int length = (int)owner_length(folder);

	for (size_t i = 0; links[i]; i++)
		array_push(ties->all, ties->count,
			   (struct tie){
				   .owner = xasprintf("%.*s", length, folder),
				   .wanted = xstrdup(links[i]),
				   .vendors = !text_starts(parent, "/etc/"),
			   });
}

/* "display-manager.service" leads to the one that is enabled. */
static void read_aliases(struct boot_source *source, struct ties *ties)
{
	cleanup(host_free_names) char **names = boot_source_list(source, "%s", folders[0]);
	size_t count = 0;
	char target[256];

	ties->aliased = xcalloc(1, sizeof(*ties->aliased));
	for (size_t i = 0; names[i]; i++)
		if (host_read_link_name(source->host, HOST_ETC, target, sizeof(target), NULL,
					"systemd/system/%s", names[i]) == 0 &&
		    strcmp(target, names[i]) != 0)
			source_strings_add(&ties->aliased, &count, xstrdup(target));
}

/* A template's links are those of all that are made of it. */
static bool is_unit_of(const char *name, const char *owner)
{
	const char *at = strstr(owner, "@.");
	size_t length = at ? (size_t)(at - owner) + 1 : 0;

	return strcmp(name, owner) == 0 || (at && strncmp(name, owner, length) == 0);
}

/* A target is what a start goes for, or something that it may: which ones, other units say. */
static bool is_wanted(const struct ties *ties, const char *owner)
{
	if (text_ends(owner, ".target") || has_name(ties->aliased, owner))
		return true;
	for (size_t i = 0; i < ties->count; i++)
		if (ties->all[i].counts && is_unit_of(ties->all[i].wanted, owner))
			return true;
	return false;
}

static void read_ties(struct boot_source *source, struct ties *ties)
{
	bool more = true;

	for (size_t i = 0; i < FOLDERS; i++) {
		cleanup(host_free_names) char **names = boot_source_list(source, "%s", folders[i]);

		for (size_t j = 0; names[j]; j++)
			if (owner_length(names[j]) > 0)
				add_ties(source, folders[i], names[j], ties);
	}
	read_aliases(source, ties);
	while (more) {
		more = false;
		for (size_t i = 0; i < ties->count; i++) {
			struct tie *tie = &ties->all[i];

			if (tie->counts || !is_wanted(ties, tie->owner))
				continue;
			tie->counts = true;
			more = true;
		}
	}
}

/* The link for which a start wants the unit; one of a vendor's before others. NULL: none. */
static const struct tie *find_tie(const struct ties *ties, const char *name)
{
	const struct tie *found = NULL;

	for (size_t i = 0; i < ties->count; i++)
		if (ties->all[i].counts && strcmp(ties->all[i].wanted, name) == 0 &&
		    (!found || ties->all[i].vendors))
			found = &ties->all[i];
	return found;
}

/* A template is none, and what has other characters is none to systemd either. */
static bool is_unit(const char *name)
{
	if (!text_ends(name, ".mount") && !text_ends(name, ".swap"))
		return false;
	for (; *name; name++)
		if (!isalnum((unsigned char)*name) && !strchr(":-_.\\", *name))
			return false;
	return true;
}

static const char *find_spared(const char *name, const struct ties *ties)
{
	auto_free char *automount =
		xasprintf("%.*s.automount", (int)(strrchr(name, '.') - name), name);

	if (find_tie(ties, name))
		return NULL;
	return find_tie(ties, automount) ? "by automount" : "no unit that is known here wants it";
}

/* Heap. "systemctl mask" has no room for its link where the admin's own file lies. */
static char *find_help(const char *name, const char *folder, const struct tie *tie)
{
	if (!tie->vendors)
		return xasprintf("systemctl disable '%s'", name);
	if (strcmp(folder, folders[0]) != 0)
		return xasprintf("systemctl mask '%s'", name);
	return xasprintf("ln -sf /dev/null '%s/%s'", folder, name);
}

static void read_unit(struct boot_source *source, const char *folder, const char *name,
		      const struct ties *ties, struct start_lines *lines)
{
	auto_free char *text = boot_source_read(source, "%s/%s", folder, name);
	const struct tie *tie = find_tie(ties, name);
	auto_free char *help = tie ? find_help(name, folder, tie) : NULL;

	if (text)
		start_lines_unit(text, name, find_spared(name, ties), help, lines);
}

void start_units_read(const struct host *host, struct start_lines *lines)
{
	struct boot_source source = {.host = host};
	cleanup(ties_done) struct ties ties = {0};
	cleanup(host_free_names) char **seen = xcalloc(1, sizeof(*seen));
	size_t seen_count = 0;

	read_ties(&source, &ties);
	for (size_t i = 0; i < FOLDERS; i++) {
		cleanup(host_free_names) char **names = boot_source_list(&source, "%s", folders[i]);

		for (size_t j = 0; names[j]; j++) {
			if (!is_unit(names[j]) || has_name(seen, names[j]))
				continue;
			/* One that is masked is a link to no file, and hides the others. */
			source_strings_add(&seen, &seen_count, xstrdup(names[j]));
			read_unit(&source, folders[i], names[j], &ties, lines);
		}
	}
}
