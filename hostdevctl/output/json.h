/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/text.h"

/*
 * The first member of what each command prints as JSON, so that a program can tell what it reads.
 * The number grows when a member gets another meaning or goes away; new members may come at any
 * time. share/hostdev-hook/hostdevctl.schema.json describes it all.
 */
/* How each answer begins: the object, its version, and the place of the next member. */
#define JSON_OPENING "{\n   \"version\": 1,\n   "

/* Text as a JSON string with its quotes; bytes that are no UTF-8 as text_escape has them. */
void json_string(const char *string, struct text *out);
/*
 * "NAME": VALUE, and what stands behind it: a comma, or the end of the object. A value that is NULL
 * is null; for json_word, an empty one is null as well.
 */
void json_member(const char *name, const char *value, const char *behind, struct text *out);
void json_word(const char *name, const char *word, const char *behind, struct text *out);
