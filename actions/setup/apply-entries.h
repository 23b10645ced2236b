/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "actions/setup/apply.h"

/*
 * The entries that kernel-install keeps in loader/entries. ROOT is the directory that "loader" is
 * in, TOKEN what the entries' names begin with.
 */

/*
 * A step "entries:PROGRAM,ROOT,TOKEN": has this kernel-install add every kernel anew that has an
 * entry, as it is configured now. What our plugin has derived goes first: it is derived again, or
 * not wanted any more. undo: the set-up is taken back; entries become what they were before it as
 * model/boot-entries.h says, one that fails keeps no other from that, and what cannot be written
 * anew because its kernel or kernel-install is gone is told, and is the end of it.
 */
int entries_build(struct apply *apply, const struct step *step, bool undo, struct text *said,
		  struct error *err);

/*
 * "ROOT,TOKEN": what is there is kept, for the next to compare with (model/boot-entries.h) and for
 * the way back.
 */
int entries_keep(struct apply *apply, const char *words, struct error *err);
int entries_check(struct apply *apply, const char *words, struct error *err);

/* Forgets what was kept that only a failure would have needed. */
void entries_applied(struct apply *apply);
/* Forgets what was kept, where the set-up is taken back. */
void entries_forget(struct apply *apply);

/* "PROGRAM,ROOT,TOKEN": have they what the set-up has put there? EINVAL names what is missing. */
int entries_verify(const struct host *host, const struct setup *setup, const char *words,
		   struct error *err);
