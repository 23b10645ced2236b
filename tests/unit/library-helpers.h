/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/library.h"

/* Counts the libraries that are opened at run time (link with --wrap=library_open), and can make
 * them missing. */
static unsigned int libraries_opened;
static bool libraries_are_missing;

int __real_library_open(const char *file, const char *package, const struct library_symbol *symbols,
			size_t count, void **ret_handle, struct error *err);
int __wrap_library_open(const char *file, const char *package, const struct library_symbol *symbols,
			size_t count, void **ret_handle, struct error *err);
int __wrap_library_open(const char *file, const char *package, const struct library_symbol *symbols,
			size_t count, void **ret_handle, struct error *err)
{
	libraries_opened++;
	return __real_library_open(libraries_are_missing ? "libnone.so.0" : file, package, symbols,
				   count, ret_handle, err);
}
