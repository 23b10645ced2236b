/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/cleanup.h"
#include "base/host.h"
#include "model/guest.h"
#include "parsers/storage/backing.h"
#include "parsers/storage/blocks.h"

/* What depends on a mount. Strings of the mounts and the guest that it was made from. */
struct base {
	const char *root;  /* a mount ("/usr") that the host runs from stands on it; NULL: none */
	const char *image; /* the image of the guest that lies on it; NULL: none */
};

struct bases {
	struct base *of_mounts; /* heap: one for each mount */
	bool hidden;            /* the root stands on something that is not among the mounts */
};

void bases_done(struct bases *bases);
#define auto_bases cleanup(bases_done)

/*
 * Which mounts the host runs from, and on which mounts the guest's images lie. Counted are these
 * mounts themselves and whatever they stand on: layers of an overlay, the file behind a loop
 * device, a folder that is shown elsewhere. *ret: bases_done.
 */
void bases_read(const struct host *host, const struct guest *guest, const struct backings *backings,
		const struct loops *loops, struct bases *ret);
