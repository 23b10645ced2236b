/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/host.h"
#include "model/guest.h"

/*
 * Runs of other guests that are over and not returned to the end (a probe that failed, a unit that
 * did not start, a hook that was killed), at which nobody works: the engine tries them again when
 * it is called anyway. A guest whose QEMU lives, or may live, is left alone; so is a run that
 * libvirt or another hook is about to return. With them comes home what was detached from a guest
 * that runs (unplug.h).
 */

/*
 * Before guest's devices are planned for: the runs that have a device that it asks for. Where one
 * of the same name but another UUID (a guest that libvirt forgets with its end) cannot be returned
 * now, this guest takes over what is left, and starts from there.
 */
void heal_claims(struct host *host, const struct guest *guest);

/*
 * When the answer for the guest uuid is certain, and no lock held: all the others, in two seconds
 * at most; of a run that is over, what takes longer goes on in the background.
 */
void heal_others(struct host *host, const char *uuid);

/*
 * The same without what running guests have given away: for a daemon that comes back and calls for
 * all of its guests at once.
 */
void heal_debts(struct host *host, const char *uuid);
