/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/loan.h"
#include "model/refusal.h"
#include "model/snapshot.h"

/* What a loan of these devices would be on the host of the snapshot. *ret: loan_done. */
void loan_init(struct loan *ret, const struct snapshot *snapshot, const struct pci_addr *addrs,
	       size_t count);

enum loan_change {
	LOAN_SAME,
	LOAN_LEFT,   /* devices have left the group, and none has come */
	LOAN_JOINED, /* devices have come */
	LOAN_USED,   /* ... and one of them has a driver of the host */
};

/*
 * What has become of one group of the snapshot's loan; the snapshot has its members. Unless it is
 * the same, a sentence or two about it are appended. *ret_used: of LOAN_USED, such a device.
 */
enum loan_change loan_tell_group(const struct snapshot *snapshot, const struct loan_group *then,
				 struct pci_addr *ret_used, struct text *out);

/*
 * For a refusal because of a mate: appends a sentence, with a blank before it, about what has
 * changed in the group since the last loan; nothing if nothing has changed or no loan is
 * remembered.
 */
void loan_format_change(const struct snapshot *snapshot, const struct refusal *refusal,
			struct text *out);
