// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How pins get onto the disk so that a crash leaves the old ones or the new ones, and when those of
 * other guests are removed.
 */
#include "actions/pins.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "base/trust.h"
#include "base/worker.h"
#include "model/guest.h"
#include "model/journal.h"

#define SHOWN "/var/lib/" PINS_DIR
#define STORE_TIMEOUT_MS 5000

static int open_dir(const struct host *host, struct error *err)
{
	auto_close int fd = -1;
	int parent = host->fd[HOST_VAR], ret;

	if (parent < 0)
		return error_set(err, ENOENT, "this host has no /var/lib");
	if (mkdirat(parent, PINS_DIR, 0700) < 0 && errno != EEXIST)
		return error_errno(err, errno, "create " SHOWN);
	ret = trust_open_dir(parent, PINS_DIR, SHOWN, &fd, err);
	if (ret == 0 && fd < 0)
		ret = error_set(err, ENOENT, SHOWN " is gone again");
	return ret < 0 ? ret : steal_fd(&fd);
}

static int write_new(int dir, const char *name, const struct text *text, struct error *err)
{
	auto_close int fd = -1;
	ssize_t written;

	/* Left by a writer that was killed. */
	unlinkat(dir, name, 0);
	fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return error_errno(err, errno, "create " SHOWN "/%s", name);
	written = write(fd, text->data, text->length);
	if (written != (ssize_t)text->length)
		return error_errno(err, written < 0 ? errno : ENOSPC, "write " SHOWN "/%s", name);
	if (fsync(fd) < 0)
		return error_errno(err, errno, "write " SHOWN "/%s", name);
	return 0;
}

static int store(int dir, const char *name, const struct text *text, struct error *err)
{
	auto_free char *new_name = xasprintf("%s.new", name);
	int ret = write_new(dir, new_name, text, err);

	if (ret == 0 && renameat(dir, new_name, dir, name) < 0)
		ret = error_errno(err, errno, "write " SHOWN "/%s", name);
	if (ret < 0)
		unlinkat(dir, new_name, 0);
	return ret;
}

struct record {
	const struct host *host;
	const char *uuid, *guest;
	const struct pins *pins;
	const struct loan *loan;
};

static int store_pins(const struct record *record, int dir, struct error *err)
{
	auto_free char *name = xasprintf("%s" PINS_SUFFIX, record->uuid);
	auto_text struct text text = TEXT_INIT;

	pins_write(record->guest, record->pins, &text);
	return store(dir, name, &text, err);
}

static int store_loan(const struct record *record, int dir, struct error *err)
{
	auto_free char *name = xasprintf("%s" LOAN_SUFFIX, record->uuid);
	auto_text struct text text = TEXT_INIT;

	loan_write(record->loan, record->guest, &text);
	return store(dir, name, &text, err);
}

/* --- guests that will not come again --- */

#define TEXT_MAX (1024u * 1024)
/* At most so many guests without a definition are remembered, besides the one just written. */
#define UNDEFINED_MAX 256

struct past_guest {
	char uuid[UUID_TEXT_SIZE];
	struct timespec written;
	bool namesake, defined;
};

struct past {
	const struct record *record;
	int dir;
	struct past_guest *guests;
	size_t guest_count;
};

static void past_done(struct past *past)
{
	free(past->guests);
}

/* Is it the file of a guest of that name, whatever its UUID? */
static bool is_namesake(const struct record *record, const char *uuid)
{
	auto_free char *text = NULL, *guest = text_escape(record->guest);
	auto_free char *line = xasprintf("\nguest %s\n", guest);
	size_t length = 0;

	return host_read_file(record->host, HOST_VAR, TEXT_MAX, &text, &length, NULL,
			      PINS_DIR "/%s" PINS_SUFFIX, uuid) == 0 &&
	       strstr(text, line);
}

static bool uuid_of_pins(const char *name, char ret[UUID_TEXT_SIZE])
{
	if (strlen(name) != UUID_TEXT_SIZE - 1 + strlen(PINS_SUFFIX) ||
	    strcmp(name + UUID_TEXT_SIZE - 1, PINS_SUFFIX) != 0)
		return false;
	memcpy(ret, name, UUID_TEXT_SIZE - 1);
	ret[UUID_TEXT_SIZE - 1] = '\0';
	return uuid_valid(ret);
}

static bool has_run(const struct past *past, const char *uuid)
{
	return host_exists(past->record->host, HOST_RUN, STATE_DIR "/%s" JOURNAL_SUFFIX, uuid);
}

/* All others that have pins, and no run on record. */
static void find_past_guests(struct past *past)
{
	cleanup(host_free_names) char **names = NULL;

	if (host_list(past->record->host, HOST_VAR, &names, NULL, NULL, PINS_DIR) < 0)
		return;
	for (size_t i = 0; names[i]; i++) {
		struct past_guest guest = {0};
		struct stat status;

		if (!uuid_of_pins(names[i], guest.uuid) ||
		    strcmp(guest.uuid, past->record->uuid) == 0 || has_run(past, guest.uuid) ||
		    fstatat(past->dir, names[i], &status, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		guest.written = status.st_mtim;
		guest.namesake = is_namesake(past->record, guest.uuid);
		past->guests = array_grow(past->guests, past->guest_count, sizeof(guest));
		past->guests[past->guest_count++] = guest;
	}
}

static bool is_any_to_go(const struct past *past)
{
	for (size_t i = 0; i < past->guest_count; i++)
		if (past->guests[i].namesake)
			return true;
	return past->guest_count > UNDEFINED_MAX;
}

/*
 * Each UUID is searched for in every definition, as a guest may have another name by now. False:
 * a definition could not be read.
 */
static bool find_defined(struct past *past)
{
	const struct host *host = past->record->host;
	cleanup(host_free_names) char **names = NULL;
	int ret = host_list_hidden(host, HOST_ETC, &names, NULL, NULL, "libvirt/qemu");

	if (ret < 0)
		return ret == -ENOENT;
	for (size_t i = 0; names[i]; i++) {
		auto_free char *text = NULL;
		size_t length = 0;

		if (!strstr(names[i], ".xml"))
			continue;
		if (host_read_file(host, HOST_ETC, 10 * TEXT_MAX, &text, &length, NULL,
				   "libvirt/qemu/%s", names[i]) < 0)
			return false;
		for (size_t g = 0; g < past->guest_count; g++)
			past->guests[g].defined |= strstr(text, past->guests[g].uuid) != NULL;
	}
	return true;
}

/* The last written first. */
static int by_age(const void *a, const void *b)
{
	const struct timespec *one = &((const struct past_guest *)a)->written;
	const struct timespec *other = &((const struct past_guest *)b)->written;

	if (one->tv_sec != other->tv_sec)
		return one->tv_sec < other->tv_sec ? 1 : -1;
	return (one->tv_nsec < other->tv_nsec) - (one->tv_nsec > other->tv_nsec);
}

/* The guest may have been started since its files were listed. */
static void forget(const struct past *past, const char *uuid)
{
	auto_free char *pins = xasprintf("%s" PINS_SUFFIX, uuid);
	auto_free char *loan = xasprintf("%s" LOAN_SUFFIX, uuid);

	if (has_run(past, uuid))
		return;
	unlinkat(past->dir, pins, 0);
	unlinkat(past->dir, loan, 0);
}

static void forget_past_guests(const struct record *record, int dir)
{
	cleanup(past_done) struct past past = {.record = record, .dir = dir};
	size_t kept = 0;

	find_past_guests(&past);
	/* Most of the time nothing is to go, and no definition need be read. */
	if (!is_any_to_go(&past) || !find_defined(&past))
		return;
	qsort(past.guests, past.guest_count, sizeof(*past.guests), by_age);
	for (size_t i = 0; i < past.guest_count; i++) {
		if (past.guests[i].defined)
			continue;
		if (kept == UNDEFINED_MAX || past.guests[i].namesake)
			forget(&past, past.guests[i].uuid);
		else
			kept++;
	}
}

static int store_all(void *data, struct error *err)
{
	const struct record *record = data;
	auto_close int dir = open_dir(record->host, err);
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
		forget_past_guests(record, dir);
	return ret;
}

/* A disk has no deadline: it is a child that waits for it. */
int pins_store(const struct host *host, const char *uuid, const char *guest,
	       const struct pins *pins, const struct loan *loan, struct error *err)
{
	struct record record = {host, uuid, guest, pins, loan};
	struct worker worker = {
		.work = store_all, .data = &record, .apart = true, .timeout_ms = STORE_TIMEOUT_MS};

	workers_run(&worker, 1);
	if (worker.result < 0 && err)
		*err = worker.error;
	return worker.result;
}
