/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

/* Libvirt's own limit for a definition, and the engine's. */
#define FRONT_INPUT_MAX ((size_t)10 * 1024 * 1024)

/* Standard input, read once; zeroed when new. */
struct front_input {
	char *data; /* heap; NULL while empty */
	size_t length;
	size_t capacity;
};

void front_input_done(struct front_input *input);

/*
 * Reads fd to its end, or to one byte beyond FRONT_INPUT_MAX, which is enough to see that it is
 * too long. -errno of read(2), or -ENOMEM.
 */
int front_input_read(struct front_input *input, int fd);

/* Makes standard input a file in memory with what was read, at its beginning. 0 or -errno. */
int front_input_replay(const struct front_input *input);
