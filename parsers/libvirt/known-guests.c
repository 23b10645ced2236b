// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which guests libvirt's files tell of, and what people may call each of them.
 * Tests: ctl/guest.bats.
 */
#include "parsers/libvirt/known-guests.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "model/suggest.h"
#include "parsers/domain/domain-files.h"

/* As many names as fit into a line. */
#define NAMES_SHOWN 12

void known_guests_done(struct known_guests *guests)
{
	for (size_t i = 0; i < guests->count; i++) {
		guest_done(&guests->items[i].guest);
		free(guests->items[i].path);
	}
	free(guests->items);
	*guests = (struct known_guests){0};
}

/*
 * The id stands on the first <domain>, which libvirt writes itself; that the XML is well-formed is
 * known by then.
 */
static unsigned int find_id(const char *xml)
{
	static const char name[] = " id='";
	const char *domain = strstr(xml, "<domain "), *end = domain ? strchr(domain, '>') : NULL;
	const char *id = domain ? strstr(domain, name) : NULL;

	return id && end && id < end ? (unsigned int)strtoul(id + strlen(name), NULL, 10) : 0;
}

static bool has_uuid(const struct known_guests *guests, const char *uuid)
{
	for (size_t i = 0; i < guests->count; i++)
		if (*uuid && strcmp(guests->items[i].guest.uuid, uuid) == 0)
			return true;
	return false;
}

static void take(void *data, struct domain_file *file)
{
	struct known_guests *guests = data;
	struct known_guest known = {.id = file->runs ? find_id(file->xml) : 0};

	if (has_uuid(guests, file->guest.uuid))
		return;
	known.path = xstrdup(file->path);
	known.guest = file->guest;
	file->guest = (struct guest){0};
	array_push(guests->items, guests->count, known);
}

static int compare_names(const void *a, const void *b)
{
	const struct known_guest *left = a, *right = b;

	return strcmp(left->guest.name, right->guest.name);
}

int known_guests_read(const struct host *host, struct known_guests *ret, struct text *gaps,
		      struct error *err)
{
	struct known_guests guests = {0};
	const struct domain_files_calls calls = {.take = take, .data = &guests};
	/* What runs comes first: its definition is what the next start will use. */
	int result = domain_files_read(host, HOST_RUN, &calls, gaps, err);

	if (result == 0)
		result = domain_files_read(host, HOST_ETC, &calls, gaps, err);
	if (result < 0) {
		known_guests_done(&guests);
		return result;
	}
	if (guests.count > 0)
		qsort(guests.items, guests.count, sizeof(*guests.items), compare_names);
	*ret = guests;
	return 0;
}

static const struct known_guest *find_id_word(const struct known_guests *guests, const char *word)
{
	char *end;
	unsigned long id = strtoul(word, &end, 10);

	if (*word < '0' || *word > '9' || *end)
		return NULL;
	for (size_t i = 0; i < guests->count; i++)
		if (guests->items[i].id && guests->items[i].id == id)
			return &guests->items[i];
	return NULL;
}

const struct known_guest *known_guests_find(const struct known_guests *guests, const char *word)
{
	for (size_t i = 0; i < guests->count; i++)
		if (strcmp(guests->items[i].guest.name, word) == 0)
			return &guests->items[i];
	for (size_t i = 0; i < guests->count; i++)
		if (*word && strcasecmp(guests->items[i].guest.uuid, word) == 0)
			return &guests->items[i];
	return find_id_word(guests, word);
}

int known_guests_refuse(const struct known_guests *guests, const char *word, struct error *err)
{
	const char **names = xcalloc(guests->count + 1, sizeof(*names));
	auto_text struct text list = TEXT_INIT;
	auto_free char *meant = NULL;

	for (size_t i = 0; i < guests->count; i++) {
		names[i] = guests->items[i].guest.name;
		if (i < NAMES_SHOWN)
			text_printf(&list, "%s%s", i > 0 ? ", " : "", names[i]);
	}
	meant = suggest_text(word, names, guests->count);
	free(names);
	if (guests->count == 0)
		return error_set(err, ENOENT, "there is no guest %s, nor any other", word);
	return error_set(err, ENOENT, "there is no guest %s%s%s%s%s", word, meant,
			 *meant ? " The guests are " : "; the guests are ", list.data,
			 guests->count > NAMES_SHOWN ? " and others" : "");
}

void known_guest_take(struct known_guests *guests, const struct known_guest *found,
		      struct guest *ret, char **ret_path)
{
	struct known_guest *item = &guests->items[found - guests->items];

	*ret = item->guest;
	*ret_path = steal(&item->path);
	item->guest = (struct guest){0};
}
