/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The "late" of the execution that a session watches (data: the session): settles, in a worker that
 * came back when nobody waited for the worker any more, what is left of that session's run. Waits
 * for the guest's lock; ends without doing anything where somebody else has settled the run or
 * taken its debt over.
 */
void background_return(void *data);
