/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tests/host/testhost.h"

/*
 * Time that nobody sits out, in programs linked with --wrap=poll, --wrap=workers_run and
 * --wrap=host_now_ms. On a made-up machine all that happens has happened when an operation returns,
 * so a wait for something to happen by itself is over at once; and where all workers that are still
 * waited for hang, the clock jumps to their deadline. Whoever works has its full time, be the real
 * machine as busy as it likes.
 */

/* The machine on which something may hang from now on; NULL: none. */
void clock_watch(const struct testhost *host);
