/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "actions/execution-run.h"
#include "session/session.h"

/*
 * libvirt calls no hook when a device is detached from a guest that runs on ("virsh
 * detach-device"), and it leaves on vfio-pci what was there before the guest started. Such a device
 * is told by libvirt's own status of the guest, which does not name it any more, and by its VFIO
 * nodes, which nobody has open. What shares a group or a slot with a device that the guest still
 * has stays.
 */

/* What libvirt says that the guest of this name and UUID (NULL: any) has now. False: it does not
 * say. */
bool unplug_read_live(const struct host *host, const char *name, const char *uuid,
		      struct guest *ret);

/*
 * The same for the device that an admin names, and what was lent together with it: under the
 * guest's lock, of a guest whose QEMU lives. *journal is taken over. *ret_addrs: what came home
 * (heap). Refused, with nothing changed and a message, while the guest has any of it. dry_run: only
 * looks.
 */
int unplug_return_device(struct session *session, struct journal *journal,
			 const struct pci_addr *addr, bool dry_run, struct pci_addr **ret_addrs,
			 size_t *ret_count, struct text *message);

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
