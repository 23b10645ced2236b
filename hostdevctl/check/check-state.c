// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The journals: may others write them, and is there one whose guest will never give its devices
 * back by itself. Tests: ctl/check.bats, ctl/check-host.bats.
 */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/host-file.h"
#include "base/text.h"
#include "hostdevctl/check/check.h"
#include "parsers/libvirt/guest-process.h"
#include "parsers/libvirt/qemu.h"
#include "state/journals.h"

#define SHOWN "/run/" STATE_DIR
#define RECOVER "hostdevctl recover"

static void tell_run(struct check *check, const struct journal *journal, const char *subject)
{
	struct error err = ERROR_INIT;
	struct qemu qemu = {0};

	if (qemu_find(check->host, journal->uuid, &qemu, &err) < 0)
		check_note(check, FIND_JOURNAL_UNKNOWN, subject, "%s", err.text);
	else if (qemu.life == QEMU_UNKNOWN)
		check_note(check, FIND_JOURNAL_UNKNOWN, subject, "whether %s runs is not known: %s",
			   journal->guest, qemu.why);
	else if (qemu.life == QEMU_ALIVE)
		check_ok(check, FIND_JOURNAL_LENT, subject,
			 "devices are lent to %s, which runs (process %d)", journal->guest,
			 (int)qemu.pid);
	else if (journal_stays_by_hand(journal) && journal->claim_count > 0)
		check_ok(check, FIND_JOURNAL_LENT, subject,
			 "devices are lent by hand: hostdevctl return %s gives them back",
			 ADDR(&journal->claims[0]));
	else
		check_problem(check, FIND_JOURNAL_LEFT_BEHIND, subject,
			      "devices are lent to %s, which does not run: " RECOVER,
			      journal->guest);
}

static void tell_guest(struct check *check, const struct journal *journal, const char *subject)
{
	struct error err = ERROR_INIT;
	pid_t hook = 0;

	if (guest_process_find(check->host, journal->guest, &hook, &err) < 0)
		check_note(check, FIND_JOURNAL_UNKNOWN, subject, "%s", err.text);
	else if (hook)
		check_note(check, FIND_JOURNAL_BUSY, subject,
			   "the hook is at work for %s now (process %d)", journal->guest,
			   (int)hook);
	else
		tell_run(check, journal, subject);
}

static void check_journal(struct check *check, const char *uuid, const char *boot_id)
{
	auto_free char *subject = xasprintf(SHOWN "/%s" JOURNAL_SUFFIX, uuid);
	auto_journal struct journal journal = {0};
	struct error err = ERROR_INIT;
	int ret = journal_read(check->host, uuid, &journal, &err);

	/* Removed since the directory was read. */
	if (ret == -ENOENT)
		return;
	if (ret < 0)
		check_problem(check, FIND_JOURNAL_UNREADABLE, subject, "%s", err.text);
	else if (strcmp(journal.boot_id, boot_id) != 0)
		check_note(check, FIND_JOURNAL_OLD_BOOT, subject,
			   "is of an earlier boot; the next start of %s removes it, or " RECOVER,
			   journal.guest);
	else
		tell_guest(check, &journal, subject);
}

static void check_journals(struct check *check)
{
	cleanup(host_free_names) char **uuids = NULL;
	char boot_id[HOST_BOOT_ID_SIZE];
	struct error err = ERROR_INIT;
	int ret = host_boot_id(check->host, boot_id, &err);

	if (ret == 0)
		ret = journals_list(check->host, JOURNAL_SUFFIX, &uuids, &err);
	if (ret < 0) {
		check_problem(check, FIND_STATE_UNREADABLE, SHOWN, "%s", err.text);
		return;
	}
	for (size_t i = 0; uuids && uuids[i]; i++)
		check_journal(check, uuids[i], boot_id);
}

void check_state(struct check *check)
{
	struct stat st;

	/* It is made when the first guest needs it. */
	if (host_file_stat(check->host, HOST_RUN, &st, NULL, STATE_DIR) < 0)
		return;
	if (!S_ISDIR(st.st_mode)) {
		check_problem(
			check, FIND_STATE_NO_DIRECTORY, SHOWN,
			"is no directory: the hook starts no guest with host devices; remove it");
		return;
	}
	if (check_owner(check, SHOWN, SHOWN))
		check_ok(check, FIND_STATE_GOOD, SHOWN, "belongs to root");
	check_journals(check);
}
