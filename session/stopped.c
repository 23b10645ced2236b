// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A guest that stops while more is lent to it by hand: its stop waits only so long for whoever is
 * at work on it. Where the stop has given up, nobody else comes by. Tests: hook/test-hand-plug.c.
 */
#include "session/stopped.h"

#include <errno.h>

#include "base/cleanup.h"
#include "parsers/libvirt/qemu.h"
#include "session/recover.h"
#include "state/journals.h"

struct stop {
	const struct guest *guest;
	char *left; /* heap */
};

/* A journal without the new devices is of another run: the guest was started again. */
static bool has_plugs(const struct guest *guest, const struct journal *journal)
{
	for (size_t i = 0; i < guest->hostdev_count; i++)
		if (journal_is_plugged(journal, &guest->hostdevs[i].addr))
			return true;
	return false;
}

static bool is_of_run(void *data, const struct journal *journal)
{
	const struct stop *stop = data;

	return has_plugs(stop->guest, journal);
}

static void note(void *data, const struct recovery *recovery)
{
	struct stop *stop = data;

	if (!stop->left &&
	    (recovery->outcome == RECOVERY_LEFT || recovery->outcome == RECOVERY_UNSETTLED))
		stop->left = xstrdup(recovery->note);
}

bool stopped_settle(struct host *host, const struct guest *guest, char **ret_left)
{
	struct stop stop = {.guest = guest};
	struct recover recover = {.host = host,
				  .guest = guest->uuid,
				  .wants = is_of_run,
				  .report = note,
				  .data = &stop};
	auto_journal struct journal journal = JOURNAL_INIT;
	struct qemu qemu = {0};
	int ret = journal_read(host, guest->uuid, &journal, NULL);

	*ret_left = NULL;
	if (ret == -ENOENT || (ret == 0 && !has_plugs(guest, &journal)))
		return true;
	/* While it runs, a device that was detached from it is nobody's concern here. */
	if (ret < 0 || qemu_find(host, guest->uuid, &qemu, NULL) < 0 || qemu.life != QEMU_GONE)
		return false;
	recover_run(&recover, NULL);
	*ret_left = stop.left;
	return true;
}
