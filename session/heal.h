/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/host.h"
#include "model/guest.h"

/*
 * Runs of other guests that are over, but whose devices are not all returned (a probe has failed, a
 * unit did not start, a hook was killed). If no process works on such a run, the engine tries the
 * return again, whenever libvirt calls the hook for any guest. A guest whose QEMU lives, or may
 * live, is left alone; so is a run that libvirt or another hook is about to return. Devices that
 * were detached from a running guest are returned as well (session/unplug.h).
 */

/*
 * To be called before a plan is made for this guest: returns the runs that still have a device that
 * the guest asks for. A transient guest gets a new UUID at each start: if a run of the same name
 * and another UUID cannot be returned now, this guest takes over what is left of it.
 */
void heal_claims(struct host *host, const struct guest *guest);

/*
 * To be called when the answer to libvirt about the guest with this UUID is certain, and no lock is
 * held: returns the runs of all other guests. It takes two seconds at most; what takes longer goes
 * on in the background.
 */
void heal_others(struct host *host, const char *uuid);

/*
 * The same without the devices that were detached from running guests. It is for a daemon that was
 * restarted, and that calls the hook for all of its guests at once.
 */
void heal_debts(struct host *host, const char *uuid);
