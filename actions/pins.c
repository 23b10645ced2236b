// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How pins get onto the disk so that a crash leaves the old ones or the new ones.
 */
#include "actions/pins.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "base/trust.h"
#include "base/worker.h"
#include "model/guest.h"

#define SHOWN "/var/lib/" PINS_DIR
#define STORE_TIMEOUT_MS 5000
#define DAY_S (24 * 60 * 60)
/* How long a guest that libvirt has no definition of is remembered after its last loan. */
#define KEPT_DAYS 365
/* At the next loan the files are written again, so that their times tell of it: now and then. */
#define FRESH_DAYS 30

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

/* Was it written so long ago? False where that cannot be told. */
static bool is_older(int dir, const char *name, int days)
{
	struct stat status;

	return fstatat(dir, name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
	       time(NULL) - status.st_mtime > (time_t)days * DAY_S;
}

bool pins_want_writing(const struct host *host, const char *uuid)
{
	auto_free char *name = xasprintf(PINS_DIR "/%s" PINS_SUFFIX, uuid);

	return is_older(host->fd[HOST_VAR], name, FRESH_DAYS);
}

#define TEXT_MAX (1024u * 1024)

/* Is it the file of a guest of that name, whatever its UUID? */
static bool is_namesake(const struct record *record, const char *name)
{
	auto_free char *text = NULL, *guest = text_escape(record->guest);
	auto_free char *line = xasprintf("\nguest %s\n", guest);
	size_t length = 0;

	return host_read_file(record->host, HOST_VAR, TEXT_MAX, &text, &length, NULL,
			      PINS_DIR "/%s", name) == 0 &&
	       strstr(text, line);
}

/* Where that cannot be told, it is. A guest may have been given another name since. */
static bool is_defined(const struct host *host, const char *uuid)
{
	cleanup(host_free_names) char **names = NULL;
	int ret = host_list(host, HOST_ETC, &names, NULL, NULL, "libvirt/qemu");

	if (ret < 0)
		return ret != -ENOENT;
	for (size_t i = 0; names[i]; i++) {
		auto_free char *text = NULL;
		size_t length = 0;

		if (!strstr(names[i], ".xml"))
			continue;
		if (host_read_file(host, HOST_ETC, 10 * TEXT_MAX, &text, &length, NULL,
				   "libvirt/qemu/%s", names[i]) < 0 ||
		    strstr(text, uuid))
			return true;
	}
	return false;
}

static void forget_others(const struct record *record, int dir)
{
	cleanup(host_free_names) char **names = NULL;

	if (host_list(record->host, HOST_VAR, &names, NULL, NULL, PINS_DIR) < 0)
		return;
	for (size_t i = 0; names[i]; i++) {
		char uuid[UUID_TEXT_SIZE];
		auto_free char *loan = NULL;

		if (strlen(names[i]) != sizeof(uuid) - 1 + strlen(PINS_SUFFIX) ||
		    strcmp(names[i] + sizeof(uuid) - 1, PINS_SUFFIX) != 0)
			continue;
		memcpy(uuid, names[i], sizeof(uuid) - 1);
		uuid[sizeof(uuid) - 1] = '\0';
		if (strcmp(uuid, record->uuid) == 0 ||
		    (!is_older(dir, names[i], KEPT_DAYS) && !is_namesake(record, names[i])) ||
		    is_defined(record->host, uuid))
			continue;
		loan = xasprintf("%s" LOAN_SUFFIX, uuid);
		unlinkat(dir, names[i], 0);
		unlinkat(dir, loan, 0);
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
	if (record->pins && ret == 0)
		forget_others(record, dir);
	/* The first failure is told, and no file waits for the other. */
	if (record->loan)
		also = store_loan(record, dir, ret < 0 ? NULL : err);
	if (ret == 0)
		ret = also;
	/* The new names themselves. */
	if (fsync(dir) < 0 && ret == 0)
		ret = error_errno(err, errno, "write " SHOWN);
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
