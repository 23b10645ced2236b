/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/boot.h"

/* What is known of how a host boots, a fact a line, to be compared and read; heap. */
char *boot_text(const struct boot *boot);

/* The same of a machine that the text describes (machine.h). */
char *boot_text_of(const char *machine);
