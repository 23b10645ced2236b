/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "model/device.h"
#include "model/handover.h"
#include "model/journal.h"

enum loan_state {
	LOAN_LENT,
	LOAN_LENDING,   /* a hook or hostdevctl is lending it */
	LOAN_RETURNING, /* a hook or hostdevctl is returning it */
	LOAN_STUCK,     /* a step is in the kernel, and no process waits for it any more */
	LOAN_UNSETTLED, /* something is to be returned, and no process works on it */
	LOAN_LOST,      /* the journal says that the guest has it, and the host shows otherwise */
	LOAN_STATES
};
/* "lent" */
const char *loan_state_name(enum loan_state state);
/* Is it a problem that somebody should look at? */
bool loan_state_is_bad(enum loan_state state);

/* A device that a guest has or should have; or, without has_device, a run that has no device. */
struct loan_status {
	bool has_device;
	/* The device with the driver that it has now; if it is gone, what is known of it. */
	struct device device;
	enum loan_state state;
	char *note; /* heap: a sentence for people, without its full stop; or NULL */
};

/* What is known of one guest since the host was started. */
struct guest_status {
	char uuid[UUID_TEXT_SIZE];
	char *guest;   /* heap: its name; its UUID if the name is not known */
	int64_t since; /* when it was lent, in seconds since 1970; 0: not known, or nothing is */
	bool busy;     /* a process has the guest's lock */
	int pid;       /* of that process; 0: not known */
	char *command; /* heap: the command line of that process; NULL: not known */
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
 * Reads all guests that have devices on loan or whose last hand-over is recorded. Takes no lock,
 * changes nothing and does not ask libvirt. If there is no state directory, there are no guests.
 * The names of devices are not read (statuses_fill_names). *ret: statuses_done.
 */
int statuses_read(const struct host *host, struct statuses *ret, struct error *err);

/* Fills in the names of the devices from the system's pci.ids; takes as long as names_fill. */
void statuses_fill_names(struct statuses *statuses);

/* Is one of its loans in a state that an admin should look at? */
bool guest_status_is_bad(const struct guest_status *status);
