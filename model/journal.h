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

/* How far one step has come. */
enum journal_mark {
	MARK_PLANNED,   /* not begun: the cell was never touched */
	MARK_BEGUN,     /* perhaps done, perhaps not */
	MARK_DONE,      /* done and read back */
	MARK_SKIPPED,   /* somebody else had set the cell already: not ours to undo */
	MARK_UNDONE,    /* back at "before", or somebody else has changed the cell since */
	MARK_IN_FLIGHT, /* begun or being undone, and its worker did not come back in time */
	MARKS
};

/* A process; the start time tells it from a later process with the same pid. */
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
 * "device" tells which device was at a claimed address, as pin_write writes it; it is missing if
 * that is not known. "limits" and "caller" may be missing; if there are several, the last holds.
 * "lent" says that the guest has its devices and that the caller was told so; "at" says since when
 * (seconds since 1970; it may be missing). "returning" says that the run is over. An "undone" says
 * that, too, except for the steps of "detached" devices, which go home while their guest runs.
 * "by-hand" says that "hostdevctl lend" has lent the devices, and that only "hostdevctl return"
 * returns them; "taken-over" ends that: the guest has started with them. "plug" is a device that an
 * admin has lent to the guest while it ran. The last such lending begins with "plug-from", which
 * names its first step and stands before its devices. Without "plug-done" that lending was not
 * finished, and an "undone" of it does not end the run. "owner" is a node below /dev that was given
 * to a user: the owner before and after. A step in flight names its worker by pid and start time;
 * it counts as begun. Steps count from 1. A last line without newline was not finished by a writer
 * that was killed; it is ignored, as the change that it announces would come after it.
 *
 * Another version of this program may have written the journal, if the program was exchanged while
 * a guest ran. Behind the header, lines that begin with an unknown word are skipped. So are unknown
 * words of "limits", words "+key=value" (see model/later.h) at the end of all lines but those of
 * steps and devices, and such words of a device where pin_write has them. A limit that is missing
 * has its default. A journal that cannot be understood in this way has another number in its first
 * line.
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
	struct journal_process *workers; /* step_count of them; set for steps in flight */
	size_t step_count;
	struct limits limits;
	struct journal_process caller; /* the process that called the hook: libvirt's daemon */
	bool lent, returning;
	int64_t lent_at; /* seconds since 1970; 0: not known */
	bool by_hand;    /* nobody returns what is lent unless an admin asks for it */
	struct pci_addr *plugs;
	size_t plug_count;
	/* The last lending while the guest ran: its first step, counted from 1 (0: there was no
	 * such lending), its first device among the plugs, and whether it is unfinished. */
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

/* Appends the text of the journal; before the first change there are no marks in it. */
void journal_format(const struct journal *journal, struct text *out);
#define JOURNAL_WORDS "hostdev-hook journal"
#define JOURNAL_FIRST_LINE JOURNAL_WORDS " 1"
/* The word that opens the line of a mark; NULL for MARK_PLANNED, which has no line. */
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

/* EBADMSG names the line: it is no journal, or another version's. *ret: journal_done. */
int journal_parse(const char *data, size_t length, struct journal *ret, struct error *err);

/*
 * Does the guest still have a claimed device? Once the run is being returned, or the device is
 * detached, only if a step on its driver or power is not settled yet. Another step that could not
 * be undone (a unit that does not start) keeps no device from other guests.
 */
bool journal_holds(const struct journal *journal, const struct pci_addr *addr);

/* Is the device among the claims, whether the guest still has it or not? */
bool journal_has_claim(const struct journal *journal, const struct pci_addr *addr);

/* Is it a step on the device itself: on its driver, or its power? */
bool journal_step_is_of(const struct step *step, const struct pci_addr *addr);

/* Was the device taken from its guest, which runs on without it? */
bool journal_is_detached(const struct journal *journal, const struct pci_addr *addr);

/* Marks the device's undone steps as done, so that the return checks and undoes them again. */
void journal_undo_again(struct journal *journal, const struct pci_addr *addr);

/* Was everything lent by hand, and has no return begun? Then only an admin returns it. */
bool journal_stays_by_hand(const struct journal *journal);

/* Was the device lent while the guest ran, and has nobody asked for its return? */
bool journal_is_plugged(const struct journal *journal, const struct pci_addr *addr);

/* Begins a lending while the guest runs: what is added from now on belongs to it. */
void journal_begin_plug(struct journal *journal);

/* For a run that goes on: drops settled steps and devices that are home. */
void journal_keep_running(struct journal *journal);

/*
 * For a run that is over: keeps only the steps that are not settled, on which no worker works any
 * more, and the claims that these steps hold. A new run takes them over.
 */
void journal_keep_rest(struct journal *journal);

/* Is it begun, done or in flight, so that the cell may have another value than before? */
bool journal_mark_is_unsettled(enum journal_mark mark);

/* Is there nothing left to undo? */
bool journal_is_settled(const struct journal *journal);
