/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/host.h"
#include "base/text.h"
#include "model/journal.h"
#include "model/plan.h"

/*
 * What "lend" and "return" share.
 */

/*
 * Opens this machine to change devices, which only root may ("lend devices"); or, where root is not
 * NULL, the machine below root, of which nothing can be changed. False: told.
 */
bool hand_open(const char *what, const char *root, struct host *ret);

/*
 * From here on devices change: whoever interrupts the command is told how they come back, and
 * whoever sits at a terminal sees each step.
 */
void hand_begin(void);

/* A message of several lines on stderr, the first behind "hostdevctl: WORD: ". */
void hand_tell(const char *word, const struct text *message);

/* A line for each device of a loan, as it is now; what it was is told by the journal. */
void hand_print(const struct host *host, const struct journal *journal, bool lent);

/* "guest": ..., "uuid": ..., "devices": [...], and the brace that ends their object. */
void hand_json(const struct host *host, const struct journal *journal, struct text *out);

/* --- what a person has agreed to --- */

struct consent {
	char **steps; /* heap: the cells of those that end or stop something */
	size_t count;
};

void consent_done(struct consent *consent);
#define auto_consent __attribute__((__cleanup__(consent_done)))

/* Asks on the terminal where the plan ends or stops anything. False: the answer was no. */
bool consent_ask(struct consent *consent, const struct plan *plan);

/* Does the plan end or stop nothing else? data: struct consent. */
bool consent_covers(void *data, const struct plan *plan);
