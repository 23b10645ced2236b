// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whether one of ours is at work for a guest, by the words on its command line: libvirt is not
 * asked, as it may be waiting for us. Tests: ctl/check.bats, ctl/status.bats.
 */
#include "parsers/libvirt/guest-process.h"

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

static bool works_for(const char *data, size_t length, const char *guest)
{
	const char *first = length ? next_argument(data, data + length) : NULL;

	return first && strcmp(data, HOSTDEV_LIBEXECDIR "/engine") == 0 &&
	       strcmp(first, guest) == 0;
}

int guest_process_find(const struct host *host, const char *guest, pid_t *ret, struct error *err)
{
	cleanup(host_free_names) char **names = NULL;
	int result = host_list(host, HOST_PROC, &names, NULL, err, ".");
	pid_t found = 0;

	if (result < 0)
		return result;
	for (size_t i = 0; names[i] && !found; i++) {
		auto_free char *data = NULL;
		size_t length;

		if (isdigit((unsigned char)names[i][0]) &&
		    host_read_file(host, HOST_PROC, ARGUMENTS_LIMIT, &data, &length, NULL,
				   "%s/cmdline", names[i]) == 0 &&
		    works_for(data, length, guest))
			found = (pid_t)strtol(names[i], NULL, 10);
	}
	*ret = found;
	return 0;
}
