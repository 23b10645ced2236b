// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How the owner of a node is written down.
 */
#include "model/owner.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

void owner_format(const struct host_owner *owner, char text[OWNER_TEXT_SIZE])
{
	snprintf(text, OWNER_TEXT_SIZE, "%u:%u:%o", (unsigned int)owner->uid,
		 (unsigned int)owner->gid, (unsigned int)owner->mode);
}

bool owner_equal(const struct host_owner *a, const struct host_owner *b)
{
	return a->uid == b->uid && a->gid == b->gid && a->mode == b->mode;
}

bool owner_parse(const char *text, size_t length, struct host_owner *ret)
{
	char copy[OWNER_TEXT_SIZE], again[OWNER_TEXT_SIZE];
	unsigned int uid, gid, mode;

	if (length >= sizeof(copy))
		return false;
	memcpy(copy, text, length);
	copy[length] = '\0';
	if (sscanf(copy, "%u:%u:%o", &uid, &gid, &mode) != 3 || mode > 0777)
		return false;
	*ret = (struct host_owner){.uid = uid, .gid = gid, .mode = mode};
	/* No other spelling of the same. */
	owner_format(ret, again);
	return strcmp(again, copy) == 0;
}

/* Whoever reads a journal is root, and changes what stands there. */
static bool is_name(const char *text, size_t length)
{
	static const char prefix[] = "vfio/", devices[] = "vfio/devices/vfio";
	size_t skip = strlen(prefix);

	if (length > strlen(devices) && memcmp(text, devices, strlen(devices)) == 0)
		skip = strlen(devices);
	else if (length <= skip || memcmp(text, prefix, skip) != 0)
		return false;
	for (size_t i = skip; i < length; i++)
		if (!isdigit((unsigned char)text[i]))
			return false;
	return length < sizeof(((struct owned_node *)NULL)->name);
}

bool owned_node_parse(const char *text, size_t length, struct owned_node *ret)
{
	const char *end = text + length, *first = memchr(text, ' ', length), *second;
	struct owned_node node = {.name = ""};

	if (!first || !is_name(text, (size_t)(first - text)))
		return false;
	second = memchr(first + 1, ' ', (size_t)(end - first - 1));
	if (!second || !owner_parse(first + 1, (size_t)(second - first - 1), &node.before) ||
	    !owner_parse(second + 1, (size_t)(end - second - 1), &node.after))
		return false;
	memcpy(node.name, text, (size_t)(first - text));
	*ret = node;
	return true;
}
