/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/host.h"

/*
 * Removes the pins and the loan of some guests other than the guest uuid, whose name is guest, and
 * whose pins were just written: of those that libvirt has no definition of and that no journal is
 * about, the namesakes of that guest, and all but the 256 whose pins were written last. dir: of
 * state_dir_open_lasting.
 */
void past_guests_forget(const struct host *host, int dir, const char *uuid, const char *guest);
