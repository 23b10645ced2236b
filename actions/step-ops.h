/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "model/cell.h"
#include "model/limits.h"
#include "model/step.h"

/*
 * What a kind of cell can do: it can be read and set. The life of a step (actions/execution-run.h)
 * says when these functions are called.
 */
struct step_ops {
	/*
	 * Reads the cell. ENODEV or ENOENT: the device or unit to which the cell belongs is gone,
	 * and err says which. If reading could block, read_timeout_ms must not be 0: then it is
	 * read in a worker.
	 */
	int (*read)(const struct host *host, const char *target, char ret[CELL_VALUE_SIZE],
		    struct error *err);
	/*
	 * Sets the cell. It may block for ever, and so is called in a worker. It need not check
	 * that the cell has the value then.
	 */
	int (*set)(struct host *host, const char *target, const char *value, struct error *err);
	/*
	 * Waits, within the limits, until the cell may be set to value; called in the same worker.
	 * If it fails, nothing was asked of the kernel. NULL: it may be set at any time.
	 */
	int (*ready)(const struct host *host, const char *target, const char *value,
		     const struct limits *limits, struct error *err);
	/*
	 * If set returns EAGAIN, the kernel makes the change later by itself: this waits for it,
	 * within the limits. NULL: EAGAIN is a failure as any other.
	 */
	int (*put_off)(struct host *host, const char *target, const char *value,
		       const struct limits *limits, struct error *err);
	/*
	 * On the way back: must target wait for other, which is not back yet? other_is_lent: the
	 * guest has had other for certain. NULL: never. It reads nothing that could block.
	 */
	bool (*waits_for)(const struct host *host, const char *target, const char *other,
			  bool other_is_lent);
	/*
	 * Must target not be set to value at the same time as other is set, although their steps
	 * are parallel? NULL: never. It reads nothing that could block.
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
	 * How much of that time "ready" may take, and set where it waits for processes. The worker
	 * is paused then (base/worker.h). NULL: nothing.
	 */
	unsigned int (*pause_for)(const char *from, const char *to, const struct limits *limits);
	unsigned int read_timeout_ms; /* 0: reading cannot block */
	/*
	 * Not 0: reading can block for as long as another process changes the cell. The worker that
	 * sets the cell then reads it itself, right before the change and after it.
	 */
	unsigned int recheck_timeout_ms;
	/*
	 * If the device or unit is gone (a transient unit that was stopped), the cell counts as
	 * having this value on the way there. NULL: that is an error.
	 */
	const char *absent;
	/*
	 * Another process makes the change (systemd), and may make it even after set has failed. So
	 * a step that was begun is undone even if its cell still has the value before.
	 */
	bool queued;
	/*
	 * It is a gate: what its set returns is the answer, and its cell is not read. It is asked
	 * right before the steps behind it are begun, as the answer may change at any moment.
	 */
	bool asks;
	const char *keep; /* why it is never undone, in words for the log; NULL: it is undone */
};

extern const struct step_ops module_ops, power_ops, driver_ops, unit_ops, udev_ops, vtconsole_ops,
	framebuffer_ops, process_ops, holders_ops;

/* The operations of a kind; kind < STEP_LEND_KINDS. */
const struct step_ops *step_ops(enum step_kind kind);

/* How long setting this kind of cell from one value to another may take. */
unsigned int step_timeout_ms(enum step_kind kind, const char *from, const char *to,
			     const struct limits *limits);
/* How much of that is no waiting for the kernel. */
unsigned int step_pause_ms(enum step_kind kind, const char *from, const char *to,
			   const struct limits *limits);
