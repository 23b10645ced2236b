// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where it is kept which devices a guest was lent before, and that a file nobody can make sense of
 * stops the guest instead of passing for none.
 */
#include "state/pins.h"

#include <errno.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "base/trust.h"
#include "base/worker.h"
#include "state/past-guests.h"
#include "state/state-dir.h"
#include "state/state-file.h"

#define SHOWN "/var/lib/" PINS_DIR
#define PINS_MAX ((size_t)256 * 1024)
#define LOAN_MAX ((size_t)256 * 1024)
#define STORE_TIMEOUT_MS 5000

static int read_pins(const struct host *host, const char *uuid, struct snapshot *snapshot,
		     struct error *err)
{
	auto_free char *name = xasprintf("%s" PINS_SUFFIX, uuid);
	auto_free char *shown = xasprintf(SHOWN "/%s", name);
	auto_text struct text text = TEXT_INIT;
	struct error failure = ERROR_INIT;
	auto_close int dir = -1;
	struct pins pins = {0};
	int ret = trust_open_dir(host->fd[HOST_VAR], PINS_DIR, SHOWN, &dir, err);

	if (ret == 0 && dir >= 0)
		ret = trust_read_file(dir, name, shown, PINS_MAX, &text, err);
	if (ret < 0 || !text.data)
		return ret;
	if (pins_parse(text.data, text.length, &pins, &failure) < 0)
		return error_set(err, EBADMSG,
				 "%s is damaged (%s), so nobody knows which devices the guest was "
				 "lent before; check that the guest names the right devices, then "
				 "run \"hostdevctl repin\" for it",
				 shown, failure.text);
	pins_done(&snapshot->pins);
	snapshot->pins = pins;
	return 0;
}

int pins_read(const struct host *host, const char *uuid, struct snapshot *snapshot,
	      struct error *err)
{
	int ret = read_pins(host, uuid, snapshot, err);

	if (ret == -EACCES && err)
		error_wrap(err, "only root may see which devices the guest was lent before");
	return ret;
}

void pins_read_loan(const struct host *host, const char *uuid, struct snapshot *snapshot)
{
	auto_free char *name = xasprintf("%s" LOAN_SUFFIX, uuid);
	auto_text struct text text = TEXT_INIT;
	auto_close int dir = -1;
	char release[HOST_NAME_SIZE];

	if (host_read(host, HOST_PROC, release, sizeof(release), NULL, "sys/kernel/osrelease") == 0)
		snapshot->kernel = xstrdup(release);
	if (trust_open_dir(host->fd[HOST_VAR], PINS_DIR, SHOWN, &dir, NULL) == 0 && dir >= 0 &&
	    trust_read_file(dir, name, name, LOAN_MAX, &text, NULL) == 0 && text.data)
		loan_parse(text.data, text.length, &snapshot->loan);
}

static int store(int dir, const char *name, const struct text *text, struct error *err)
{
	const struct state_file file = {.dir = dir, .name = name, .shown = SHOWN, .sync = true};

	return state_file_write(&file, text, err);
}

struct pins_record {
	const struct host *host;
	const char *uuid, *guest;
	const struct pins *pins;
	const struct loan *loan;
};

static int store_pins(const struct pins_record *record, int dir, struct error *err)
{
	auto_free char *name = xasprintf("%s" PINS_SUFFIX, record->uuid);
	auto_text struct text text = TEXT_INIT;

	pins_write(record->guest, record->pins, &text);
	return store(dir, name, &text, err);
}

static int store_loan(const struct pins_record *record, int dir, struct error *err)
{
	auto_free char *name = xasprintf("%s" LOAN_SUFFIX, record->uuid);
	auto_text struct text text = TEXT_INIT;

	loan_write(record->loan, record->guest, &text);
	return store(dir, name, &text, err);
}

static int store_all(void *data, struct error *err)
{
	const struct pins_record *record = data;
	auto_close int dir = state_dir_open_lasting(record->host, true, err);
	int ret = 0, also = 0;

	if (dir < 0)
		return dir;
	if (record->pins)
		ret = store_pins(record, dir, err);
	/* The first failure is told, and no file waits for the other. */
	if (record->loan)
		also = store_loan(record, dir, ret < 0 ? NULL : err);
	if (ret == 0)
		ret = also;
	/* The new names themselves. */
	if (fsync(dir) < 0 && ret == 0)
		ret = error_errno(err, errno, "write " SHOWN);
	if (record->pins && ret == 0)
		past_guests_forget(record->host, dir, record->uuid, record->guest);
	return ret;
}

/* A disk has no deadline: it is a child that waits for it. */
int pins_store(const struct host *host, const char *uuid, const char *guest,
	       const struct pins *pins, const struct loan *loan, struct error *err)
{
	struct pins_record record = {host, uuid, guest, pins, loan};
	struct worker worker = {.work = store_all,
				.data = &record,
				.overlaps = true,
				.timeout_ms = STORE_TIMEOUT_MS};

	workers_run(&worker, 1);
	return worker.result < 0 ? error_pass(err, &worker.error) : 0;
}
