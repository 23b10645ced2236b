/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

/*
 * Private to base/log*.c. A log that does not read what it is sent (its queue is full, it is stuck
 * itself) must not hold up whoever writes: between the two, a call ends after a while.
 */

/* False: so much time was lost with it that this process says no more. */
bool log_patience_begin(void);
void log_patience_end(void);
