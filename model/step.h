/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

#define STEP_EACH_KERNEL "KERNEL" /* in a command: the release of each of them */

/* Kinds of cells. The order of a plan is the planner's, not this one's. */
enum step_kind {
	STEP_MODULE,      /* target: module name; "absent" or "loaded" */
	STEP_POWER,       /* target: address; struct power_value */
	STEP_DRIVER,      /* target: address; struct driver_value */
	STEP_UNIT,        /* target: unit_target(); struct unit_value */
	STEP_UDEV,        /* target: id in udev's database; "known" or "withdrawn" */
	STEP_VTCONSOLE,   /* target: "vtcon1"; "bound" or "unbound" */
	STEP_FRAMEBUFFER, /* target: platform device; name of its driver, or "none" */
	/* Gates: passed or not, never undone. */
	STEP_PROCESS, /* target: struct gate_target; struct gate_value */
	STEP_HOLDERS, /* target: struct gate_target without pid; struct gate_value */
	STEP_LEND_KINDS,
	/* Of set-ups that hold from boot on, never of a lend: */
	STEP_FILE = STEP_LEND_KINDS, /* target: absolute path, escaped; struct file_value */
	/* target: "image:" or "menu:" and a command, with commas; "stale" or "built". Where its
	 * last word is STEP_EACH_KERNEL, it is run for each kernel that can be started by then,
	 * with the release in that word's place and wherever else that word stands. */
	STEP_BUILD,
	STEP_CHECK, /* target: what is looked at, "menu:grub"; "open" or "passed"; a gate */
	STEP_KINDS
};

/* A cell with its value before and after. Target and values hold no blanks. Heap strings. */
struct step {
	enum step_kind kind;
	char *target, *before, *after;
	char *why; /* for people; never empty */
};

void step_done(struct step *step);

const char *step_kind_name(enum step_kind kind);
bool step_kind_parse(const char *name, size_t length, enum step_kind *ret);

/*
 * Does it change anything where its cell is as planned? A step that does not is planned to have the
 * cell kept, and put back, should a later step change it.
 */
bool step_changes(const struct step *step);

/*
 * The one text form: "driver 0000:01:00.0 nvidia -> none,override=vfio-pci # host device of win11".
 * Parsing takes exactly what formatting gives (one line without its newline).
 */
void step_format(const struct step *step, struct text *out);
bool step_parse(const char *line, size_t length, struct step *ret);

/* Does it belong to a set-up (model/setup.h)? Such kinds are in no plan of a lend. */
bool step_kind_is_of_setup(enum step_kind kind);

/* A gate is passed or not, whatever its cell was before; it is never undone. */
bool step_kind_is_gate(enum step_kind kind);

/*
 * May the runs of several guests need the cell at once? A unit serves many devices, and consoles
 * show on many; all else is a device's own, or never undone. Never parallel with other steps.
 */
bool step_kind_is_shared(enum step_kind kind);

/*
 * Do two values of a cell say the same? Drivers are compared by their folded names and without the
 * module, which is known only while the driver is bound; units and gates by their first word,
 * behind which stands how to get there; files without their times and attributes.
 */
bool step_value_equal(enum step_kind kind, const char *a, const char *b);

/*
 * May steps[index] be carried out with its cell at now? At "before", certainly; else only where
 * the plan itself explains it: loading vfio-pci may bind a driverless device at once (its "ids"
 * option), and a change of driver moves power/control; a unit may be stopping along with one that
 * was stopped before it. A gate always.
 */
bool step_may_begin(const struct step *steps, size_t index, const char *now);

/*
 * May this step's cell be worked on at the same time as that one's? Same kind, other target, and
 * for drivers the same direction: all are let go before any is bound. Units, consoles,
 * framebuffers and gates for all holders go one by one.
 */
bool step_is_parallel(const struct step *a, const struct step *b);

/*
 * What the return finds when it reads the cell of a step it wants to undo.
 * steps[index] is that step; the steps before it tell which values are "further back".
 */
enum step_state {
	STEP_AT_HOME, /* at this or an earlier "before": nothing to do */
	STEP_TO_UNDO, /* at "after", or at something that only our step explains */
	STEP_FOREIGN, /* somebody changed it after us: leave it and say so */
};
enum step_state step_state(const struct step *steps, size_t index, const char *now);
