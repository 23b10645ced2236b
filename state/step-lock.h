/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/*
 * The lock of a step, while a worker works on the step. The lock belongs to the open file (it is an
 * open-file-description lock) and so lives as long as the worker, also when the hook that started
 * the worker is gone. index: the step's, counted from 0; a descriptor of the journal is the
 * caller's own.
 */

/*
 * Locks the step for as long as the descriptor that is returned lives, in this process or in a
 * child that inherits the descriptor. -errno: somebody else has it.
 */
int step_lock_take(int journal_fd, size_t index, struct error *err);
/*
 * The worker is back from the kernel: the step is free again, and step_lock_is_yielded is true for
 * as long as lock_fd, which step_lock_take has returned, lives.
 */
void step_lock_yield(int lock_fd, size_t index);
bool step_lock_is_yielded(int journal_fd, size_t index);
/* Has somebody else locked the step? */
bool step_lock_is_taken(int journal_fd, size_t index);
/* Waits, perhaps for ever, until nobody else has locked the step. */
int step_lock_wait(int journal_fd, size_t index, struct error *err);
