// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What every piece of work shares: the state directory and whom it must belong to, the locks, the
 * lines in the log, and how much time there is. Tests: hook/test-engine.c, hook/test-recover.c.
 */
#include "session/session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actions/vfio-group.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "model/device.h"
#include "parsers/pci/names.h"
#include "parsers/pci/pci.h"
#include "scan/process.h"
#include "state/journal-file.h"
#include "state/state-dir.h"
#include "state/state-locks.h"

#define GUEST_LOCK_TIMEOUT_MS 30000

struct journal_process session_find_caller(const struct host *host)
{
	struct journal_process caller = {.pid = getppid()};
	auto_close int process = process_open(host, caller.pid);
	struct process_stat stat;

	if (process < 0 || process_stat(process, &stat) < 0)
		return (struct journal_process){0};
	caller.start_time = stat.start_time;
	return caller;
}

int session_open(struct session *session, struct host *host, const char *guest, const char *uuid,
		 bool create, struct error *err)
{
	return session_open_within(session, host, guest, uuid, create, GUEST_LOCK_TIMEOUT_MS, err);
}

int session_open_within(struct session *session, struct host *host, const char *guest,
			const char *uuid, bool create, unsigned int timeout_ms, struct error *err)
{
	struct session opened = SESSION_INIT;
	int ret;

	opened.host = host;
	opened.guest = guest;
	opened.started_ms = opened.opened_ms = host_now_ms();
	opened.caller = session_find_caller(host);
	memcpy(opened.uuid, uuid, sizeof(opened.uuid));
	/* No -ENOENT from here: that says that there is no state directory. */
	if (host_boot_id(host, opened.boot_id, err) < 0)
		return error_set(err, EIO, "this host tells no boot id: is /proc mounted?");
	opened.locks.dir = ret = state_dir_open(host, create, err);
	if (ret >= 0)
		ret = state_locks_take_guest(&opened.locks, host, uuid, timeout_ms, err);
	if (ret < 0) {
		state_locks_done(&opened.locks);
		return ret;
	}
	*session = opened;
	return 0;
}

void session_done(struct session *session)
{
	state_locks_done(&session->locks);
	handover_done(&session->work);
}

int session_lock_claims(struct session *session, struct error *err)
{
	return state_locks_take_claims(&session->locks, session->host, err);
}

void session_unlock_claims(struct session *session)
{
	lock_release(&session->locks.claims);
}

void session_log_line(enum log_level level, const struct log_fields *fields, const char *message)
{
	auto_free char *name = text_escape(fields->guest);
	auto_free char *line = xasprintf("%s: %s", name, message);

	log_write(level, fields, line);
}

void session_log(const struct session *session, enum log_level level, const char *format, ...)
{
	struct log_fields fields = {
		.guest = session->guest, .uuid = session->uuid, .duration_ms = -1};
	auto_free char *message = NULL;
	va_list args;

	va_start(args, format);
	message = xvasprintf(format, args);
	va_end(args);
	session_log_line(level, &fields, message);
}

struct journal session_new_journal(const struct session *session, const char *guest)
{
	struct journal journal = JOURNAL_INIT;

	journal.guest = xstrdup(guest);
	memcpy(journal.boot_id, session->boot_id, sizeof(journal.boot_id));
	memcpy(journal.uuid, session->uuid, sizeof(journal.uuid));
	journal.caller = session->caller;
	return journal;
}

int session_append(const struct session *session, const struct journal *journal, const char *lines,
		   struct error *err)
{
	auto_close int fd = -1;
	int ret;

	if (!lines || !*lines)
		return 0;
	ret = journal_file_open(session->host, journal, &fd, err);
	return ret < 0 ? ret : journal_file_append(fd, lines, strlen(lines), err);
}

char *session_recover_word(const char *name, const char *uuid)
{
	auto_free char *quoted = text_quote(name);

	return xstrdup(name[0] != '-' && strcmp(quoted, name) == 0 ? name : uuid);
}

void session_tell_left_alone(const struct session *session, struct text *out)
{
	if (session->left_alone)
		text_printf(out, ", but for what somebody else has changed since, or whose device "
				 "is gone: left alone, as the log says");
}

void session_tell_rest(const struct session *session, struct text *out)
{
	auto_free char *guest = session_recover_word(session->guest, session->uuid);

	if (session->host_goes_down) {
		text_printf(out, " The next boot gives everything back.");
		return;
	}
	switch (session->rest) {
	case REST_IN_FLIGHT:
		text_printf(
			out,
			" When the kernel answers, the rest comes home by itself; if it never "
			"does, only a restart of the host helps.%s Where the kernel waits is in "
			"the log: journalctl -t hostdev-hook.",
			session->guest_runs ? "" : " Until then the guest cannot be started.");
		break;
	case REST_KILLED:
		text_printf(out,
			    " What is left is tried once more in the background, and the log tells "
			    "how that ends (journalctl -t hostdev-hook); \"hostdevctl recover %s\" "
			    "tries it again.",
			    guest);
		break;
	case REST_LATER:
		text_printf(
			out,
			" The rest is returned in the background, and the log tells when all of "
			"it is home (journalctl -t hostdev-hook). A start of the guest waits for "
			"that.");
		break;
	case REST_NONE:
		text_printf(
			out,
			" What is left is recorded in /run/hostdev-hook/%s" JOURNAL_SUFFIX
			": the next call of the hook for a guest with host devices tries it "
			"again, and so does \"hostdevctl recover %s\". Each step is in the log: "
			"journalctl -t hostdev-hook.",
			session->uuid, guest);
		break;
	}
}

uint64_t session_deadline(const struct session *session, const struct limits *limits)
{
	uint64_t end_ms = session->started_ms ? session->started_ms + limits->total_ms : 0;

	if (session->until_ms && (!end_ms || session->until_ms < end_ms))
		end_ms = session->until_ms;
	return end_ms;
}

uint64_t session_deadline_ahead(const struct session *session, const struct limits *limits)
{
	return session->started_ms ? session->started_ms + limits->total_ms / 3 * 2 : 0;
}

static void add_pin(const struct pin *pin, struct text *out)
{
	if (*pin->name)
		text_printf(out, "%s, ", pin->name);
	pin_format(pin, out);
}

/* With the numbers, as two devices may have the same name. Heap. */
static char *note_of_stranger(const struct pin *lent, const struct device *now)
{
	auto_text struct text was = TEXT_INIT, is = TEXT_INIT;
	struct pin both[2] = {*lent};
	struct snapshot named = {.pins = {.items = both, .count = 2}};

	pin_of_device(now, &both[1]);
	names_fill(&named);
	add_pin(&both[0], &was);
	add_pin(&both[1], &is);
	return xasprintf(
		"another device stands at its address now: %s; the device that was lent is %s",
		is.data, was.data);
}

/*
 * In a hot-plug slot, behind Thunderbolt, or of virtual functions that were made anew: to bind the
 * driver of the old one to it would force that on foreign hardware.
 */
void session_find_strangers(const struct session *session, struct execution *execution)
{
	const struct pins *devices = &execution->journal.devices;

	for (size_t i = 0; i < devices->count; i++) {
		struct device device;

		if (pci_identity_read(session->host, &devices->items[i].addr, &device, NULL) < 0 ||
		    pin_matches(&devices->items[i], &device))
			continue;
		execution_add_stranger(execution, &device.addr,
				       note_of_stranger(&devices->items[i], &device));
	}
}

bool session_is_on_vfio(const struct host *host, const struct pci_addr *addr)
{
	char driver[HOST_NAME_SIZE] = "";

	host_read_link_name(host, HOST_SYS, driver, sizeof(driver), NULL,
			    "bus/pci/devices/%s/driver", ADDR(addr));
	return device_driver_is_vfio(driver) ||
	       host_exists(host, HOST_SYS, "bus/pci/devices/%s/vfio-dev", ADDR(addr));
}

bool session_is_open(const struct session *session, const struct journal *journal,
		     struct error *err)
{
	for (size_t i = 0; i < journal->claim_count; i++)
		if (session_is_on_vfio(session->host, &journal->claims[i]) &&
		    vfio_group_wait(session->host, ADDR(&journal->claims[i]), 0, err) < 0)
			return true;
	return false;
}
