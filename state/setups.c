// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The files of the records, and the lock of whoever changes them.
 * Tests: unit/test-store.c, model/test-apply.c.
 */
#include "state/setups.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/trust.h"
#include "state/state-file.h"
#include "state/store.h"

#define SHOWN "/var/lib/" SETUPS_DIR
#define SUFFIX ".setup"
#define RECORD "the set-up's record"
#define LOCK_FILE "lock"
#define BUILDING_FILE "building"
#define VERIFIED_FILE "verified"
#define KERNEL_MAX 256
#define LOCK_TIMEOUT_MS 2000
#define TEXT_LIMIT (4u * 1024 * 1024)
#define NAME_SIZE 32
#define WAIT_MS 50

void setups_done(struct setups *setups)
{
	for (size_t i = 0; i < setups->count; i++)
		setup_done(&setups->items[i].setup);
	free(setups->items);
	free(setups->unreadable);
	lock_release(&setups->lock);
	/* A service that a builder has started may have it for ever. */
	if (setups->building >= 0) {
		flock(setups->building, LOCK_UN);
		close(setups->building);
	}
	if (setups->dir >= 0)
		close(setups->dir);
	*setups = (struct setups)SETUPS_INIT;
}

static void file_name(unsigned int number, char name[NAME_SIZE])
{
	snprintf(name, NAME_SIZE, "%u" SUFFIX, number);
}

/* "3.setup", and nothing that only begins so. */
static bool parse_name(const char *name, unsigned int *ret)
{
	char written[NAME_SIZE];

	if (sscanf(name, "%9u", ret) != 1)
		return false;
	file_name(*ret, written);
	return strcmp(written, name) == 0;
}

static int compare_entries(const void *a, const void *b)
{
	const struct setup_entry *one = a, *other = b;

	return one->number < other->number ? -1 : one->number > other->number;
}

static int read_one(struct setups *setups, unsigned int number, struct error *err)
{
	struct setup_entry entry = {.number = number};
	auto_text struct text text = TEXT_INIT;
	char name[NAME_SIZE];
	auto_free char *shown = NULL;
	int result;

	file_name(number, name);
	shown = xasprintf(SHOWN "/%s", name);
	result = trust_read_file(setups->dir, name, shown, TEXT_LIMIT, &text, err);
	if (result == 0)
		result = setup_parse(text_string(&text), text.length, &entry.setup, err);
	if (result < 0)
		return error_wrap(err, "%s", shown);
	array_push(setups->items, setups->count, entry);
	return 0;
}

/* Those that can be read are worked on all the same: a later version locks nobody out. */
static int read_or_tell(struct setups *setups, unsigned int number, struct error *err)
{
	struct error failure = ERROR_INIT;
	int result = read_one(setups, number, &failure);

	if (result == -EBADMSG && !setups->unreadable)
		setups->unreadable = xstrdup(failure.text);
	return result == 0 || result == -EBADMSG ? 0 : error_pass(err, &failure);
}

static int read_all(struct setups *setups, struct error *err)
{
	auto_closedir DIR *dir = NULL;
	const struct dirent *entry;
	unsigned int number;
	int result = 0, fd = openat(setups->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir)
		return error_errno(err, errno, "read " SHOWN);
	while (result == 0 && (entry = readdir(dir)))
		if (parse_name(entry->d_name, &number))
			result = read_or_tell(setups, number, err);
	if (setups->count > 1)
		qsort(setups->items, setups->count, sizeof(*setups->items), compare_entries);
	return result;
}

int setups_read(const struct host *host, struct setups *ret, struct error *err)
{
	auto_setups struct setups setups = SETUPS_INIT;
	int result;

	setups.dir = store_open(host, false, err);
	if (setups.dir < 0 && setups.dir != -ENOENT)
		return setups.dir;
	result = setups.dir >= 0 ? read_all(&setups, err) : 0;
	setups.dir = setups.dir < 0 ? -1 : setups.dir;
	if (result < 0)
		return result;
	*ret = setups;
	setups = (struct setups)SETUPS_INIT;
	return 0;
}

/* Removes what no record names: of records that are gone, and of one that was never begun. */
static void forget_bytes(const struct setups *setups)
{
	auto_free char **values = NULL;
	size_t count = 0;

	/* What that record needs is not known. */
	if (setups->unreadable)
		return;
	for (size_t i = 0; i < setups->count; i++) {
		const struct setup *setup = &setups->items[i].setup;

		for (size_t j = 0; j < setup->step_count; j++) {
			array_push(values, count, setup->steps[j].before);
			array_push(values, count, setup->steps[j].after);
		}
	}
	store_keep_only(setups->dir, values, count);
}

static void forget_kept(const struct setups *setups)
{
	static const char *const names[] = {SETUPS_ENTRIES_BASE, SETUPS_ENTRIES_FIRST,
					    SETUPS_ENTRIES_BUILT, SETUPS_MENU_BASE,
					    SETUPS_MENU_NEW};

	for (size_t i = 0;
	     setups->count == 0 && !setups->unreadable && i < sizeof(names) / sizeof(*names); i++)
		unlinkat(setups->dir, names[i], 0);
	/* Whoever was stopped right behind the last line of a record had no need of it any more. */
	if (!setups->unreadable && !setups_unfinished(setups))
		unlinkat(setups->dir, SETUPS_ENTRIES_BASE, 0);
}

/* It has written who it is: base/host.h. */
static int tell_builder(int fd, struct error *err)
{
	char text[256] = "";
	int pid = 0, name = 0;

	if (pread(fd, text, sizeof(text) - 1, 0) > 0)
		text[strcspn(text, "\n")] = '\0';
	if (sscanf(text, "%d %n", &pid, &name) != 1 || !text[name])
		return error_set(err, EBUSY, "another program has locked " SHOWN "/" BUILDING_FILE);
	return error_set(err, EBUSY,
			 "%s (process %d), which an earlier call had started before it was killed, "
			 "or what that has started, is still at work: wait until it has ended; "
			 "nothing was changed",
			 text + name, pid);
}

/* The lock ends with a call that is killed, and what it was just building does not. */
static int wait_for_builder(struct setups *setups, struct error *err)
{
	uint64_t end = host_now_ms() + LOCK_TIMEOUT_MS;
	auto_close int fd =
		openat(setups->dir, BUILDING_FILE, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	/* It was made by the first of all calls: where it is not there, nothing was built. */
	if (fd < 0 && (errno == ENOSPC || errno == EDQUOT || errno == EROFS))
		return 0;
	if (fd < 0)
		return error_errno(err, errno, "open " SHOWN "/" BUILDING_FILE);
	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return error_errno(err, errno, "lock " SHOWN "/" BUILDING_FILE);
		if (host_now_ms() >= end)
			return tell_builder(fd, err);
		poll(NULL, 0, WAIT_MS);
	}
	setups->building = steal_fd(&fd);
	return 0;
}

int setups_open(const struct host *host, struct setups *ret, struct error *err)
{
	auto_setups struct setups setups = SETUPS_INIT;
	int result;

	setups.dir = store_open(host, true, err);
	if (setups.dir < 0) {
		result = setups.dir;
		setups.dir = -1;
		return result;
	}
	result = lock_take(&setups.lock, setups.dir, LOCK_FILE, LOCK_TIMEOUT_MS, err);
	if (result == 0)
		result = wait_for_builder(&setups, err);
	if (result == 0)
		result = read_all(&setups, err);
	if (result < 0)
		return result;
	state_file_sweep(setups.dir);
	forget_bytes(&setups);
	forget_kept(&setups);
	*ret = setups;
	setups = (struct setups)SETUPS_INIT;
	return 0;
}

struct setup_entry *setups_newest(const struct setups *setups)
{
	for (size_t i = setups->count; i-- > 0;)
		if (setup_is_in_force(&setups->items[i].setup))
			return &setups->items[i];
	return NULL;
}

struct setup_entry *setups_unfinished(const struct setups *setups)
{
	for (size_t i = setups->count; i-- > 0;) {
		const struct setup *setup = &setups->items[i].setup;

		if (!setup->applied || setup->undoing)
			return &setups->items[i];
	}
	return NULL;
}

int setups_append(int fd, const char *lines, size_t length, struct error *err)
{
	off_t end = lseek(fd, 0, SEEK_END);
	int result = state_file_append(fd, lines, length, RECORD, err);

	if (result < 0 || fdatasync(fd) == 0)
		return result;
	result = error_errno(err, errno, "write " RECORD);
	/* What may not be on the disk must not be read either. */
	if (ftruncate(fd, end) < 0)
		result = error_errno(err, EIO, "write " RECORD);
	return result;
}

static int sync_dir(int dir, struct error *err)
{
	auto_close int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 || fsync(fd) < 0 ? error_errno(err, errno, "write " SHOWN) : 0;
}

static unsigned int next_number(const struct setups *setups)
{
	return setups->count > 0 ? setups->items[setups->count - 1].number + 1 : 1;
}

void setups_add(struct setups *setups, struct setup *setup)
{
	struct setup_entry entry = {.number = next_number(setups), .setup = *setup};

	memset(setup, 0, sizeof(*setup));
	array_push(setups->items, setups->count, entry);
}

int setups_create(struct setups *setups, struct setup *setup, int *ret_fd, struct error *err)
{
	char name[NAME_SIZE];
	const struct state_file file = {
		.dir = setups->dir, .name = name, .shown = SHOWN, .sync = true};
	auto_text struct text text = TEXT_INIT;
	auto_close int fd = -1;
	int result;

	file_name(next_number(setups), name);
	setup_format(setup, &text);
	fd = state_file_create(&file, &text, err);
	if (fd < 0)
		return fd;
	result = sync_dir(setups->dir, err);
	if (result < 0) {
		unlinkat(setups->dir, name, 0);
		return result;
	}
	setups_add(setups, setup);
	*ret_fd = steal_fd(&fd);
	return 0;
}

int setups_open_entry(const struct setups *setups, const struct setup_entry *entry, int *ret_fd,
		      struct error *err)
{
	char name[NAME_SIZE];
	auto_close int fd = -1;
	off_t length = 0;
	int result;

	file_name(entry->number, name);
	fd = openat(setups->dir, name, O_RDWR | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return error_errno(err, errno, "open " SHOWN "/%s", name);
	/* A line that its writer did not finish announces what has not begun. */
	result = state_file_whole_lines(fd, RECORD, &length, err);
	if (result == 0 && ftruncate(fd, length) < 0)
		result = error_errno(err, errno, "write " RECORD);
	if (result == 0)
		*ret_fd = steal_fd(&fd);
	return result;
}

int setups_remove(struct setups *setups, struct setup_entry *entry, struct error *err)
{
	char name[NAME_SIZE];

	file_name(entry->number, name);
	if (unlinkat(setups->dir, name, 0) < 0 && errno != ENOENT)
		return error_errno(err, errno, "remove " SHOWN "/%s", name);
	setup_done(&entry->setup);
	setups->count--;
	memmove(entry, entry + 1, (size_t)(setups->items + setups->count - entry) * sizeof(*entry));
	forget_bytes(setups);
	return sync_dir(setups->dir, err);
}

char *setups_read_verified(const struct setups *setups)
{
	auto_text struct text text = TEXT_INIT;

	if (setups->dir < 0 ||
	    trust_read_file(setups->dir, VERIFIED_FILE, SHOWN "/" VERIFIED_FILE, KERNEL_MAX, &text,
			    NULL) < 0 ||
	    !text.data)
		return NULL;
	text.data[strcspn(text.data, "\n")] = '\0';
	return *text.data ? steal(&text.data) : NULL;
}

void setups_write_verified(const struct setups *setups, const char *kernel)
{
	const struct state_file file = {.dir = setups->dir, .name = VERIFIED_FILE, .shown = SHOWN};
	auto_text struct text text = TEXT_INIT;

	text_printf(&text, "%s\n", kernel);
	if (setups->dir >= 0)
		state_file_write(&file, &text, NULL);
}
