/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "model/device.h"
#include "model/handover.h"
#include "model/journal.h"

enum loan_state {
	LOAN_LENT,
	LOAN_LENDING,   /* somebody is at it */
	LOAN_RETURNING, /* the same */
	LOAN_STUCK,     /* a step is in the kernel, and nobody waits for it any more */
	LOAN_UNSETTLED, /* something is to be returned, and nobody is at it */
	LOAN_LOST,      /* the guest has it by its journal, and not by what is seen of it */
	LOAN_STATES
};
/* "lent" */
const char *loan_state_name(enum loan_state state);
/* Is it a problem that somebody should look at? */
bool loan_state_is_bad(enum loan_state state);

/* One device that a guest has, or should have; or, without a device, a run that has none. */
struct loan_status {
	bool has_device;
	/* Of a device that is gone, what it was, as far as that is known; driver: bound now. */
	struct device device;
	enum loan_state state;
	char *note; /* heap: a sentence without its stop, for people; NULL: there is none */
};

/* What is known of one guest since the host was started. */
struct guest_status {
	char uuid[UUID_TEXT_SIZE];
	char *guest;   /* heap; its UUID where the name is not known */
	int64_t since; /* seconds since 1970; 0: not known, or nothing is lent */
	bool busy;     /* somebody has the guest's lock */
	int pid;       /* of that one; 0: not known */
	char *command; /* heap: its command line; NULL: not known */
	struct loan_status *loans;
	size_t loan_count;
	struct handover last[HANDOVER_OPERATIONS];
};

struct statuses {
	struct guest_status *items; /* by name */
	size_t count;
};

void statuses_done(struct statuses *statuses);
#define auto_statuses __attribute__((__cleanup__(statuses_done)))

/*
 * All guests that have devices on loan, or of whom a hand-over is recorded. Takes no lock and
 * changes nothing; libvirt is not asked. No state directory: there are none. Names of devices are
 * left to statuses_fill_names. *ret: statuses_done.
 */
int statuses_read(const struct host *host, struct statuses *ret, struct error *err);

/* From the system's pci.ids; costs what names_fill does. */
void statuses_fill_names(struct statuses *statuses);

/* Has anything of it a state that somebody should look at? */
bool guest_status_is_bad(const struct guest_status *status);
