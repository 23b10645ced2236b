/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "tests/model/setup-world.h"

/* The counting of what a process changes, and its end or failure at one of those. */

/* From here on in this process, all is counted; NULL: and nothing strikes. */
void strike_begin(const struct strike *wanted);
void strike_end(void);
/* Calls are not counted for a while; whether they were before. */
bool strike_pause(bool pause);
/* The counts start anew. They are shared with processes that are forked later. */
void strike_forget(void);
int strike_calls(void);
int strike_actions(void);

/* At the begin of an action; program NULL: a file is written. 0, or the failure. */
int strike_action(const char *program, struct error *err);
void strike_action_after(void);
