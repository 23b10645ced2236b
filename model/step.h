/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

#define STEP_EACH_KERNEL "KERNEL" /* stands in a command for the release of each kernel */

/* Kinds of cells. The planner decides in which order they stand in a plan. */
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
	/* target: "image:" or "menu:" and a command, with commas; "stale" or "built". If the last
	 * word is STEP_EACH_KERNEL, the command runs for each kernel that can be started then, with
	 * the kernel's release in the place of that word wherever it stands. */
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
 * Does the step change anything, if its cell has the planned value? A step that changes nothing is
 * planned so that the cell is remembered, and put back if a later step changes it.
 */
bool step_changes(const struct step *step);

/*
 * The one text form: "driver 0000:01:00.0 nvidia -> none,override=vfio-pci # host device of win11".
 * Parsing takes exactly what formatting gives (one line without its newline).
 */
void step_format(const struct step *step, struct text *out);
bool step_parse(const char *line, size_t length, struct step *ret);

/* Does the kind belong to set-ups (model/setup.h)? No plan of a lend has such steps. */
bool step_kind_is_of_setup(enum step_kind kind);

/* A gate is passed or not, whatever its cell was before; it is never undone. */
bool step_kind_is_gate(enum step_kind kind);

/*
 * Can the runs of several guests need the cell at once? A unit serves many devices, and a console
 * shows on many; other cells belong to one device, or are never undone. Such a step never runs in
 * parallel with others.
 */
bool step_kind_is_shared(enum step_kind kind);

/*
 * Do two values of a cell mean the same? Names of drivers are compared with "-" and "_" alike, and
 * without the module, which is known only while the driver is bound. Units and gates are compared
 * by their first word, as the rest says how to get there; files without their times and attributes.
 */
bool step_value_equal(enum step_kind kind, const char *a, const char *b);

/*
 * May steps[index] be carried out while its cell has the value now? Yes, if that is "before". Else
 * only if the plan itself explains the value: loading vfio-pci may bind a device without a driver
 * at once (by its option "ids"), a change of driver changes power/control, and a unit may be
 * stopping because another unit was stopped before it. A gate may always begin.
 */
bool step_may_begin(const struct step *steps, size_t index, const char *now);

/*
 * May both steps be carried out at the same time? They must have the same kind and different
 * targets, and steps of drivers the same direction: all drivers let go before any driver is bound.
 * Units, consoles, framebuffers and gates for all holders go one by one.
 */
bool step_is_parallel(const struct step *a, const struct step *b);

/*
 * What a return finds when it reads the cell of the step steps[index] that it wants to undo. The
 * steps before it tell which earlier values the cell had.
 */
enum step_state {
	STEP_AT_HOME, /* at this or an earlier "before": nothing to do */
	STEP_TO_UNDO, /* at "after", or at a value that only this step explains */
	STEP_FOREIGN, /* somebody changed the cell later: leave it and say so */
};
enum step_state step_state(const struct step *steps, size_t index, const char *now);
