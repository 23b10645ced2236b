/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "model/addr.h"

struct snapshot;
struct refusal;

/* A device of an IOMMU group, as it was when the group was last lent. */
struct loan_member {
	struct pci_addr addr;
	char *driver; /* heap: its driver of the host; "none"; NULL: not known */
};

struct loan_group {
	struct loan_member *members;
	size_t member_count;
};

/*
 * What shared IOMMU groups with a guest's devices when these were last lent. If they cannot be lent
 * any more, the refusal can tell what has changed; nothing is refused because of the record itself.
 * It is kept beside the pins as UUID.loan, in lines:
 *
 *   hostdev-hook loan 1
 *   guest win11
 *   kernel 6.12.9-amd64
 *   group 0000:01:00.0=nvidia 0000:01:00.1=none
 */
struct loan {
	char *kernel; /* heap; NULL: nothing is remembered */
	char *guest;  /* heap: its name, of a loan that was read; or NULL */
	struct loan_group *groups;
	size_t group_count;
};

#define LOAN_SUFFIX ".loan"

void loan_done(struct loan *loan);

/* What a loan of these devices would be on the host of the snapshot. *ret: loan_done. */
void loan_init(struct loan *ret, const struct snapshot *snapshot, const struct pci_addr *addrs,
	       size_t count);

/* Write and read the file's text. Unknown lines are passed over; false: the file is not ours. */
void loan_write(const struct loan *loan, const char *guest, struct text *out);
bool loan_parse(const char *data, size_t length, struct loan *ret);

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
