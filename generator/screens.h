/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/text.h"
#include "generator/draft.h"
#include "generator/reserved.h"

/*
 * Does the host keep a screen if what is selected is reserved? Also true if the host has no screen
 * now, as it then loses none.
 */
bool screens_remain(const struct selection *selection);

/* Appends "X has no outputs; Y ..." on graphics that stay with the host and are no screens. */
void screens_tell_dark(const struct selection *selection, struct text *out);

/* Adds a note if the prompt for a disk's passphrase will be on another screen than now. */
void screens_note_prompt(const struct generate_facts *facts, const struct reserved *reserved,
			 struct draft *draft);

/* Why a graphics function is no screen: "has no outputs"; a constant. NULL: it is a screen. */
const char *screen_lack(const struct selection *selection, const struct device *device);
