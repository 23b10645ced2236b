/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

#include "model/addr.h"
#include "model/refusal.h"
#include "model/step.h"

/* Why a text console goes dark: the "why" of its step. */
#define PLAN_CONSOLE_IS_BACK "the text console: dark until the guest has ended"
#define PLAN_CONSOLE_IS_GONE "the text console: dark until the host restarts"

/* What a lend will do; or, where there is any refusal, why it will not be begun. */
struct plan {
	struct step *steps;
	size_t step_count;
	struct pci_addr *claims; /* sorted, no twins */
	size_t claim_count;
	struct refusal *refusals;
	size_t refusal_count;
	char **notes; /* heap: what people shall know of it, and no reason to refuse; no twins */
	size_t note_count;
	struct pci_addr *told; /* devices whose default route is no reason to refuse */
	size_t told_count;
};

void plan_done(struct plan *plan);
#define auto_plan __attribute__((__cleanup__(plan_done)))

bool plan_has_step(const struct plan *plan, enum step_kind kind, const char *target);
void plan_add_claim(struct plan *plan, const struct pci_addr *addr);
/* Takes over its strings; a twin (same kind, device, mate and evidence) is dropped. */
void plan_add_refusal(struct plan *plan, const struct refusal *refusal);

/*
 * What people read where a guest was not started: the first refusal in full behind REFUSAL_OPENING,
 * how many others there are and where to read them, and that nothing was changed. Lines, each with
 * its newline.
 */
void plan_format_refusals(const struct plan *plan, const char *guest,
			  const struct snapshot *snapshot, struct text *out);

/* Is the default route of this device told, and no reason to refuse? */
bool plan_tells(const struct plan *plan, const struct pci_addr *addr);
/* Takes the text over, one line. */
void plan_add_note(struct plan *plan, char *note);

/*
 * Appends each note as a comment, "# ...", and behind them each step as a line. all: false leaves
 * out steps that change nothing, as people would take them for changes.
 */
void plan_format(const struct plan *plan, bool all, struct text *out);
