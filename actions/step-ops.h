/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "model/cell.h"
#include "model/limits.h"
#include "model/step.h"

/*
 * What a kind of cell can do: be read, be set. Setting may block for ever and is called in a
 * worker; it verifies nothing (the executor reads the cell again).
 */
struct step_ops {
	/*
	 * ENODEV or ENOENT: what the cell is part of is gone, err says what. Takes what time it
	 * bounds itself; where it could block, read_timeout_ms has it done in a worker.
	 */
	int (*read)(const struct host *host, const char *target, char ret[CELL_VALUE_SIZE],
		    struct error *err);
	int (*set)(struct host *host, const char *target, const char *value, struct error *err);
	/*
	 * Waits, within the limits, until it may be set to value; in the same worker. Where it
	 * fails nothing was asked of the kernel. NULL: always ready.
	 */
	int (*ready)(const struct host *host, const char *target, const char *value,
		     const struct limits *limits, struct error *err);
	/*
	 * Where set says EAGAIN, the kernel has put the change off and makes it by itself: waits
	 * for that, within the limits. NULL: EAGAIN is a failure as any other.
	 */
	int (*put_off)(struct host *host, const char *target, const char *value,
		       const struct limits *limits, struct error *err);
	/*
	 * Must target stay where it is while other, which has not come back, is (other_is_lent) or
	 * perhaps is in the guest's hand? NULL: never. Reads nothing that could block.
	 */
	bool (*waits_for)(const struct host *host, const char *target, const char *other,
			  bool other_is_lent);
	/*
	 * Must target, going to value, not be set at the same time as other, be it parallel else?
	 * NULL: never. Reads nothing that could block.
	 */
	bool (*excludes)(const struct host *host, const char *target, const char *value,
			 const char *other);
	/* How long a set may take before it counts as stuck; 0 where timeout_for says so. */
	unsigned int timeout_ms;
	/*
	 * How long a set may take, together with "ready", where that depends on the value before,
	 * the value after or what the admin allows. NULL: timeout_ms holds always.
	 */
	unsigned int (*timeout_for)(const char *from, const char *to, const struct limits *limits);
	/*
	 * How much of that "ready" and the looks of a set may take, which bound themselves, and for
	 * which the worker pauses. NULL: nothing.
	 */
	unsigned int (*pause_for)(const char *from, const char *to, const struct limits *limits);
	unsigned int read_timeout_ms; /* 0: reading cannot block */
	/* The same before a set; behind one, the worker that has set it reads it back itself. */
	unsigned int recheck_timeout_ms;
	/*
	 * The value that going there meets where the subject is gone (a transient unit that was
	 * stopped); NULL: that is an error.
	 */
	const char *absent;
	/*
	 * Setting it asks somebody else, who may come to it only after a set that failed: what was
	 * begun is asked for back even where it reads as if nothing had been done.
	 */
	bool queued;
	/*
	 * A question: what its set says is the answer, and nothing is read before or behind it.
	 * It is asked right before the steps that stand behind it in the plan are begun, as what it
	 * has found may change at any moment.
	 */
	bool asks;
	const char *keep; /* why it is never undone; NULL: it is undone */
};

extern const struct step_ops module_ops, power_ops, driver_ops, unit_ops, udev_ops, vtconsole_ops,
	framebuffer_ops, process_ops, holders_ops;

/* Of a kind that a lend may have. */
const struct step_ops *step_ops(enum step_kind kind);

/* How long setting this kind of cell from one value to another may take. */
unsigned int step_timeout_ms(enum step_kind kind, const char *from, const char *to,
			     const struct limits *limits);
/* How much of that is no waiting for the kernel. */
unsigned int step_pause_ms(enum step_kind kind, const char *from, const char *to,
			   const struct limits *limits);
