// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The end of a loan by hand. What belongs to a guest's run is not touched here: whoever asks for
 * that is told who returns it.
 */
#include "session/hand-return.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "parsers/libvirt/qemu.h"
#include "session/handover.h"
#include "session/heal.h"
#include "session/return.h"
#include "session/unplug.h"
#include "state/journals.h"

#define NOTHING_CHANGED "Nothing was changed."

static int refuse_run(const struct journal *journal, const struct qemu *qemu, struct text *message)
{
	auto_free char *guest = text_escape(journal->guest);
	auto_free char *word = recover_word(journal->guest, journal->uuid);

	if (qemu->life == QEMU_ALIVE)
		text_printf(message,
			    "%s runs (process %d), and its stop returns what it was "
			    "lent. " NOTHING_CHANGED,
			    guest, (int)qemu->pid);
	else
		text_printf(message,
			    "it is lent to %s, and not by hand: the hook returns it when the guest "
			    "has stopped. If the guest does not run any more, run \"hostdevctl "
			    "recover %s\". " NOTHING_CHANGED,
			    guest, word);
	return -EPERM;
}

static bool is_run(const struct journal *journal)
{
	return journal->lent && !journal->returning;
}

/* May the loan be ended? *ret_plug: of a guest that runs the named device alone. */
static int check(const struct session *session, const struct hand_return *request,
		 const struct journal *journal, bool *ret_plug, struct text *message)
{
	struct error failure = ERROR_INIT;
	struct qemu qemu = {0};
	int ret = qemu_find(session->host, session->uuid, &qemu, &failure);

	if (ret < 0 || qemu.life == QEMU_UNKNOWN) {
		text_printf(message, "whether it is in use is not known: %s. " NOTHING_CHANGED,
			    ret < 0 ? failure.text : qemu.why);
		return ret < 0 ? ret : -EBUSY;
	}
	*ret_plug = qemu.life == QEMU_ALIVE && request->addr && is_run(journal);
	if (*ret_plug)
		return 0;
	if (qemu.life == QEMU_ALIVE || !journal->by_hand)
		return refuse_run(journal, &qemu, message);
	/* What is on its way home already is only waited for. */
	if (!journal->returning && session_is_open(session, journal, &failure)) {
		text_printf(message, "%s. " NOTHING_CHANGED " End it first.", failure.text);
		return -EBUSY;
	}
	return 0;
}

/* Of a guest that runs only what was detached from it. *journal: its claims are what came home. */
static int end_plug(struct session *session, const struct hand_return *request,
		    struct journal *journal, struct text *message)
{
	auto_journal struct journal whole = JOURNAL_INIT;
	auto_free struct pci_addr *addrs = NULL;
	struct error failure = ERROR_INIT;
	size_t count;
	int ret = journal_read(session->host, session->uuid, &whole, &failure);

	if (ret < 0)
		text_printf(message, "%s; nothing was changed.", failure.text);
	else
		ret = unplug_return_device(session, &whole, request->addr, request->dry_run, &addrs,
					   &count, message);
	if (ret < 0)
		return ret;
	free(journal->claims);
	journal->claims = steal(&addrs);
	journal->claim_count = count;
	return 0;
}

static int end_loan(struct session *session, const struct hand_return *request,
		    struct journal *ret_home, struct text *message)
{
	auto_journal struct journal journal = JOURNAL_INIT;
	struct error failure = ERROR_INIT;
	int ret = journal_read(session->host, session->uuid, &journal, &failure);
	bool had, plug = false;

	if (ret == -ENOENT)
		return 0;
	if (ret < 0) {
		text_printf(message, "%s; nothing was changed.", failure.text);
		return ret;
	}
	session->guest = journal.guest;
	handover_look(session, &journal);
	if (strcmp(journal.boot_id, session->boot_id) == 0)
		ret = check(session, request, &journal, &plug, message);
	if (ret == 0 && plug)
		ret = end_plug(session, request, &journal, message);
	else if (ret == 0 && !request->dry_run)
		ret = return_settle(session, &had, message);
	if (ret == 0 && session->host_goes_down) {
		text_printf(message, "the host is being shut down, and the next boot gives "
				     "everything back. " NOTHING_CHANGED);
		ret = -ESHUTDOWN;
	}
	session->guest = "";
	if (ret < 0)
		return ret;
	*ret_home = journal;
	memset(&journal, 0, sizeof(journal));
	return 0;
}

int hand_return_run(const struct hand_return *request, struct journal *ret_home,
		    struct text *message)
{
	auto_session struct session session = SESSION_INIT;
	struct error failure = ERROR_INIT;
	int ret = session_open(&session, request->host, "", request->uuid, false, &failure);

	if (ret == -ENOENT)
		return 0;
	if (ret < 0) {
		text_printf(message, "%s; nothing was changed.", failure.text);
		return ret;
	}
	ret = end_loan(&session, request, ret_home, message);
	session_done(&session);
	if (!request->dry_run)
		heal_others(request->host, request->uuid);
	return ret;
}
