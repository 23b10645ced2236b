/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "actions/execution.h"

/*
 * The life of a step.
 *
 * A step is one cell of the host's state (the driver of a device, a unit of systemd, a console)
 * with a value before and a value after. The planner makes the steps, and the journal in /run holds
 * them before anything changes. Behind each step the journal has a mark, and each mark is a line
 * that is appended to the journal's file:
 *
 *   planned    nothing was done yet (this mark has no line);
 *   begun      this program is about to change the cell, or has changed it;
 *   done       the cell was read again and has the value after;
 *   skipped    this program did not change the cell: it had its value already, or it is a gate, or
 *              another process changed it first. There is nothing to undo;
 *   in-flight  the kernel has not come back from the change; the line names the worker that waits;
 *   undone     the cell has its value of before again, or is left to somebody else.
 *
 * On the way there (execution_run) the steps are carried out in order. Neighbours that cannot
 * hinder each other (model/step.h: parallel) make a batch. For each batch:
 *
 *   1. The cells of all its steps are read. If a cell has its value after already, the step is
 *      settled without a change. If it has neither that value nor the value before, another process
 *      has changed it: the run stops, and nothing of this batch is begun.
 *   2. If a step could last longer than the time in which a failed start must be undone, the run
 *      stops as well.
 *   3. One write to the journal marks all of them begun. Only then may a cell change: whoever finds
 *      the journal later, after a crash, knows which cells to look at.
 *   4. Each step gets a worker (base/worker.h), as a change may never return. The worker locks its
 *      step (state/step-lock.h), so that other processes see that the change goes on even if this
 *      process is dead. It waits until the change can be made (step_ops.ready), makes it
 *      (step_ops.set), and reads the cell again.
 *   5. What counts is the value that is read, not what the worker says: it is marked done, or the
 *      run stops. If the worker has not answered in time, the step is marked in flight; from then
 * on nobody touches its device, until the worker comes back and returns what is left by itself.
 *
 * A gate is a step that only asks whether it may go on ("does a process still hold the card?"). A
 * batch has its gates in front. They are asked one by one, and then once more, so that no answer is
 * old when the first cell changes.
 *
 * On the way back (execution_undo) the journal says so first. Then the steps are gone through from
 * the last to the first, in batches as above. Each cell is read: if it has the value after, it gets
 * its value before; if it has that value already, the step is only marked; if it has any third
 * value, it belongs to somebody else by now and is left alone. A failure does not stop the way
 * back, as the host is to get back as much as possible. A step waits for the later ones that it
 * depends on. A cell that other guests' runs need as well (actions/shared.h) is left to them.
 */

/*
 * Carries out the steps that are marked as planned. Stops at the first step that fails, or whose
 * cell another process has changed: err says which step and why. Nothing is undone yet.
 */
int execution_run(struct execution *execution, struct error *err);

/*
 * Writes to the journal that the run is on its way back, and undoes its steps. Goes on after a
 * failure; err has the first one. A journal that cannot be written is no failure. With
 * execution.only the run goes on, and the caller has written before which devices are detached.
 * 0: everything is settled, and the caller removes the journal. Otherwise execution.rest says who
 * comes back for what is left; EINPROGRESS: nothing has failed, but something must wait.
 */
int execution_undo(struct execution *execution, struct error *err);
