/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tests/host/machine.h"

/* Writes a file of a made-up machine in the form that its kind has: not a directory or a link. */
void formed_file(int root, const struct machine_file *file);
