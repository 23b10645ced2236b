/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The ties.late of a session (its data): settles, in a worker that came back when nobody waited for
 * it any more, what is left of that session's run. Waits for the guest's lock; ends without doing
 * anything where somebody else has settled the run or taken its debt over.
 */
void session_late(void *data);
