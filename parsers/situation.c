// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What belongs together when a plan is to be made, so that the hook and the admin's command cannot
 * come to see two different hosts. Tests: model/test-survey.c.
 */
#include "parsers/situation.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "parsers/config/config.h"
#include "parsers/display/console.h"
#include "parsers/domain/domain-policy.h"
#include "parsers/hung-task.h"
#include "parsers/libvirt/running.h"
#include "parsers/network/network.h"
#include "parsers/pci/absent.h"
#include "parsers/pci/iommu.h"
#include "parsers/pci/iommufd.h"
#include "parsers/pci/memory.h"
#include "parsers/pci/pci.h"
#include "parsers/pci/survey.h"
#include "parsers/storage/storage.h"
#include "parsers/users/holders.h"
#include "state/journals.h"
#include "state/pins.h"

void situation_done(struct situation *situation)
{
	policy_done(&situation->policy);
	snapshot_done(&situation->snapshot);
}

static int read_policy(const struct host *host, const struct guest *guest, struct policy *policy,
		       struct error *err)
{
	int result = config_read(host, guest->name, policy, err);

	return result < 0 ? result : domain_policy_apply(policy, guest, err);
}

/* Who and what uses the devices: consoles last, as they look at the holders' descriptors. */
static int read_uses(const struct host *host, const struct guest *guest, struct snapshot *snapshot,
		     struct error *err)
{
	int result = holders_read(host, snapshot, err);

	if (result == 0)
		result = storage_read(host, guest, snapshot, err);
	if (result == 0)
		result = memory_read(host, snapshot, err);
	if (result == 0)
		result = network_read(host, guest, snapshot, err);
	if (result == 0)
		result = console_read(host, snapshot, err);
	if (result == 0)
		result = hung_task_read(host, snapshot, err);
	if (result == 0)
		running_read(host, guest, snapshot);
	return result;
}

static int read_claims(const struct host *host, const struct guest *guest,
		       struct snapshot *snapshot, struct error *err)
{
	int result = journals_read_claims(host, guest->uuid, snapshot, err);

	if (result == -EACCES && err)
		error_wrap(err, "only root may see which devices are lent to other guests");
	return result;
}

static void read_advice(const struct host *host, struct snapshot *snapshot)
{
	cleanup(iommu_done) struct iommu iommu = {0};

	iommu_read(host, &iommu);
	snapshot->iommu_advice = iommu_advice(&iommu);
}

int situation_read(const struct host *host, const struct guest *guest, struct situation *ret,
		   struct error *err)
{
	cleanup(situation_done) struct situation situation = {.policy = POLICY_INIT};
	int result = read_policy(host, guest, &situation.policy, err);

	if (result == 0)
		result = pci_snapshot(host, guest, &situation.snapshot, err);
	if (result == 0)
		result = read_claims(host, guest, &situation.snapshot, err);
	if (result == 0)
		result = pins_read(host, guest->uuid, &situation.snapshot, err);
	if (result == 0)
		result = read_uses(host, guest, &situation.snapshot, err);
	if (result < 0)
		return result;
	if (!situation.snapshot.iommu)
		read_advice(host, &situation.snapshot);
	iommufd_read(host, guest, &situation.snapshot);
	pins_read_loan(host, guest->uuid, &situation.snapshot);
	/* By its pin a device may be found elsewhere. */
	absent_read(host, guest, &situation.snapshot);
	*ret = situation;
	memset(&situation, 0, sizeof(situation));
	return 0;
}

/* --- of all devices --- */

static void note_gap(struct text *gaps, int result, const struct error *err)
{
	if (result < 0)
		text_printf(gaps, "%s%s", gaps->length > 0 ? "\n" : "", err->text);
}

/* In the order of read_uses, whatever becomes of each. */
static void survey_uses(const struct host *host, struct snapshot *snapshot, struct text *gaps)
{
	const struct guest nobody = {.name = (char[]){""}};
	struct error err = ERROR_INIT;

	note_gap(gaps, holders_read(host, snapshot, &err), &err);
	note_gap(gaps, storage_read(host, &nobody, snapshot, &err), &err);
	note_gap(gaps, memory_read(host, snapshot, &err), &err);
	note_gap(gaps, network_read(host, &nobody, snapshot, &err), &err);
	note_gap(gaps, console_read(host, snapshot, &err), &err);
	note_gap(gaps, hung_task_read(host, snapshot, &err), &err);
}

int situation_survey(const struct host *host, struct situation *ret, struct text *gaps,
		     struct error *err)
{
	cleanup(situation_done) struct situation situation = {.policy = POLICY_INIT};
	const struct guest nobody = {.name = (char[]){""}};
	struct error failure = ERROR_INIT;
	int result = survey_read(host, &situation.snapshot, err);

	if (result < 0)
		return result;
	note_gap(gaps, read_policy(host, &nobody, &situation.policy, &failure), &failure);
	note_gap(gaps, read_claims(host, &nobody, &situation.snapshot, &failure), &failure);
	survey_uses(host, &situation.snapshot, gaps);
	*ret = situation;
	memset(&situation, 0, sizeof(situation));
	return 0;
}
