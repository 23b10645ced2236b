// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A set-up that reserves devices from boot on, where there is one: has this boot kept its promise?
 * Tests: ctl/check.bats, ctl/check-host.bats.
 */
#include <errno.h>

#include "base/cleanup.h"
#include "hostdevctl/check/check.h"
#include "hostdevctl/generate/generate.h"

#define SUBJECT "/var/lib/" SETUPS_DIR

/* The host's descriptors are the check's. */
static void view_done(struct generate_host *view)
{
	setups_done(&view->setups);
	situation_done(&view->situation);
	boot_done(&view->boot);
}

static void find_in_other(struct check *check, const struct generate_host *view)
{
	const struct setup_entry *newest = setups_newest(&view->setups);

	if (newest)
		generate_find_files(view, &newest->setup, &check->findings);
}

void check_setups(struct check *check)
{
	cleanup(view_done) struct generate_host view = {.host = *check->host,
							.setups = SETUPS_INIT};
	struct error err = ERROR_INIT;

	if (setups_read(check->host, &view.setups, &err) < 0) {
		findings_add(&check->findings, FIND_SETUP_UNREADABLE,
			     err.code == EACCES ? FINDING_NOTE : FINDING_PROBLEM, SUBJECT, "%s",
			     err.text);
		return;
	}
	if (view.setups.count == 0) {
		generate_know_boot(&view);
		generate_find_leftovers(&view, &check->findings);
		return;
	}
	/* What another host was started with is not to be seen in its files. */
	if (check->other) {
		find_in_other(check, &view);
		return;
	}
	if (generate_host_look(&view, &err) < 0)
		check_problem(check, FIND_SETUP_UNREADABLE, SUBJECT, "%s", err.text);
	else
		generate_find(&view, &check->findings);
}
