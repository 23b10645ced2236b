/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

/*
 * The known word that a mistyped word was probably meant to be, or NULL where none is near: the
 * word with the fewest letters added, missing, changed or swapped with their neighbour, a third of
 * the letters at most; else the only one that begins with what was typed. Upper and lower case are
 * alike. Entries of known may be NULL.
 */
const char *suggest(const char *word, const char *const *known, size_t count);
/* The same as what follows a complaint: "; did you mean WORD?", or "". Heap. */
char *suggest_text(const char *word, const char *const *known, size_t count);
