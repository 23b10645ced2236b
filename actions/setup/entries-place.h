/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/host.h"
#include "base/text.h"

/* The words of a target, and what they lead to. */
struct entries_place {
	char *copy, *dir; /* heap */
	const char *program, *root, *token;
	char **kernels, **names; /* what is in /lib/modules and in dir */
	size_t kernel_count, name_count;
};

void entries_place_done(struct entries_place *place);
/* words: "ROOT,TOKEN", or with a program "PROGRAM,ROOT,TOKEN". ret is {0}. */
int entries_place_read(const struct host *host, const char *words, bool has_program,
		       struct entries_place *ret, struct error *err);

/* The kernel whose entry this is, and the entry of a kernel; NULL: none. */
const char *entries_place_kernel(const struct entries_place *place, const char *name);
const char *entries_place_entry(const struct entries_place *place, const char *release);

/* The name of the entry that kernel-install writes for a kernel now: with the attempts to boot that
 * this host counts, if it does. Heap. */
char *entries_place_written(const struct host *host, const struct entries_place *place,
			    const char *release);

/* "ROOT,TOKEN": all entries with their contents, as model/boot-entries.h has them. */
int entries_read(const struct host *host, const char *words, struct text *ret, struct error *err);
