// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the kernel and distributions make of a program's name: it is cut to 15 characters, and some
 * programs are wrapped in a script of their name. Tests: unit/test-starters.c.
 */
#include "model/program.h"

#include <fnmatch.h>
#include <stddef.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

#define COMM_LENGTH 15

static bool is_cut_of(const char *comm, const char *pattern)
{
	if (strchr(pattern, '*'))
		return fnmatch(pattern, comm, 0) == 0;
	return strncmp(comm, pattern, COMM_LENGTH) == 0;
}

bool program_is(const char *comm, const char *name)
{
	auto_free char *wrapped = xasprintf(".%s-wrapped", name);

	/* What is left of a wrapped name may end anywhere in "-wrapped". */
	if (*comm == '.' && strchr(name, '*') && fnmatch(name, comm + 1, 0) == 0)
		return true;
	return is_cut_of(comm, name) || is_cut_of(comm, wrapped);
}

bool program_is_one_of(const char *comm, const char *const *names)
{
	for (size_t i = 0; names[i]; i++)
		if (program_is(comm, names[i]))
			return true;
	return false;
}
