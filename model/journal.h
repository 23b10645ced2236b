/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "model/limits.h"
#include "model/owner.h"
#include "model/pin.h"
#include "model/plan.h"

#define BOOT_ID_TEXT_SIZE 37

/* Journals lie below /run as STATE_DIR/UUID.journal, so that a reboot ends them. */
#define STATE_DIR "hostdev-hook"
#define JOURNAL_SUFFIX ".journal"
/*
 * Guests' locks: a byte each of one file, which is there from the first lend on. So a return needs
 * no room in /run.
 */

/* How far one step has come. */
enum journal_mark {
	MARK_PLANNED,   /* not begun: the cell was never touched */
	MARK_BEGUN,     /* perhaps done, perhaps not */
	MARK_DONE,      /* done and read back */
	MARK_SKIPPED,   /* somebody else had set the cell already: not ours to undo */
	MARK_UNDONE,    /* back at "before", or left to whoever changed it since */
	MARK_IN_FLIGHT, /* begun, or about to be undone, and its worker did not come back in time */
	MARKS
};

/* A process that cannot be mistaken for a later one of the same number. */
struct journal_process {
	int pid;             /* 0: none known */
	uint64_t start_time; /* field 22 of its stat */
};

/*
 * The record of one guest's run: header, claims and steps are written whole before the first
 * change; all else is appended as the work goes on. Text, one fact a line:
 *
 *   hostdev-hook journal 1
 *   boot 0d9e2c1e-...             guest win11               uuid 4dea22b3-...
 *   claim 0000:01:00.0            device 0000:01:00.0 10de:2204:1458:403b class=030000
 *   step module vfio-pci absent -> loaded # ...
 *   begun 1                       done 1                    skipped 2         undone 1
 *   in-flight 1 812 123456        limits unbind-time=10 ... caller 640 9876
 *   lent +at=1764525180           returning                 detached 0000:01:00.0
 *   by-hand                       taken-over
 *   plug-from 8                   plug 0000:03:00.0         plug-done
 *   owner vfio/14 0:0:600 1000:1000:600
 *
 * "device" tells what stood at a claimed address, as pin_write has it: none where that is not
 * known. "limits" and "caller" may be missing, and the last of several holds; "lent" says that the
 * guest has what it was to get and whoever asked was told so, its "at" since when (seconds since
 * 1970; it may be missing), "returning" that its run is over,
 * which an "undone" says, too; but for "detached" devices, which go home while their guest runs.
 * "by-hand" says that "hostdevctl lend" has lent the devices, and that only "hostdevctl return"
 * returns them; "taken-over" ends that: the guest has started with them. "plug" is a device that an
 * admin has lent to the guest while it ran. The last of such lendings begins with "plug-from",
 * which names its first step and stands before its devices; without "plug-done" it was not brought
 * to its end, and what is undone of it does not end the run. "owner" is a node below /dev that is
 * given to a user: whose it was, and whose it is. A step in flight names its worker by pid and
 * start time: it counts as begun. Steps count from 1. A last line without newline is one that a
 * killed writer did not finish; it is ignored, as the change it announces comes after it.
 *
 * Of a later version of this program, which was downgraded while a guest ran, or of an earlier one:
 * behind the header, lines that begin with a word unknown here are passed over, and so are unknown
 * words of "limits", words "+key=value" (see model/later.h) at the end of any line but those of
 * steps and devices, and such words of a device where pin_write has them. What is missing of
 * "limits" has its default. What cannot be understood so has another number in its first line.
 */
struct journal {
	char boot_id[BOOT_ID_TEXT_SIZE];
	char *guest; /* heap */
	char uuid[UUID_TEXT_SIZE];
	struct pci_addr *claims;
	size_t claim_count;
	struct pins devices; /* what each claimed device was */
	struct pci_addr *detached;
	size_t detached_count;
	struct step *steps;
	enum journal_mark *marks;        /* step_count of them */
	struct journal_process *workers; /* step_count of them; of steps in flight */
	size_t step_count;
	struct limits limits;
	struct journal_process caller; /* who had the guest prepared: libvirt's daemon */
	bool lent, returning;
	int64_t lent_at; /* seconds since 1970; 0: not known */
	bool by_hand;    /* nobody returns what is lent unless an admin asks for it */
	struct pci_addr *plugs;
	size_t plug_count;
	/* The last lending while the guest ran: its first step, counted from 1 (0: there was
	 * none), its first device of the plugs, and whether it is not at its end. */
	size_t plug_from, plug_first;
	bool plugging;
	struct owned_node *owned;
	size_t owned_count;
};

/* A journal without limits of its own has the usual ones. */
#define JOURNAL_INIT                                                                               \
	{                                                                                          \
		.limits = LIMITS_INIT                                                              \
	}

void journal_done(struct journal *journal);
#define auto_journal __attribute__((__cleanup__(journal_done)))

/* The part written before the first change (no marks), or the whole with them. */
void journal_format(const struct journal *journal, struct text *out);
#define JOURNAL_WORDS "hostdev-hook journal"
#define JOURNAL_FIRST_LINE JOURNAL_WORDS " 1"
/* As it opens its line; NULL for MARK_PLANNED, which has none. */
const char *journal_mark_name(enum journal_mark mark);
/* One appended line, with its newline; index counts from 0. */
void journal_format_mark(enum journal_mark mark, size_t index, struct text *out);
void journal_format_in_flight(size_t index, const struct journal_process *worker, struct text *out);
void journal_format_caller(const struct journal_process *caller, struct text *out);
void journal_format_detached(const struct pci_addr *addr, struct text *out);
/* at: seconds since 1970; 0: not known. */
void journal_format_lent(int64_t at, struct text *out);
void journal_format_owned(const struct owned_node *node, struct text *out);
#define JOURNAL_LENT "lent"
#define JOURNAL_RETURNING "returning\n"
#define JOURNAL_TAKEN_OVER "taken-over\n"
#define JOURNAL_PLUG_DONE "plug-done\n"

/* EBADMSG with the line's number for what is no journal, or one of another version. */
int journal_parse(const char *data, size_t length, struct journal *ret, struct error *err);

/*
 * Has the guest a claimed device still? Once its run is on the way back, or the device is detached,
 * only those whose driver or power is not settled yet: what else could not be put back, a unit that
 * does not start, say, keeps no device from others.
 */
bool journal_holds(const struct journal *journal, const struct pci_addr *addr);

/* Is it one of the claims, held or not? */
bool journal_has_claim(const struct journal *journal, const struct pci_addr *addr);

/* Is it a step on the device itself: on its driver, or its power? */
bool journal_step_is_of(const struct step *step, const struct pci_addr *addr);

/* Was it taken from its guest, which runs on without it? */
bool journal_is_detached(const struct journal *journal, const struct pci_addr *addr);

/* Its steps that are undone are to be looked at again, as somebody may have moved it since. */
void journal_undo_again(struct journal *journal, const struct pci_addr *addr);

/* Was everything of it lent by hand, and has nobody begun to return it? Then it stays so. */
bool journal_stays_by_hand(const struct journal *journal);

/* Was the device lent while the guest ran, and has nobody asked for its return? */
bool journal_is_plugged(const struct journal *journal, const struct pci_addr *addr);

/* Adds what is to be lent now, while the guest runs, behind all steps that there are. */
void journal_begin_plug(struct journal *journal);

/* Leaves of a run that goes on what it has: no settled steps, and no devices that are home. */
void journal_keep_running(struct journal *journal);

/*
 * Leaves of a run that is over what could not be put back, for a new run to carry along: the steps
 * that are not settled, at which nobody is any more, and the claims that are held by them.
 */
void journal_keep_rest(struct journal *journal);

/* Begun, done or in flight: its cell may not be where it was. */
bool journal_mark_is_unsettled(enum journal_mark mark);

/* Nothing left to undo. */
bool journal_is_settled(const struct journal *journal);
