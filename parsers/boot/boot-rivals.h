/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/boot.h"
#include "parsers/boot/boot-source.h"

/* Adds to boot->rivals what other tools and guides leave on a host. */
void boot_rivals_read(struct boot_source *source, struct boot *boot);

/* The first line with one of these words that is no comment; heap, escaped, NULL: none. */
char *rivals_line_with(const char *text, const char *word, const char *other);
