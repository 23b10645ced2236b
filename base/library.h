/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

#include "base/error.h"

/* A function of a library, and where its address goes: a pointer of the function's own type. */
struct library_symbol {
	const char *name;
	void *slot;
};

/*
 * Opens a shared library that few calls need and that costs every call when linked. *ret_handle:
 * library_close. ELIBACC where it is not installed (package tells people what to look for) or lacks
 * a symbol.
 */
int library_open(const char *file, const char *package, const struct library_symbol *symbols,
		 size_t count, void **ret_handle, struct error *err);
void library_close(void **handle); /* fine on NULL */
