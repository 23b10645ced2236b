/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "actions/execution.h"
#include "base/worker.h"

/*
 * Steps in flight: the kernel was asked for a change and does not come back from it. Private to
 * actions/.
 *
 * The step of a worker that died (it was killed, or an oops in the kernel has ended it) is not in
 * flight: the worker holds nothing any more, and whether the kernel does is not known. The process
 * that has run the worker assumes the worst and leaves the device alone; the step stays begun. A
 * later process reads the cell in a child, and tries again. If the dead worker has left the device
 * locked, this one try hangs, and its step is in flight for all processes that come later.
 */

/*
 * To be called when the worker has overrun its deadline: writes the worker's process into the
 * journal, so that other processes leave the device alone while that process lives. False: the
 * worker came back at this moment, and the value of the cell tells what has become of the step.
 */
bool flight_begin(struct execution *execution, size_t index, const struct worker *worker);

/* Describes it: in one line (*err), and in lines for the log (its stack, and the kernel's own log).
 */
void flight_tell(const struct execution *execution, size_t index, const struct worker *worker,
		 struct error *err, struct text *details);

/* Sets err: the kernel is still busy with an earlier change of this step's cell. */
void flight_name(const struct execution *execution, size_t index, struct error *err);
