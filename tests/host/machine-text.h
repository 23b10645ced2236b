/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tests/host/machine.h"

/* Between machine-text.c and machine-users.c, which read lines, and machine.c, which knows what
 * they imply. */
#define WORDS_MAX 24

struct line {
	struct machine *machine;
	const char *words[WORDS_MAX + 1]; /* NULL-terminated */
	size_t count;
};

bool take_number(const char *text, int base, unsigned int *ret);
/* Replaces the heap string. */
bool take_string(char **slot, const char *value);
/* The value behind "key=", or NULL when the word is not that key. */
const char *value_of(const char *word, const char *key);

/* The lines of who uses the devices; keywords of machine-text.c. */
bool line_node(struct line *line);
bool line_devnode(struct line *line);
bool line_framebuffer(struct line *line);
bool line_vtconsole(struct line *line);
bool line_process(struct line *line);
bool line_unit(struct line *line);
bool line_session(struct line *line);
void machine_users_free(struct machine *machine);
/* Units that others name. */
void machine_users_complete(struct machine *machine);

struct machine_driver *machine_add_driver(struct machine *machine, const char *name);
struct machine_module *machine_add_module(struct machine *machine, const char *name);
struct machine_group *machine_add_group(struct machine *machine, int number);

/* Fills in all that the lines left out; call once, after the last. */
void machine_complete(struct machine *machine);
