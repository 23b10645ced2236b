/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "model/addr.h"

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
 * Which devices shared IOMMU groups with a guest's devices when these were last lent. If they
 * cannot be lent any more, the refusal can tell what has changed; the record itself refuses
 * nothing. It is kept beside the pins as UUID.loan, in lines:
 *
 *   hostdev-hook loan 1
 *   guest win11
 *   kernel 6.12.9-amd64
 *   group 0000:01:00.0=nvidia 0000:01:00.1=none
 */
struct loan {
	char *kernel; /* heap; NULL: nothing is remembered */
	char *guest;  /* heap: the guest's name, in a loan that was read; else NULL */
	struct loan_group *groups;
	size_t group_count;
};

#define LOAN_SUFFIX ".loan"

void loan_done(struct loan *loan);

/* The member of a group at this address, and the group of a loan with such a member; or NULL. */
const struct loan_member *loan_group_find(const struct loan_group *group,
					  const struct pci_addr *addr);
const struct loan_group *loan_find(const struct loan *loan, const struct pci_addr *addr);
/* driver: copied; may be NULL. */
void loan_group_add(struct loan_group *group, const struct pci_addr *addr, const char *driver);

/* Write and parse the file's text. Unknown lines are skipped; false: it is no such file. */
void loan_write(const struct loan *loan, const char *guest, struct text *out);
bool loan_parse(const char *data, size_t length, struct loan *ret);
