/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "base/text.h"
#include "model/guest.h"

/* A guest as libvirt's own files tell of it. */
struct known_guest {
	struct guest guest; /* as it runs, or as its next start will be */
	unsigned int id;    /* libvirt's number of its run; 0: it does not run */
	char *path;         /* of the file, "/etc/libvirt/qemu/win11.xml"; heap */
};

struct known_guests {
	struct known_guest *items; /* by name; no UUID twice */
	size_t count;
};

void known_guests_done(struct known_guests *guests);
#define auto_known_guests __attribute__((__cleanup__(known_guests_done)))

/*
 * Reads /run/libvirt/qemu, where libvirt keeps what its guests have that run, and
 * /etc/libvirt/qemu, where the definitions are; no daemon is asked, so this works while it is down
 * or hangs. What cannot be read or is no domain is told in *gaps, a line each, and left out.
 * EACCES: only root may read them.
 */
int known_guests_read(const struct host *host, struct known_guests *ret, struct text *gaps,
		      struct error *err);

/* By name, UUID or id, in this order; NULL: none. */
const struct known_guest *known_guests_find(const struct known_guests *guests, const char *word);

/* Takes guest and path of found, which is of *guests, out of there. */
void known_guest_take(struct known_guests *guests, const struct known_guest *found,
		      struct guest *ret, char **ret_path);

/* "there is no guest WORD", with the names that are there; ENOENT. */
int known_guests_refuse(const struct known_guests *guests, const char *word, struct error *err);
