/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/text.h"

/*
 * Where a program has failed, a line of what it has printed goes behind the error. result is what
 * running it has given, and is returned.
 */

/* The first: of those that only say what is wrong. */
int apply_said_first(int result, const struct text *said, struct error *err);
/* The last that is not empty: of those that tell of their work until they fail. */
int apply_said_last(int result, const struct text *said, struct error *err);
