// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where a loan by hand and the run of a guest meet: who has the devices first, and how the one
 * becomes the other without a driver changing. Tests: hook/test-engine-handover.c.
 */
#include "session/take-over.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/cell.h"
#include "parsers/libvirt/qemu.h"
#include "parsers/pci/label.h"
#include "state/journals.h"

/* Is the device as the start would have it? What libvirt binds itself, it finds unbound. */
static bool fits(const struct session *session, const struct journal *journal,
		 const struct hostdev *hostdev)
{
	char driver[HOST_NAME_SIZE];

	if (!journal_has_claim(journal, &hostdev->addr))
		return false;
	if (hostdev_is_claim_only(hostdev)) {
		for (size_t i = 0; i < journal->step_count; i++)
			if (journal_step_is_of(&journal->steps[i], &hostdev->addr))
				return false;
		return true;
	}
	if (!session_is_on_vfio(session->host, &hostdev->addr))
		return false;
	return !hostdev->driver_model ||
	       (host_read_link_name(session->host, HOST_SYS, driver, sizeof(driver), NULL,
				    "bus/pci/devices/%s/driver", ADDR(&hostdev->addr)) == 0 &&
		module_name_equal(driver, hostdev->driver_model));
}

/* The XML may have changed since, or somebody has given a device back past us. NULL: all of it. */
static const struct hostdev *find_misfit(const struct session *session,
					 const struct journal *journal, const struct guest *guest)
{
	for (size_t i = 0; i < guest->hostdev_count; i++)
		if (!fits(session, journal, &guest->hostdevs[i]))
			return &guest->hostdevs[i];
	return NULL;
}

/* From now on it is libvirt that will ask for the return. */
static int write_down(const struct session *session, const struct journal *journal,
		      struct error *err)
{
	auto_text struct text lines = TEXT_INIT;

	text_printf(&lines, JOURNAL_TAKEN_OVER);
	if (session->caller.pid)
		journal_format_caller(&session->caller, &lines);
	return session_append(session, journal, lines.data, err);
}

/* What an admin has lent to it in this boot. False: nothing. */
static bool read_loan(const struct session *session, struct journal *ret)
{
	return journal_read(session->host, session->uuid, ret, NULL) == 0 &&
	       strcmp(ret->boot_id, session->boot_id) == 0 && journal_stays_by_hand(ret);
}

int take_over(const struct session *session, const struct guest *guest, bool *ret_taken,
	      struct text *message)
{
	auto_journal struct journal journal = JOURNAL_INIT;
	struct error failure = ERROR_INIT;
	const struct hostdev *misfit;

	*ret_taken = false;
	if (!read_loan(session, &journal))
		return 0;
	if (session_is_open(session, &journal, &failure)) {
		text_printf(message,
			    "its devices were lent by hand, and %s. End that first; nothing was "
			    "changed.",
			    failure.text);
		return -EBUSY;
	}
	misfit = find_misfit(session, &journal, guest);
	if (misfit) {
		session_log(session, LOG_LEVEL_NOTICE,
			    "what was lent to it by hand lacks %s, or has it otherwise than the "
			    "guest needs it now: it is returned, and lent anew",
			    label_read(session->host, &misfit->addr).text);
		return 0;
	}
	if (write_down(session, &journal, &failure) < 0) {
		text_printf(message,
			    "that it takes over what was lent to it by hand could not be "
			    "recorded: %s. Nothing was changed.",
			    failure.text);
		return -failure.code;
	}
	session_log(session, LOG_LEVEL_NOTICE,
		    journal.claim_count == 1
			    ? "%zu device was lent to it by hand already: it is taken over"
			    : "%zu devices were lent to it by hand already: they are taken over",
		    journal.claim_count);
	*ret_taken = true;
	return 0;
}

bool take_over_is_needless(const struct session *session)
{
	auto_journal struct journal journal = JOURNAL_INIT;
	struct error failure = ERROR_INIT;

	if (!read_loan(session, &journal) || !session_is_open(session, &journal, &failure))
		return false;
	session_log(session, LOG_LEVEL_NOTICE,
		    "it starts without the devices that were lent to it by hand, and they stay "
		    "so: %s",
		    failure.text);
	return true;
}

static int check_journal(const struct session *session, const struct journal *journal,
			 struct text *message)
{
	auto_free char *word = session_recover_word(journal->guest, journal->uuid);

	/* What is left of a run that is over is settled, as by the hook. */
	if (strcmp(journal->boot_id, session->boot_id) != 0 || !journal->lent || journal->returning)
		return 0;
	if (journal->by_hand)
		text_printf(message,
			    "its devices are lent by hand already. Nothing was changed: start it, "
			    "or return them with \"hostdevctl return %s\".",
			    word);
	else
		text_printf(message,
			    "libvirt is about to start it, or has not returned what its last run "
			    "was lent. Nothing was changed: wait for its start, or run "
			    "\"hostdevctl recover %s\".",
			    word);
	return -EBUSY;
}

int take_over_check(const struct session *session, struct text *message)
{
	auto_journal struct journal journal = JOURNAL_INIT;
	struct error failure = ERROR_INIT;
	struct qemu qemu = {0};
	int ret = qemu_find(session->host, session->uuid, &qemu, &failure);

	if (ret < 0 || qemu.life == QEMU_UNKNOWN) {
		text_printf(message, "whether it runs is not known: %s. Nothing was changed.",
			    ret < 0 ? failure.text : qemu.why);
		return ret < 0 ? ret : -EBUSY;
	}
	if (qemu.life == QEMU_ALIVE) {
		text_printf(message,
			    "it runs (process %d). Nothing was changed: name the devices that it "
			    "is to get besides, with --for.",
			    (int)qemu.pid);
		return -EBUSY;
	}
	ret = journal_read(session->host, session->uuid, &journal, &failure);
	if (ret == -ENOENT)
		return 0;
	if (ret < 0) {
		text_printf(message, "%s; nothing was changed.", failure.text);
		return ret;
	}
	return check_journal(session, &journal, message);
}
