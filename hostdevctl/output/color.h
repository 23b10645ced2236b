/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

enum color_when {
	COLOR_AUTO, /* on a terminal that has colours, unless NO_COLOR is set */
	COLOR_ALWAYS,
	COLOR_NEVER,
};

/* "auto", "always", "never"; NULL, an option without its argument, is "always". */
bool color_parse(const char *word, enum color_when *ret);

/* Is stdout to be coloured? */
bool color_wanted(enum color_when when);

#define COLOR_GREEN "\033[32m"
#define COLOR_YELLOW "\033[33m"
#define COLOR_RED "\033[31m"
