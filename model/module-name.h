/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#define CELL_NAME_SIZE 128 /* with the NUL */

/* What a module or driver may be called: letters, digits, "-" and "_", fitting CELL_NAME_SIZE. */
bool module_name_valid(const char *name);

/* "-" and "_" are the same letter in names of modules and drivers. */
bool module_name_equal(const char *a, const char *b);
