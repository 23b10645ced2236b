/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "actions/execution-run.h"
#include "session/session.h"

/*
 * Libvirt calls no hook when a device is detached from a running guest ("virsh detach-device"), and
 * it leaves the device on vfio-pci if it was there before the guest started. Two signs tell that a
 * device was detached: libvirt's status file of the guest does not name it any more, and no process
 * has its VFIO nodes open. A device that shares an IOMMU group or a slot with a device that the
 * guest still has is not returned.
 */

/*
 * The devices that libvirt's status file gives to the guest of this name and UUID (NULL: any) now.
 * False: there is no such file.
 */
bool unplug_read_live(const struct host *host, const char *name, const char *uuid,
		      struct guest *ret);

/*
 * Returns the device that an admin names, and what was lent together with it. The guest's lock is
 * held, and its QEMU lives. Takes over *journal. *ret_addrs (heap): what was returned. While the
 * guest has one of these devices, it is refused with a message, and nothing was changed. dry_run:
 * only looks whether it would be refused.
 */
int unplug_return_device(struct session *session, struct journal *journal,
			 const struct pci_addr *addr, bool dry_run, struct pci_addr **ret_addrs,
			 size_t *ret_count, struct text *message);

/* May one of the journal's devices have been detached? Takes no lock. */
bool unplug_has_any(const struct host *host, const struct journal *journal);
/* The same, and is it to be returned now? Not while the host is being shut down (asks systemd). */
bool unplug_is_due(const struct host *host, const struct journal *journal);

/*
 * Returns the detached devices. The guest's lock is held, and its QEMU lives; takes over *journal,
 * which was read under the lock. *ret_list (text_done): the labels of the devices with commas
 * between them; empty: there were none. -errno: not all of them are returned; the next call of the
 * hook or hostdevctl tries again.
 */
int unplug_return(struct session *session, struct journal *journal, struct text *ret_list,
		  struct error *err);
