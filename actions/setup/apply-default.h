/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "actions/setup/apply.h"
#include "base/host-change.h"

/* The menu as it was before it is written anew when a set-up is taken back. */
struct apply_default {
	char *menu; /* heap: its path; NULL: the set-up's checks name none */
	struct host_content before;
};

/* Of a step that builds the menu; of others, and of a menu that cannot be read, nothing is kept. */
void apply_default_keep(const struct apply *apply, const struct step *step,
			struct apply_default *ret);
/* It is written: tells whether GRUB starts another entry by itself now. */
void apply_default_tell(const struct apply *apply, const struct step *step,
			const struct apply_default *kept);
void apply_default_done(struct apply_default *kept);
