/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "model/addr.h"

/* What the command line names, each list twice: what is taken, and what is left out. */
struct selection_list {
	struct pci_addr *addrs;
	size_t addr_count;
	struct group_range {
		int first, last;
	} * ranges;
	size_t range_count;
	bool all, no_vga; /* words of the list of groups */
	char **drivers;   /* heap */
	size_t driver_count;
	struct hardware_id {
		unsigned int vendor, device;
	} * ids;
	size_t id_count;
};

struct selection_wishes {
	struct selection_list include, exclude;
	bool without_groups; /* devices without a group are no problem */
	bool chosen;         /* nothing is reserved unless somebody chooses so in the boot menu */
};

void selection_wishes_done(struct selection_wishes *wishes);
bool selection_wishes_any(const struct selection_wishes *wishes); /* is anything included? */

/* Each adds one list with commas. EINVAL names what is wrong. */
int selection_add_devices(struct selection_list *list, const char *text, struct error *err);
int selection_add_groups(struct selection_list *list, const char *text, struct error *err);
int selection_add_drivers(struct selection_list *list, const char *text, struct error *err);
int selection_add_ids(struct selection_list *list, const char *text, struct error *err);
