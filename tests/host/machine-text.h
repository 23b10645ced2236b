/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tests/host/machine.h"

/* Between machine-text.c, which reads lines, and machine.c, which knows what they imply. */
struct machine_driver *machine_add_driver(struct machine *machine, const char *name);
struct machine_module *machine_add_module(struct machine *machine, const char *name);
struct machine_group *machine_add_group(struct machine *machine, int number);

/* Fills in all that the lines left out; call once, after the last. */
void machine_complete(struct machine *machine);
