/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/host.h"

/*
 * The host as those ask it who look for evidence of how it boots: most of what they ask for is not
 * there, and that is an answer. A file that is there and may not be read is none: the first such
 * failure stays in the source, and makes boot_read fail. What is no regular file, too large or a
 * broken link counts as not there.
 */
struct boot_source {
	const struct host *host;
	struct error failure; /* code 0: none */
};

/* Paths are printf formats, absolute, as the host sees them. */
bool boot_source_has(struct boot_source *source, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
bool boot_source_has_file(struct boot_source *source, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* A regular file that somebody may execute. */
bool boot_source_has_program(struct boot_source *source, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* A program's path by its name, in the folders of programs; heap, NULL: not installed. */
char *boot_source_program(struct boot_source *source, const char *name);

/* A file's text (4 MiB at most); heap, NULL: not there. */
char *boot_source_read(struct boot_source *source, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* The same for data that may hold NUL (16 MiB at most); length in *ret_length. */
char *boot_source_read_data(struct boot_source *source, size_t *ret_length, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Its first line without blanks around it, escaped; heap, NULL: not there, or empty. */
char *boot_source_read_word(struct boot_source *source, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Names in a directory, sorted, without dot files: never NULL, host_free_names. */
char **boot_source_list(struct boot_source *source, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Appends a heap string to a NULL-terminated array of them (NULL: an empty one). */
void source_strings_add(char ***strings, size_t *count, char *string);
