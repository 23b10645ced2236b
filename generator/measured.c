// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Disks that are unlocked by what was measured of the boot: each set-up changes what is measured.
 * Tests: unit/test-menu.c.
 */
#include "generator/measured.h"

#include "base/cleanup.h"

void measured_check(const struct generate_facts *facts, const struct generate_wishes *wishes,
		    struct draft *draft)
{
	auto_text struct text all = TEXT_INIT;

	for (size_t i = 0; i < facts->boot->measured_count; i++) {
		const struct boot_measured *measured = &facts->boot->measured[i];

		text_printf(&all, "%s%s (PCRs %s)", i > 0 ? "; " : "", measured->what,
			    *measured->pcrs ? measured->pcrs : "not named there");
	}
	if (all.length == 0)
		return;
	if (wishes->allow_measured)
		draft_note(draft, "have the recovery keys at hand: %s", all.data);
	else
		draft_refuse(draft,
			     "another command line or image changes what is measured, and a disk "
			     "may not be unlocked at the next start: %s. With the recovery keys at "
			     "hand, insist with --allow-measured, and renew the policy afterwards "
			     "(systemd-cryptenroll, systemd-pcrlock make-policy, or sdbootutil "
			     "update-predictions)",
			     all.data);
}
