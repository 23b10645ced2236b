// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which encrypted disks lie below something that is mounted, by which names they are open, and by
 * which a crypttab(5) knows them: whoever has opened one from another system has seldom called it
 * as its own system does. Tests: model/test-generate.c.
 */
#include "parsers/boot/mappings.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "parsers/boot/start-lines.h"
#include "parsers/storage/backing.h"
#include "parsers/storage/blocks.h"
#include "parsers/storage/mounts.h"

#define BLOCK "class/block"
#define BLANKS " \t\r"
#define FIELDS 4

void mappings_done(struct mappings *mappings)
{
	for (size_t i = 0; i < mappings->count; i++) {
		free(mappings->all[i].name);
		free(mappings->all[i].disk);
		free(mappings->all[i].uuid);
	}
	free(mappings->all);
	memset(mappings, 0, sizeof(*mappings));
}

/* --- names --- */

static int digit_of(char character)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = character ? strchr(digits, tolower((unsigned char)character)) : NULL;

	return at ? (int)(at - digits) : 16;
}

/* "\x20" of device mapper, and "\040" of crypttab, is a blank; in place. */
static char *unmangle(char *name)
{
	char *to = name;

	for (const char *at = name; *at; to++) {
		int base = at[0] == '\\' && at[1] == 'x' ? 16 : 8, value = 0;
		const char *digit = at + (base == 16 ? 2 : 1), *first = digit;

		while (at[0] == '\\' && digit < first + (base == 16 ? 2 : 3) &&
		       digit_of(*digit) < base)
			value = value * base + digit_of(*digit++);
		if (at[0] != '\\' || digit < first + (base == 16 ? 2 : 3)) {
			*to = *at++;
			continue;
		}
		*to = (char)value;
		at = digit;
	}
	*to = '\0';
	return name;
}

/* --- what is open --- */

/* Of device mapper's own directory; "" where it is another kind of device. */
static void read_dm(const struct host *host, const char *name, const char *what, char *text,
		    size_t size)
{
	if (host_read(host, HOST_SYS, text, size, NULL, BLOCK "/%s/dm/%s", name, what) < 0)
		*text = '\0';
}

/* Names of the devices that it is made of; NULL: none. host_free_names. */
static char **list_slaves(const struct host *host, const char *name)
{
	char **slaves = NULL;

	return host_list(host, HOST_SYS, &slaves, NULL, NULL, BLOCK "/%s/slaves", name) < 0
		       ? NULL
		       : slaves;
}

/* Below the cipher there may be a mapping that checks what is read, of which crypttab says nothing.
 */
static char *find_disk(const struct host *host, const char *name)
{
	static const char *const inner[] = {"CRYPT-INTEGRITY-", "CRYPT-SUBDEV-"};
	cleanup(host_free_names) char **slaves = list_slaves(host, name);
	char uuid[256];

	if (!slaves || !slaves[0])
		return NULL;
	read_dm(host, slaves[0], "uuid", uuid, sizeof(uuid));
	for (size_t i = 0; i < sizeof(inner) / sizeof(*inner); i++)
		if (text_starts(uuid, inner[i]))
			return find_disk(host, slaves[0]);
	return xstrdup(slaves[0]);
}

static char *path_of(const struct host *host, const char *name)
{
	auto_free char *node = block_node(name);
	char mapper[256];

	read_dm(host, name, "name", mapper, sizeof(mapper));
	return *mapper ? xasprintf("/dev/mapper/%s", mapper) : xasprintf("/dev/%s", node);
}

/* "CRYPT-LUKS2-0a1b...-NAME" has 32 digits. */
static char *uuid_of(const char *text)
{
	const char *at = text_starts(text, "CRYPT-LUKS") ? text + strlen("CRYPT-LUKS1-") : "";

	return xasprintf("%.*s", (int)strcspn(at, "-"), at);
}

static bool is_encrypted(const char *uuid)
{
	return text_starts(uuid, "CRYPT-LUKS1-") || text_starts(uuid, "CRYPT-LUKS2-") ||
	       text_starts(uuid, "CRYPT-PLAIN-");
}

static bool has(const struct mappings *mappings, const char *name)
{
	for (size_t i = 0; i < mappings->count; i++)
		if (strcmp(mappings->all[i].name, name) == 0)
			return true;
	return false;
}

static void add_mapping(const struct host *host, const char *block, const char *uuid,
			struct mappings *mappings)
{
	auto_free char *disk = find_disk(host, block);
	char name[256];
	dev_t device;

	read_dm(host, block, "name", name, sizeof(name));
	unmangle(name);
	if (!disk || !*name || has(mappings, name) || block_number(host, disk, &device, NULL) < 0)
		return;
	array_push(mappings->all, mappings->count,
		   (struct mapping){
			   .name = xstrdup(name),
			   .disk = path_of(host, disk),
			   .device = device,
			   .uuid = uuid_of(uuid),
		   });
}

/*
 * As the hook goes down. A partition has no directory of slaves, and there it ends: the one of a
 * RAID array on encrypted disks goes into no image by this way on any system.
 */
static void walk_down(const struct host *host, const char *block, struct mappings *mappings)
{
	cleanup(host_free_names) char **slaves = list_slaves(host, block);
	char uuid[256];

	read_dm(host, block, "uuid", uuid, sizeof(uuid));
	if (is_encrypted(uuid))
		add_mapping(host, block, uuid, mappings);
	for (size_t i = 0; slaves && slaves[i]; i++)
		walk_down(host, slaves[i], mappings);
}

/* A file system of btrfs may have more devices than the one that it was mounted by. */
static void walk_btrfs(const struct host *host, const char *block, struct mappings *mappings)
{
	cleanup(host_free_names) char **systems = NULL;

	if (host_list(host, HOST_SYS, &systems, NULL, NULL, "fs/btrfs") < 0)
		return;
	for (size_t i = 0; systems[i]; i++) {
		cleanup(host_free_names) char **devices = NULL;

		if (!host_exists(host, HOST_SYS, "fs/btrfs/%s/devices/%s", systems[i], block) ||
		    host_list(host, HOST_SYS, &devices, NULL, NULL, "fs/btrfs/%s/devices",
			      systems[i]) < 0)
			continue;
		for (size_t j = 0; devices[j]; j++)
			walk_down(host, devices[j], mappings);
	}
}

int mappings_read(const struct host *host, const char *path, bool *ret_is_mount,
		  struct mappings *ret, struct error *err)
{
	cleanup(backing_done) struct backing backing = {0};
	auto_mounts struct mounts mounts = {0};
	int result = mounts_read_own(host, &mounts, err);
	size_t at = result < 0 ? MOUNT_NONE : mounts_find(&mounts, path, MOUNT_NONE);

	if (result < 0)
		return result;
	*ret_is_mount = at != MOUNT_NONE && strcmp(mounts.mounts[at].target, path) == 0;
	if (at != MOUNT_NONE)
		backing_mount(host, &mounts.mounts[at], &backing);
	for (size_t i = 0; i < backing.count; i++) {
		char block[256];

		if (host_read_link_name(host, HOST_SYS, block, sizeof(block), NULL,
					"dev/block/%u:%u", major(backing.devices[i]),
					minor(backing.devices[i])) < 0)
			continue;
		walk_down(host, block, ret);
		walk_btrfs(host, block, ret);
	}
	return 0;
}

/* --- crypttab --- */

/* False: it is none that the hook reads, which wants three fields. */
static bool split(char *line, char *fields[FIELDS])
{
	for (size_t i = 0; i < FIELDS; i++) {
		line += strspn(line, BLANKS);
		fields[i] = line;
		line += strcspn(line, BLANKS);
		if (*line)
			*line++ = '\0';
	}
	return *fields[0] != '#' && *fields[2];
}

bool mappings_in_crypttab(const char *crypttab)
{
	auto_free char *copy = xstrdup(crypttab);
	char *at = copy, *line, *fields[FIELDS];

	while ((line = strsep(&at, "\n")))
		if (split(line, fields))
			return true;
	return false;
}

static bool has_option(const char *options, const char *name)
{
	size_t length = strlen(name);

	for (const char *at = options; *at; at += strcspn(at, ","), at += *at == ',')
		if (strncmp(at, name, length) == 0 && strchr(",", at[length]))
			return true;
	return false;
}

/* The same digits, whatever dashes are between. */
static bool is_uuid(const char *text, const char *digits)
{
	for (; *text; text++) {
		if (*text == '-')
			continue;
		if (tolower((unsigned char)*text) != tolower((unsigned char)*digits))
			return false;
		digits++;
	}
	return !*digits;
}

enum owner { OF_ANOTHER, NOT_KNOWN, OF_THIS };

/* Names that the kernel gives are those of the other system, and may mean another disk here. */
static enum owner whose(const struct host *host, const char *path, const struct mapping *mapping)
{
	static const char by_uuid[] = "/dev/disk/by-uuid/";
	dev_t device;

	if (text_starts(path, by_uuid) && *mapping->uuid)
		return is_uuid(path + strlen(by_uuid), mapping->uuid) ? OF_THIS : OF_ANOTHER;
	if (!block_resolve(host, path, &device))
		return NOT_KNOWN;
	if (device == mapping->device)
		return OF_THIS;
	return strchr(path + strlen("/dev/"), '/') ? OF_ANOTHER : NOT_KNOWN;
}

/* Of a disk that is new at each start, such as one that is swapped to; no system lies on it. */
static bool is_new_each_time(char *fields[FIELDS])
{
	return strcmp(fields[2], "/dev/urandom") == 0 || strcmp(fields[2], "/dev/random") == 0 ||
	       has_option(fields[3], "swap") || has_option(fields[3], "tmp");
}

static void take_line(const struct host *host, const struct mapping *mapping, char *fields[FIELDS],
		      struct mapping_lines *ret)
{
	auto_free char *path = start_line_source(unmangle(fields[1]));
	enum owner owner = path ? whose(host, path, mapping) : OF_ANOTHER;
	bool named = strcmp(unmangle(fields[0]), mapping->name) == 0;

	ret->named |= named;
	if (!named && (owner == OF_ANOTHER || is_new_each_time(fields)))
		return;
	if (has_option(fields[3], "initramfs")) {
		ret->always |= named || owner == OF_THIS;
		return;
	}
	ret->any = true;
	if (owner == OF_THIS && !ret->name)
		ret->name = xstrdup(fields[0]);
}

void mapping_find_lines(const struct host *host, const struct mapping *mapping,
			const char *crypttab, struct mapping_lines *ret)
{
	auto_free char *copy = xstrdup(crypttab);
	char *at = copy, *line, *fields[FIELDS];

	*ret = (struct mapping_lines){.named = false};
	while ((line = strsep(&at, "\n")))
		if (split(line, fields))
			take_line(host, mapping, fields, ret);
}
