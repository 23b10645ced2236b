/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What switches reservations off for a boot, besides the words of a rescue. */
#define WORD_OFF "hostdev.off"

/*
 * Calls back for each word in a text by which a boot reserves devices (WORD_GUEST), or none
 * (WORD_OFF): on lines of a kernel's words or of a shell's assignments, but not in comments. The
 * word is gone when the call returns.
 */
void boot_words_each(const char *text, void (*take)(void *data, const char *word), void *data);
