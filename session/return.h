/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "session/session.h"

/*
 * Returns everything of the session's guest, and says in the log how that has ended. 0, or -errno
 * with a message; also 0, with nothing returned, where session.host_goes_down is set.
 */
int return_settle(struct session *session, bool *ret_had, struct text *message);
