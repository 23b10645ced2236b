/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* A line of fstab(5) or crypttab(5) that a start of the host carries out. */
struct start_line {
	char *source; /* heap: a path below /dev; "UUID=..." and such as the link that udev makes */
	char *name;   /* heap: of crypttab, what is made of it; "" for fstab */
	char *how;    /* heap, escaped: "what /etc/fstab mounts on /srv" */
	bool asks;    /* somebody has to type a passphrase for it */
	const char *spared; /* the option by which it may be missing, a constant; NULL: none */
};

struct start_lines {
	struct start_line *all;
	size_t count;
};

void start_lines_done(struct start_lines *lines);
/* Each appends. Text is taken apart. Lines whose source is no device are left out. */
void start_lines_fstab(char *text, struct start_lines *lines);
void start_lines_crypttab(char *text, struct start_lines *lines);
