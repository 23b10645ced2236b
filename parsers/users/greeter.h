/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/host.h"
#include "model/snapshot.h"

/*
 * Marks the holders that show nothing but a login prompt (a greeter: gdm, sddm, lightdm, greetd):
 * nobody's work ends with them. None is marked while somebody is logged in to a picture anywhere
 * on this host, since the display manager's end would be theirs, too; nor where no records of
 * sessions are kept. Needs the roles and units of the holders. Also tells whether another graphics
 * card than those of the snapshot is there, on which the prompt may be shown.
 */
void greeters_read(const struct host *host, struct snapshot *snapshot);
