/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/host.h"
#include "model/journal.h"

/* What became of one guest's journal. */
enum recovery_outcome {
	RECOVERY_RETURNED,  /* the guest's run is over: all is back, the journal is gone */
	RECOVERY_REMOVED,   /* it was of an earlier boot */
	RECOVERY_LEFT,      /* somebody is at it: a running guest, libvirt, a hook */
	RECOVERY_UNSETTLED, /* and it should not be so */
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
	 * A guest by name or UUID, whose run is over whatever libvirt thinks of it, unless its QEMU
	 * lives; NULL: all, each only where nobody else can be expected to return it.
	 */
	const char *guest;
	/* Under the guest's lock: is this the journal that is meant? NULL: each is. */
	bool (*wants)(void *data, const struct journal *journal);
	/*
	 * Says what would become of each journal, and changes nothing: what would be returned has
	 * RECOVERY_RETURNED. Nobody is waited for.
	 */
	bool dry_run;
	void (*report)(void *data, const struct recovery *recovery); /* once for each journal */
	void *data;
};

/*
 * Settles what killed hooks and daemons have left, from the journals alone, guest by guest: one
 * that cannot be settled keeps no other from it. Fails only where the journals cannot be found.
 */
int recover_run(const struct recover *recover, struct error *err);
