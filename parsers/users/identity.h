/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/host.h"
#include "model/holder.h"
#include "model/snapshot.h"

/* What is read once for all processes that are to be identified. */
struct identities {
	const struct host *host;
	bool systemd;   /* it runs this host */
	char *users;    /* /etc/passwd; NULL: cannot be read */
	pid_t *masters; /* DRM masters of the snapshot's cards */
	size_t master_count;
	bool impatient; /* no more guests are asked for their names (parsers/slow.h) */
	bool impatient_of_containers; /* nor for the files of containers (parsers/users/container.h)
				       */
};

void identities_read(const struct host *host, const struct snapshot *snapshot,
		     struct identities *ret);
void identities_done(struct identities *identities);

/*
 * Fills in all that there is to know of the process with holder's pid and start time, but for its
 * holds. ESRCH when it has ended; *holder is to be released in either case.
 */
int identity_read(struct identities *identities, struct holder *holder, struct error *err);
