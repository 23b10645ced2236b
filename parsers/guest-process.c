// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A guest's processes, by the words on their command lines: libvirt is not asked, as it may be
 * waiting for us.
 */
#include "parsers/guest-process.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

#define ARGUMENTS_LIMIT (2u * 1024 * 1024)

/* The argument behind this one, or NULL at the end; arguments end with a NUL each. */
static const char *next_argument(const char *at, const char *end)
{
	const char *stop = memchr(at, '\0', (size_t)(end - at));

	return stop && stop + 1 < end ? stop + 1 : NULL;
}

static bool runs_guest(const char *data, size_t length, const char *uuid)
{
	const char *end = data + length, *next;

	for (const char *at = data; at; at = next) {
		next = next_argument(at, end);
		if (next && strcmp(at, "-uuid") == 0)
			return strcmp(next, uuid) == 0;
	}
	return false;
}

static bool works_for(const char *data, size_t length, const char *guest)
{
	const char *first = length ? next_argument(data, data + length) : NULL;

	return first && strcmp(data, HOSTDEV_LIBEXECDIR "/engine") == 0 &&
	       strcmp(first, guest) == 0;
}

int guest_process_find(const struct host *host, const char *guest, const char *uuid,
		       struct guest_process *ret, struct error *err)
{
	cleanup(host_free_names) char **names = NULL;
	struct guest_process found = {0};
	int result = host_list(host, HOST_PROC, &names, NULL, err, ".");

	if (result < 0)
		return result;
	for (size_t i = 0; names[i]; i++) {
		auto_free char *data = NULL;
		size_t length;

		if (!isdigit((unsigned char)names[i][0]) ||
		    host_read_file(host, HOST_PROC, ARGUMENTS_LIMIT, &data, &length, NULL,
				   "%s/cmdline", names[i]) < 0)
			continue;
		if (runs_guest(data, length, uuid))
			found.qemu = (pid_t)strtol(names[i], NULL, 10);
		else if (works_for(data, length, guest))
			found.hook = (pid_t)strtol(names[i], NULL, 10);
	}
	*ret = found;
	return 0;
}
