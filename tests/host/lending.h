/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/guest.h"
#include "model/plan.h"
#include "model/policy.h"
#include "model/snapshot.h"
#include "tests/host/testhost.h"

/*
 * Lending and returning on a made-up machine, as the hook goes about it, without its locks, its
 * messages and the domain XML.
 */
#define TEST_UUID "4dea22b3-1d52-48f3-a516-782e98ab3fa0"
#define OTHER_UUID "9b1f6c0a-7c2e-4a67-8f0c-5f1f4f1f2a11"

/*
 * A guest named win11 with TEST_UUID from lines such as
 *   hostdev 0000:01:00.0 managed        kind and address as hostdevctl prints them, then any of
 *   interface 0000:03:10.0              managed, iommufd, model=NAME, name=NAME
 *   policy group whole
 * Ends the test program where they are wrong.
 */
struct guest guest_make(const char *lines);

/*
 * By the machine's configuration file and the guest's own policy. *snapshot and *plan must be
 * empty; the caller releases them.
 */
int lending_plan(struct testhost *host, const struct guest *guest, struct snapshot *snapshot,
		 struct plan *plan, struct error *err);

/* "prepare": plans, writes the journal, carries out; undoes what failed. EPERM for refusals. */
int lending_lend(struct testhost *host, const struct guest *guest, struct error *err);
/* "release": from the journal alone. Nothing to do without one. */
int lending_return(struct testhost *host, struct error *err);
/* The same in a process of their own; wait status, exit status 1 where they fail. */
int lending_lend_process(struct testhost *host, const struct guest *guest);
int lending_return_process(struct testhost *host);

/* The steps as text (plan_format), or the refusals, one a line; heap. */
char *lending_plan_text(struct testhost *host, const struct guest *guest);
/* The same with that name for each device. */
char *lending_plan_text_named(struct testhost *host, const struct guest *guest, const char *name);

/* Text of the journal of TEST_UUID, NULL when there is none; heap. */
char *lending_journal(const struct testhost *host);
/* Notes of what was left alone or failed in this process, one a line; heap. */
char *lending_notes(void);
