/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/host.h"
#include "model/journal.h"

/* What became of one guest's journal. */
enum recovery_outcome {
	RECOVERY_RETURNED,  /* the guest's run is over: all is back, the journal is removed */
	RECOVERY_REMOVED,   /* the journal was of an earlier boot, and is removed */
	RECOVERY_LEFT,      /* it is in use: by a running guest, libvirt or a hook */
	RECOVERY_UNSETTLED, /* it could not be returned */
};
const char *recovery_outcome_name(enum recovery_outcome outcome);

struct recovery {
	const char *guest; /* its name; its UUID where that is not known */
	const char *uuid;
	enum recovery_outcome outcome;
	const char *note; /* why, and what to do where there is something to do */
};

struct recover {
	struct host *host;
	/*
	 * A name or UUID: that guest alone, and its run counts as over even if libvirt says that it
	 * is not, unless its QEMU lives. NULL: all guests, each only if nobody else will return it.
	 */
	const char *guest;
	/* Is this journal meant? It is called under the guest's lock. NULL: each journal is. */
	bool (*wants)(void *data, const struct journal *journal);
	/*
	 * Only says what would become of each journal (RECOVERY_RETURNED: it would be returned),
	 * changes nothing, and waits for nobody.
	 */
	bool dry_run;
	void (*report)(void *data, const struct recovery *recovery); /* once for each journal */
	void *data;
};

/*
 * Returns what killed hooks and daemons have left, guest by guest, by the journals alone. A guest
 * whose devices cannot be returned does not keep the others from it. -errno: the journals cannot be
 * listed.
 */
int recover_run(const struct recover *recover, struct error *err);
