/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/host.h"
#include "model/setup.h"
#include "state/lock.h"

/*
 * The records of set-ups below /var/lib/hostdev-hook/generate: 1.setup, 2.setup, ... Each was made
 * while those before it were in force, and is taken back before them.
 */
struct setups {
	int dir; /* -1: there is no such directory, and no record */
	struct lock lock;
	/*
	 * A second lock, by flock(2). Used as held_fd of struct host, it lasts as long as a program
	 * that was started with it. -1: none.
	 */
	int building;
	struct setup_entry {
		unsigned int number;
		struct setup setup;
	} * items; /* ascending */
	size_t count;
	char *unreadable; /* heap: which record cannot be read, and why; NULL: all can be read */
};

/*
 * Files beside the records: SETUPS_MENU_* while a set-up is applied, SETUPS_ENTRIES_* until the
 * last record is removed.
 */
#define SETUPS_ENTRIES_BASE "entries-base"
#define SETUPS_ENTRIES_FIRST "entries-first"
#define SETUPS_ENTRIES_BUILT "entries-built"
#define SETUPS_MENU_BASE "menu-base"
#define SETUPS_MENU_NEW "menu-new"

#define SETUPS_INIT                                                                                \
	{                                                                                          \
		.dir = -1, .building = -1, .lock = {.fd = -1, .shown = "/var/lib/" SETUPS_DIR }    \
	}

/* Reads them all, but for those that cannot be read. *ret: setups_done. */
int setups_read(const struct host *host, struct setups *ret, struct error *err);
/*
 * The same for a caller that changes records: makes the directory and takes the lock first, which
 * setups_done releases. ETIMEDOUT names the process that has the lock; EBUSY names a program that a
 * killed call has left at work. The call removes contents from the store that no record names, and
 * the files beside the records if there is no record.
 */
int setups_open(const struct host *host, struct setups *ret, struct error *err);
void setups_done(struct setups *setups);
#define auto_setups __attribute__((__cleanup__(setups_done)))

/* The newest set-up that is in force, or NULL. */
struct setup_entry *setups_newest(const struct setups *setups);
/* A set-up that is neither wholly applied nor wholly taken back, as a call was killed; or NULL. */
struct setup_entry *setups_unfinished(const struct setups *setups);

/* Adds a set-up to items that no file has; *setup is taken over. */
void setups_add(struct setups *setups, struct setup *setup);
/*
 * Writes a new record and adds it to items; *ret_fd is open for setups_append. *setup is taken
 * over.
 */
int setups_create(struct setups *setups, struct setup *setup, int *ret_fd, struct error *err);
/* Opens the file of an entry for setups_append; a last line that is not whole is cut off. */
int setups_open_entry(const struct setups *setups, const struct setup_entry *entry, int *ret_fd,
		      struct error *err);
/* Whole lines; on the disk when this returns. */
int setups_append(int fd, const char *lines, size_t length, struct error *err);
/*
 * The kernel under which a check last found everything as promised; heap, NULL: no check did. A
 * failure to write it is not told: a later finding only says less.
 */
char *setups_read_verified(const struct setups *setups);
void setups_write_verified(const struct setups *setups, const char *kernel);

/*
 * Removes the file of an entry, the contents in the store that no other record needs, and the entry
 * itself: the entries behind it move.
 */
int setups_remove(struct setups *setups, struct setup_entry *entry, struct error *err);
