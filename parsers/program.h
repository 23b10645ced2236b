/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

/*
 * Is comm, what the kernel calls a process (15 characters), the program of this name? "*" in the
 * name stands for any letters. Some distributions wrap programs: ".sway-wrapped" is one of them.
 */
bool program_is(const char *comm, const char *name);
/* One of a NULL-terminated list. */
bool program_is_one_of(const char *comm, const char *const *names);
