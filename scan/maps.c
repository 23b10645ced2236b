// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a device is found in memory maps, which outlive their descriptors. A line of "maps" names
 * where a file lies, not which device it is; and its path may be gone, or one of another root. So
 * each file, once in the whole pass, is asked about by the link in map_files that the kernel has
 * for the map itself. Drivers that map a buffer of their own in place of the node (i915) show only
 * that; the descriptor is then what tells. Tests: unit/test-processes.c, unit/test-gates.c.
 */
#include "scan/maps.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"

/* A line of "maps". */
struct maps_line {
	uint64_t start, end;
	struct mapped_file file;
	const char *path;
	size_t path_length;
};

static uint64_t make_device(uint64_t major, uint64_t minor)
{
	return major << 32 | minor;
}

/* --- what is known of files --- */

#define KNOWN_SIZE_FIRST 1024 /* a power of two, as all sizes are */

static uint64_t mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15U;
	return hash ^ hash >> 29;
}

/* Eight bytes at a time: this is done for every line of every process. */
static uint64_t hash_path(const char *path, size_t length)
{
	uint64_t hash = length, word;

	for (; length >= sizeof(word); path += sizeof(word), length -= sizeof(word)) {
		memcpy(&word, path, sizeof(word));
		hash = mix(hash, word);
	}
	word = 0;
	memcpy(&word, path, length);
	return mix(hash, word);
}

static bool same_file(const struct mapped_file *a, const struct mapped_file *b)
{
	return a->inode == b->inode && a->device == b->device && a->path == b->path;
}

/* Where the file is, or where it belongs. */
static struct maps_known *find_known(const struct maps *maps, const struct mapped_file *file)
{
	size_t at = mix(mix(file->path, file->inode), file->device) & (maps->known_size - 1);

	while (maps->known[at].used && !same_file(&maps->known[at].file, file))
		at = (at + 1) & (maps->known_size - 1);
	return &maps->known[at];
}

static void grow_known(struct maps *maps)
{
	auto_free struct maps_known *old = maps->known;
	size_t old_size = maps->known_size;

	maps->known_size = old_size ? old_size * 2 : KNOWN_SIZE_FIRST;
	maps->known = xcalloc(maps->known_size, sizeof(*maps->known));
	for (size_t i = 0; i < old_size; i++)
		if (old[i].used)
			*find_known(maps, &old[i].file) = old[i];
}

static void remember(struct maps *maps, const struct mapped_file *file, size_t entry)
{
	if (maps->known_count * 2 >= maps->known_size)
		grow_known(maps);
	*find_known(maps, file) = (struct maps_known){.file = *file, .entry = entry, .used = true};
	maps->known_count++;
}

static uint64_t device_of(const struct statx *file)
{
	return make_device(file->stx_dev_major, file->stx_dev_minor);
}

void maps_init(struct maps *maps, const struct host *host, const struct match *match,
	       const struct node *nodes)
{
	struct statx file;

	*maps = (struct maps){.match = match};
	grow_known(maps);
	maps->seen = xcalloc(match->count, sizeof(*maps->seen));
	maps->nodes = xcalloc(match->count, sizeof(*maps->nodes));
	maps->node_entries = xcalloc(match->count, sizeof(*maps->node_entries));
	if (statx(host->fd[HOST_DEV], "", AT_EMPTY_PATH, STATX_BASIC_STATS, &file) == 0)
		maps->dev = device_of(&file);
	for (size_t i = 0; i < match->count; i++) {
		const char *name = nodes[match->entries[i].node].name;
		size_t entry;

		if (!name || host->fd[HOST_DEV] < 0 ||
		    statx(host->fd[HOST_DEV], name, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &file) <
			    0)
			continue;
		entry = match_find(match, &file);
		if (entry == MATCH_NONE)
			continue;
		maps->nodes[maps->node_count].device = device_of(&file);
		maps->nodes[maps->node_count].inode = file.stx_ino;
		maps->node_entries[maps->node_count++] = entry;
	}
}

void maps_done(struct maps *maps)
{
	free(maps->seen);
	free(maps->known);
	free(maps->nodes);
	free(maps->node_entries);
	*maps = (struct maps){0};
}

/* --- lines --- */

static const char digits[256] = {
	['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,
	['6'] = 7,  ['7'] = 8,  ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12,
	['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
};

/* A number and the one character behind it; every line ends with a newline, which is no digit. */
static const char *read_number(const char *at, unsigned int base, uint64_t *ret)
{
	uint64_t value = 0;

	for (; digits[(unsigned char)*at]; at++)
		value = value * base + (unsigned int)digits[(unsigned char)*at] - 1;
	*ret = value;
	return *at == '\n' ? at : at + 1;
}

/* "START-END PERM OFFSET MAJOR:MINOR INODE   PATH\n"; false: no file is mapped there. */
static bool parse_line(const char *at, const char *newline, struct maps_line *ret)
{
	uint64_t offset, major, minor;
	const char *space;

	at = read_number(at, 16, &ret->start);
	at = read_number(at, 16, &ret->end);
	space = memchr(at, ' ', (size_t)(newline - at));
	if (!space)
		return false;
	at = read_number(space + 1, 16, &offset);
	at = read_number(at, 16, &major);
	at = read_number(at, 16, &minor);
	at = read_number(at, 10, &ret->file.inode);
	while (*at == ' ')
		at++;
	if (at >= newline || *at == '[')
		return false;
	ret->file.device = make_device(major, minor);
	ret->path = at;
	ret->path_length = (size_t)(newline - at);
	ret->file.path = hash_path(ret->path, ret->path_length);
	return true;
}

/* --- what a file is --- */

static bool path_is(const struct maps_line *line, const char *path)
{
	return line->path_length == strlen(path) && memcmp(line->path, path, strlen(path)) == 0;
}

static bool path_starts(const struct maps_line *line, const char *prefix)
{
	return line->path_length >= strlen(prefix) &&
	       memcmp(line->path, prefix, strlen(prefix)) == 0;
}

/* Of a file that could not be asked about: may it be a device? */
static bool may_be_node(const struct maps *maps, const struct maps_line *line)
{
	if (maps->dev != 0 && line->file.device == maps->dev)
		return true;
	/* Shared memory without a name goes by the first of these. */
	return path_starts(line, "/dev/") && !path_is(line, "/dev/zero (deleted)") &&
	       !path_starts(line, "/dev/shm/") && !path_starts(line, "/dev/hugepages/");
}

/* The node in /dev that lies where this file does. */
static size_t find_node(const struct maps *maps, const struct mapped_file *file)
{
	for (size_t i = 0; i < maps->node_count; i++)
		if (maps->nodes[i].inode == file->inode && maps->nodes[i].device == file->device)
			return maps->node_entries[i];
	return MATCH_NONE;
}

/* 0 and the entry or MATCH_NONE; -errno: no more can be said (-ENOENT: not any more, perhaps). */
static int identify(struct maps *maps, int process, const struct maps_line *line, size_t *ret_entry)
{
	struct statx file;
	char name[64];
	int ret;

	/* Zeros in front are in "maps" only. */
	snprintf(name, sizeof(name), "map_files/%lx-%lx", line->start, line->end);
	ret = match_stat(process, name, &file);
	if (ret >= 0) {
		*ret_entry = ret == 0 ? match_find(maps->match, &file) : MATCH_NONE;
		remember(maps, &line->file, *ret_entry);
		return 0;
	}
	*ret_entry = find_node(maps, &line->file);
	return *ret_entry != MATCH_NONE || !may_be_node(maps, line) ? 0 : ret;
}

static int look_at_line(struct maps *maps, int process, const char *at, const char *newline)
{
	const struct maps_known *known;
	struct maps_line line;
	size_t entry;
	int ret = 0;

	if (!parse_line(at, newline, &line))
		return 0;
	known = find_known(maps, &line.file);
	if (known->used)
		entry = known->entry;
	else
		ret = identify(maps, process, &line, &entry);
	if (ret == 0 && entry != MATCH_NONE)
		maps->seen[entry] = maps->any_seen = true;
	return ret;
}

/* --- files of lines --- */

struct maps_reader {
	struct maps *maps;
	int process;
	bool in_long; /* of this line there is more, and its beginning was looked at */
	int failure;  /* the first, if any */
};

static void maps_reader_take(struct maps_reader *reader, const char *at, const char *newline)
{
	int ret = reader->in_long ? 0 : look_at_line(reader->maps, reader->process, at, newline);

	if (reader->failure == 0)
		reader->failure = ret;
}

/*
 * All lines that are there; gives what is left of the last one. A path may be longer than any
 * buffer, as who walks down to a file needs no name for it: what matters stands in front of it.
 */
static size_t maps_reader_take_all(struct maps_reader *reader, char *buffer, size_t length,
				   bool is_full)
{
	const char *at = buffer, *end = buffer + length, *newline;

	for (; (newline = memchr(at, '\n', (size_t)(end - at))); at = newline + 1) {
		maps_reader_take(reader, at, newline);
		reader->in_long = false;
	}
	if (reader->in_long || (is_full && at == buffer)) {
		maps_reader_take(reader, at, end);
		reader->in_long = true;
		at = end;
	}
	memmove(buffer, at, (size_t)(end - at));
	return (size_t)(end - at);
}

/* All lines; the first failure, if any. *ret_bytes: how much there was. */
static int look_once(struct maps *maps, int process, const char *path, char *buffer, size_t size,
		     size_t *ret_bytes)
{
	auto_close int fd = openat(process, path, O_RDONLY | O_CLOEXEC);
	struct maps_reader reader = {.maps = maps, .process = process};
	size_t kept = 0;
	ssize_t length;

	if (fd < 0)
		return -errno;
	while ((length = read(fd, buffer + kept, size - kept)) > 0) {
		*ret_bytes += (size_t)length;
		kept += (size_t)length;
		kept = maps_reader_take_all(&reader, buffer, kept, kept == size);
	}
	return length < 0 ? -errno : reader.failure;
}

/* A map may change between its line and its link; what is still unclear then is left unclear. */
#define TRIES 3

static int look(struct maps *maps, int process, const char *path, char *buffer, size_t size,
		size_t *ret_bytes)
{
	int ret = 0;

	for (int i = 0; i < TRIES; i++) {
		*ret_bytes = 0;
		ret = look_once(maps, process, path, buffer, size, ret_bytes);
		if (ret != -ENOENT || *ret_bytes == 0)
			break;
	}
	/* It has no memory, or no longer. */
	if (ret == -ESRCH || (ret == -ENOENT && *ret_bytes == 0))
		return 0;
	return ret == -ENOENT ? -EACCES : ret;
}

int maps_look(struct maps *maps, int process, pid_t thread, char *buffer, size_t size)
{
	char path[64];
	size_t bytes;
	int ret;

	if (maps->any_seen)
		memset(maps->seen, 0, maps->match->count * sizeof(*maps->seen));
	maps->any_seen = false;
	ret = look(maps, process, "maps", buffer, size, &bytes);
	if (ret < 0 || bytes > 0 || thread == 0)
		return ret;
	/* The leader has exited; its threads share the memory. */
	snprintf(path, sizeof(path), "task/%d/maps", (int)thread);
	return look(maps, process, path, buffer, size, &bytes);
}
