// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Names of modules and drivers, which the kernel spells in two ways. Tests: unit/test-cell.c.
 */
#include "model/module-name.h"

#include <ctype.h>
#include <string.h>

bool module_name_valid(const char *name)
{
	size_t length = strlen(name);

	if (length == 0 || length >= CELL_NAME_SIZE || strcmp(name, "none") == 0)
		return false;
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)name[i]) && name[i] != '-' && name[i] != '_')
			return false;
	return true;
}

static char fold(char c)
{
	return c == '-' ? '_' : c;
}

bool module_name_equal(const char *a, const char *b)
{
	while (*a && fold(*a) == fold(*b)) {
		a++;
		b++;
	}
	return *a == '\0' && *b == '\0';
}
