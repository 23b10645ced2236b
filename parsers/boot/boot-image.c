// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How an initramfs image is laid out: archives in the format "newc" of cpio, one behind the other,
 * of which the first ones are not compressed where the kernel must read them early, or where
 * compressing them again would gain nothing.
 */
#include "parsers/boot/boot-image.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/host-path.h"
#include "base/text.h"

#define HEADER_SIZE 110
#define NAME_MAX_SIZE 512 /* longer names are not looked at */
#define MEMBERS_MAX 50000
#define PADDING_MAX ((uint64_t)1024 * 1024) /* zeros between two archives */

/* Where one file of an archive is. */
struct archive_member {
	char name[NAME_MAX_SIZE];
	uint64_t next; /* offset of the one behind it */
};

struct archive_walk {
	struct boot_source *source;
	const char *path;
};

static size_t read_part(const struct archive_walk *walk, uint64_t offset, char *buffer, size_t size)
{
	size_t length = 0;

	if (host_path_read_part(walk->source->host, walk->path, offset, buffer, size, &length,
				NULL) < 0)
		return 0;
	return length;
}

/* Eight hexadecimal digits, as the header has 13 of behind its mark. */
static bool take_field(const char *header, unsigned int number, uint64_t *ret)
{
	char digits[9], *end;

	memcpy(digits, header + 6 + (size_t)number * 8, 8);
	digits[8] = '\0';
	if (strspn(digits, "0123456789abcdefABCDEF") != 8)
		return false;
	*ret = strtoull(digits, &end, 16);
	return true;
}

static uint64_t round_up(uint64_t value)
{
	return (value + 3) / 4 * 4;
}

/* False: no archive goes on here. */
static bool read_member(const struct archive_walk *walk, uint64_t offset,
			struct archive_member *ret)
{
	char header[HEADER_SIZE];
	uint64_t file_size, name_size;
	size_t length;

	if (read_part(walk, offset, header, sizeof(header)) != sizeof(header) ||
	    (memcmp(header, "070701", 6) != 0 && memcmp(header, "070702", 6) != 0) ||
	    !take_field(header, 6, &file_size) || !take_field(header, 11, &name_size))
		return false;
	length = name_size < NAME_MAX_SIZE ? (size_t)name_size : NAME_MAX_SIZE - 1;
	length = read_part(walk, offset + HEADER_SIZE, ret->name, length);
	ret->name[length] = '\0';
	ret->next = round_up(round_up(offset + HEADER_SIZE + name_size) + file_size);
	return true;
}

/* Behind an archive come zeros. False: nothing else comes. */
static bool skip_padding(const struct archive_walk *walk, uint64_t *offset)
{
	char buffer[4096];
	size_t length;

	for (uint64_t end = *offset + PADDING_MAX; *offset < end; *offset += length) {
		length = read_part(walk, *offset, buffer, sizeof(buffer));
		if (length == 0)
			return false;
		for (size_t i = 0; i < length; i++) {
			if (buffer[i]) {
				*offset += i;
				return true;
			}
		}
	}
	return false;
}

/* Names that only one of them puts into an image. */
static const struct {
	const char *start;
	enum boot_initramfs kind;
} marks[] = {
	{"scripts/init-top", INITRAMFS_TOOLS},    {"conf/initramfs.conf", INITRAMFS_TOOLS},
	{"conf/arch.conf", INITRAMFS_TOOLS},      {"usr/lib/dracut", INITRAMFS_DRACUT},
	{"lib/dracut", INITRAMFS_DRACUT},         {"buildconfig", INITRAMFS_MKINITCPIO},
	{"init_functions", INITRAMFS_MKINITCPIO}, {"etc/booster.init.yaml", INITRAMFS_BOOSTER},
};

static void take_name(const char *name, struct boot_image *ret)
{
	while (*name == '.' && name[1] == '/')
		name += 2;
	name += *name == '/';
	if (strcmp(name, "early_cpio") == 0)
		ret->early = true;
	if (text_starts(name, "kernel/x86/microcode/"))
		ret->microcode = true;
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (text_starts(name, marks[i].start))
			ret->names[marks[i].kind] = true;
}

void boot_image_read(struct boot_source *source, const char *path, struct boot_image *ret)
{
	const struct archive_walk walk = {source, path};
	struct archive_member member;
	uint64_t offset = 0;

	memset(ret, 0, sizeof(*ret));
	for (size_t i = 0; i < MEMBERS_MAX && read_member(&walk, offset, &member); i++) {
		ret->known = true;
		take_name(member.name, ret);
		offset = member.next;
		if (strcmp(member.name, "TRAILER!!!") == 0 && !skip_padding(&walk, &offset))
			return;
	}
}
