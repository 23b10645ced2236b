/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tests/host/kernel.h"

/* The trees of made-up processes below /proc. */
void processes_boot(struct testhost *host);

/* SIGTERM, and SIGKILL where that is ignored. 0 or a positive errno; gone already is fine. */
int process_end(struct testhost *host, int pid, unsigned long long start, bool kill);
/* As process_end, for a program that leaves by itself: nobody takes its place. */
void process_gone(struct testhost *host, int pid);

/* All that came of the lines with these pids: made to vanish; made anew where they are gone. */
void processes_stop(struct testhost *host, const char *pids);
void processes_start(struct testhost *host, const char *pids);

/* Has any process the node open or mapped? */
bool processes_hold(const struct testhost *host, const struct machine_node *node);
/* Those that do so when asked close the node. */
void processes_let_go(struct testhost *host, const struct machine_node *node);
/* The process closes it, whatever it is. */
void process_close(struct testhost *host, int pid, const struct machine_node *node);
