// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * When the pins and the loan of a guest are removed that will not come again: by then nothing but
 * the files themselves, and libvirt's own, tell of that guest.
 * Tests: unit/test-pins.c, hook/test-engine.c.
 */
#include "state/past-guests.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "model/guest.h"
#include "model/journal.h"
#include "model/loan.h"
#include "model/pin.h"
#include "state/journals.h"

#define TEXT_MAX (1024u * 1024)
/* At most so many guests without a definition are remembered, besides the one just written. */
#define UNDEFINED_MAX 256

struct past_guest {
	char uuid[UUID_TEXT_SIZE];
	struct timespec written;
	bool namesake, defined;
};

struct past {
	const struct host *host;
	int dir;
	const char *uuid, *guest; /* of the guest that was just written */
	struct past_guest *guests;
	size_t guest_count;
};

static void past_done(struct past *past)
{
	free(past->guests);
}

/* Is it the file of a guest of that name, whatever its UUID? */
static bool is_namesake(const struct past *past, const char *uuid)
{
	auto_free char *text = NULL, *guest = text_escape(past->guest);
	auto_free char *line = xasprintf("\nguest %s\n", guest);
	size_t length = 0;

	return host_read_file(past->host, HOST_VAR, TEXT_MAX, &text, &length, NULL,
			      PINS_DIR "/%s" PINS_SUFFIX, uuid) == 0 &&
	       strstr(text, line);
}

static bool has_run(const struct past *past, const char *uuid)
{
	return host_exists(past->host, HOST_RUN, STATE_DIR "/%s" JOURNAL_SUFFIX, uuid);
}

/* All others that have pins, and no run on record. */
static void find_past_guests(struct past *past)
{
	cleanup(host_free_names) char **names = NULL;

	if (host_list(past->host, HOST_VAR, &names, NULL, NULL, PINS_DIR) < 0)
		return;
	for (size_t i = 0; names[i]; i++) {
		struct past_guest guest = {0};
		struct stat status;

		if (!journals_uuid_of(names[i], PINS_SUFFIX, guest.uuid) ||
		    strcmp(guest.uuid, past->uuid) == 0 || has_run(past, guest.uuid) ||
		    fstatat(past->dir, names[i], &status, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		guest.written = status.st_mtim;
		guest.namesake = is_namesake(past, guest.uuid);
		array_push(past->guests, past->guest_count, guest);
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
	const struct host *host = past->host;
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

void past_guests_forget(const struct host *host, int dir, const char *uuid, const char *guest)
{
	cleanup(past_done) struct past past = {
		.host = host, .dir = dir, .uuid = uuid, .guest = guest};
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
