// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * To whom the nodes of VFIO are given, as chown(1) takes it. A group gets in only where one is
 * named.
 */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "hostdevctl/hand/hand-owner.h"

/* Of an entry, with all members of a group. */
#define STRINGS_SIZE 16384

static bool is_number(const char *word, unsigned int *ret)
{
	char *end;
	unsigned long number = strtoul(word, &end, 10);

	if (*word < '0' || *word > '9' || *end || number >= 0xffffffff)
		return false;
	*ret = (unsigned int)number;
	return true;
}

static int find_user(const char *word, struct host_owner *ret, struct error *err)
{
	struct passwd user, *found = NULL;
	char strings[STRINGS_SIZE];
	unsigned int number;

	if (getpwnam_r(word, &user, strings, sizeof(strings), &found) == 0 && found) {
		ret->uid = user.pw_uid;
		ret->gid = user.pw_gid;
		return 0;
	}
	if (!is_number(word, &number))
		return error_set(err, EINVAL, "there is no user %s on this host", word);
	ret->uid = number;
	return 0;
}

static int find_group(const char *word, struct host_owner *ret, struct error *err)
{
	struct group group, *found = NULL;
	char strings[STRINGS_SIZE];
	unsigned int number;

	if (getgrnam_r(word, &group, strings, sizeof(strings), &found) == 0 && found)
		number = group.gr_gid;
	else if (!is_number(word, &number))
		return error_set(err, EINVAL, "there is no group %s on this host", word);
	ret->gid = number;
	ret->mode = 0660;
	return 0;
}

int hand_owner_parse(const char *word, struct host_owner *ret, struct error *err)
{
	auto_free char *copy = xstrdup(word);
	struct host_owner owner = {.mode = 0600};
	char *group = strchr(copy, ':');
	int result = 0;

	if (group)
		*group++ = '\0';
	if (!*copy && (!group || !*group))
		return error_set(err, EINVAL, "\"%s\" names no user and no group", word);
	if (*copy)
		result = find_user(copy, &owner, err);
	if (result == 0 && group && *group)
		result = find_group(group, &owner, err);
	if (result == 0)
		*ret = owner;
	return result;
}
