/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/*
 * A later version of this program may add words "+key=value" to a line that this version knows,
 * each behind one blank. This version passes over them. The "+" tells them from a known word that
 * is damaged. A key has letters a to z and "-", a value has printable ASCII characters without
 * blanks, and neither is empty.
 *
 * at: where this version's words end. Returns the place behind all such words: end, where nothing
 * else follows.
 */
const char *later_words_skip(const char *at, const char *end);

/*
 * The value of the first such word of this key between the two, where this version knows it. False:
 * there is none. *ret_value is no string of its own: it ends after *ret_length.
 */
bool later_word_find(const char *at, const char *end, const char *key, const char **ret_value,
		     size_t *ret_length);
