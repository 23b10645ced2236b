/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/host.h"

/*
 * Removes the pins and the loans of guests that will not come again. uuid and guest are the UUID
 * and the name of the guest whose pins were just written. Of all other guests without a definition
 * of libvirt and without a journal, the function removes those with the same name, and all but the
 * 256 whose pins were written last. dir comes from state_dir_open_lasting.
 */
void past_guests_forget(const struct host *host, int dir, const char *uuid, const char *guest);
