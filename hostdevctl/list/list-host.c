// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What "hostdevctl list" reads, and how much of it somebody who is not root gets to see: an answer
 * with gaps says so, and takes nothing for free that it could not look at. Tests: ctl/list.bats.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "hostdevctl/list/list.h"
#include "parsers/pci/absent.h"

void list_host_done(struct list_host *host)
{
	portions_done(&host->portions);
	guest_ties_done(&host->ties);
	situation_done(&host->situation);
	host_close(&host->host);
}

static bool is_for_root(const char *gap)
{
	return strstr(gap, "only root may") || strstr(gap, strerror(EACCES)) ||
	       strstr(gap, strerror(EPERM));
}

/* To somebody who is not root, all that only root may see is one thing. */
static void tell_gaps(struct list_host *host, char *gaps)
{
	struct snapshot *snapshot = &host->situation.snapshot;
	bool is_root = geteuid() == 0, hidden = !is_root && snapshot->unreadable_count > 0;
	char *gap;

	while ((gap = strsep(&gaps, "\n"))) {
		host->partial = true;
		if (!is_root && is_for_root(gap))
			hidden = true;
		else
			command_note("%s", gap);
	}
	if (hidden) {
		host->partial = true;
		command_note("run this with sudo to see who uses the devices and which guests "
			     "have them");
	} else if (snapshot->unreadable_count > 0) {
		command_note("%zu process%s could not be looked into (%s), so it is not known what "
			     "they hold",
			     snapshot->unreadable_count,
			     snapshot->unreadable_count == 1 ? "" : "es",
			     snapshot->unreadables[0].why);
	}
}

void list_host_forget_unreadables(struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->unreadable_count; i++)
		free(snapshot->unreadables[i].why);
	snapshot->unreadable_count = 0;
}

static void add_claims(struct list_host *host)
{
	const struct snapshot *snapshot = &host->situation.snapshot;

	for (size_t i = 0; i < snapshot->claim_count; i++)
		guest_ties_add(&host->ties, &snapshot->claims[i].addr, snapshot->claims[i].guest,
			       true);
	guest_ties_sort(&host->ties);
}

int list_host_read(const char *root, struct list_host *ret, struct error *err)
{
	auto_text struct text gaps = TEXT_INIT;
	int result = command_open(root, &host_ops_readonly, &ret->host, err);

	if (result == 0)
		result = situation_survey(&ret->host, &ret->situation, &gaps, err);
	if (result < 0)
		return result;
	absent_survey(&ret->host, &ret->situation.snapshot);
	guest_files_read(&ret->host, &ret->ties, &gaps);
	add_claims(ret);
	tell_gaps(ret, gaps.data);
	if (geteuid() != 0)
		list_host_forget_unreadables(&ret->situation.snapshot);
	portions_init(&ret->situation.snapshot, &ret->portions);
	return 0;
}
