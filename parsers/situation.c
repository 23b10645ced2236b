// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What belongs together when a plan is to be made, so that the hook and the admin's command cannot
 * come to see two different hosts.
 */
#include "parsers/situation.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "parsers/config.h"
#include "parsers/journals.h"
#include "parsers/pci.h"

void situation_done(struct situation *situation)
{
	policy_done(&situation->policy);
	snapshot_done(&situation->snapshot);
}

int situation_read(const struct host *host, const struct guest *guest, struct situation *ret,
		   struct error *err)
{
	cleanup(situation_done) struct situation situation = {.policy = POLICY_INIT};
	int result = config_read(host, guest->name, &situation.policy, err);

	if (result == 0)
		result = policy_apply_guest(&situation.policy, guest, err);
	if (result == 0)
		result = pci_snapshot(host, guest, &situation.snapshot, err);
	if (result == 0) {
		result = journals_read_claims(host, guest->uuid, &situation.snapshot, err);
		if (result == -EACCES && err)
			error_wrap(err, "only root may see which devices are lent to other guests");
	}
	if (result < 0)
		return result;
	*ret = situation;
	memset(&situation, 0, sizeof(situation));
	return 0;
}
