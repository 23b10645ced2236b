/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

/*
 * Is comm, the kernel's name of a process (15 characters), that of the program with this name? "*"
 * in the name stands for any letters. ".sway-wrapped" is "sway": some distributions wrap programs.
 */
bool program_is(const char *comm, const char *name);
/* Is it one of a NULL-terminated list of names? */
bool program_is_one_of(const char *comm, const char *const *names);
