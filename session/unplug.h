/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "session/session.h"

/*
 * libvirt calls no hook when a device is detached from a guest that runs on ("virsh
 * detach-device"), and it leaves on vfio-pci what was there before the guest started. Such a device
 * is told by libvirt's own status of the guest, which does not name it any more, and by its VFIO
 * nodes, which nobody has open. What shares a group or a slot with a device that the guest still
 * has stays.
 */

/* Is there any of the journal's devices that may have been detached? Takes no lock. */
bool unplug_has_any(const struct host *host, const struct journal *journal);
/* The same, where it is to be returned: not while the host goes down, which systemd is asked. */
bool unplug_is_due(const struct host *host, const struct journal *journal);

/*
 * Returns them, under the guest's lock; takes over *journal, which was read under it, of a guest
 * whose QEMU lives. *ret_list: their labels, with commas between them (text_done); empty: there
 * was none. An error: not all of them are home, and they are tried again by whoever comes next.
 */
int unplug_return(struct session *session, struct journal *journal, struct text *ret_list,
		  struct error *err);
