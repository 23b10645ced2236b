/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "actions/execution.h"
#include "base/worker.h"

/*
 * Steps in flight: an operation of the kernel's that was begun and does not return. Private to
 * actions/.
 *
 * A worker that died (killed, or ended by an oops in the kernel) is not in flight: it holds nothing
 * any more, and nobody knows whether the kernel does. The process that has run it believes the
 * worst and leaves the device alone; its step stays begun. A later process looks for itself: it
 * reads the cell in a child that may be lost, and tries. Where the dead one has left the device's
 * lock behind, that try is what hangs, and is in flight for all that come after: one, not many.
 */

/*
 * The worker has overrun its deadline: writes down who it is, so that whoever reads the journal
 * leaves its device alone while it lives. False where it came back at that very moment: then the
 * step is what its cell says.
 */
bool flight_begin(struct execution *execution, size_t index, const struct worker *worker);

/* What to tell of it: in one line (*err), and for the log (stack, the kernel's own lines). */
void flight_tell(const struct execution *execution, size_t index, const struct worker *worker,
		 struct error *err, struct text *details);

/* A step that an earlier operation still has, for a message. */
void flight_name(const struct execution *execution, size_t index, struct error *err);
