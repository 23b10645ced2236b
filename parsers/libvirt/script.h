/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define SCRIPT_WORD_SIZE 32

/* Where a script calls libvirt. */
struct script_call {
	unsigned int line;           /* from 1 */
	char word[SCRIPT_WORD_SIZE]; /* "virsh" */
};

/*
 * Does this script seem to call libvirt? It looks for words outside of comments, so a word that is
 * only printed counts as a call. A file that is no text calls nothing. True: *ret is the first
 * call.
 */
bool script_calls_libvirt(const char *data, size_t length, struct script_call *ret);
