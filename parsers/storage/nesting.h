/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

/*
 * Which mounts of fstab(5) need which others: by systemd.mount(5) a mount needs the one that its
 * place is below, and the one that its source is in (a bind mount, the file of a swap space). So an
 * option of its own spares no mount that another one needs which is not spared.
 */
struct nested {
	char *source, *place;   /* heap, decoded */
	const char *spared;     /* why it may be missing, a constant; NULL: it may not */
	const char *needed_for; /* the mount or swap file that it is not spared for, or NULL */
	size_t mark;            /* the caller's */
};

struct nesting {
	struct nested *all;
	size_t count;
};

void nesting_done(struct nesting *nesting);
/* The strings are copied, but for spared. */
void nesting_add(struct nesting *nesting, const char *source, const char *place, const char *spared,
		 size_t mark);
/* Takes spared from those that others need, and sets needed_for. */
void nesting_find(struct nesting *nesting);
