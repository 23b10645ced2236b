/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/text.h"
#include "generator/draft.h"
#include "generator/reserved.h"

/*
 * Would the host have a screen without what is selected? So it would, too, if it has none now: it
 * loses none then.
 */
bool screens_remain(const struct selection *selection);

/* "X has no outputs; Y ...", of graphics that stay and are no screens; nothing where there are
 * none. */
void screens_tell_dark(const struct selection *selection, struct text *out);

/* Tells that somebody will look for the prompt for a disk's passphrase on another screen. */
void screens_note_prompt(const struct generate_facts *facts, const struct reserved *reserved,
			 struct draft *draft);

/* Why graphics are no screen: "has no outputs"; a constant. NULL: they are one. */
const char *screen_lack(const struct selection *selection, const struct device *device);
