/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "generator/adapter.h"
#include "generator/reserved.h"

/*
 * What the files of the three modes share, and nobody else sees.
 */

/* Puts devices, home drivers, group members and places among twins into the record. */
void promise_devices(const struct generate_facts *facts, const struct reserved *reserved,
		     struct draft *draft);

/* Tells of twins of which some are reserved by address and some stay with the host. */
void note_twins(const struct generate_facts *facts, const struct reserved *reserved,
		struct draft *draft);

/* Chooses the loader, asks its adapter for its steps. request.facts and .wishes are set. */
void plan_menu(const struct menu_request *request, struct draft *draft);
/* Is it this loader that plan_menu would ask? */
bool is_started_by(const struct menu_request *request, enum boot_loader loader);
/*
 * How to start the host for one boot without what is reserved: advises how that line of an entry is
 * reached in the boot menu, and that typed is to be added there. Where the menu cannot be reached,
 * a note says so.
 */
void advise_way_out(const struct menu_request *request, const char *typed, struct draft *draft);
/*
 * Asks the loader for its steps where only the image changes. True: whatever words reserve devices
 * at the next start, it knows them, and has refused them.
 */
bool plan_carrier(const struct menu_request *request, struct draft *draft);
void plan_image(const struct generate_facts *facts, const struct generate_wishes *wishes,
		const char *reserve, const char *options, struct draft *draft);

/* Refuses words that would not fit behind the longest command line, or that a shell or GRUB would
 * take for more than text. */
void check_words(const struct generate_facts *facts, const char *words, struct draft *draft);

/* Devices that stay with the host and that an id would take as well; others' lists of ids. */
void check_ids(const struct generate_facts *facts, const struct reserved *reserved,
	       struct draft *draft);

/* Refuses, or with --allow-measured tells, where a disk is unlocked by what is measured of a boot.
 */
void check_measured(const struct generate_facts *facts, const struct generate_wishes *wishes,
		    struct draft *draft);

void draft_static(const struct generate_facts *facts, const struct generate_wishes *wishes,
		  struct selection *selection, struct draft *draft);
void draft_multiboot(const struct generate_facts *facts, const struct generate_wishes *wishes,
		     struct selection *selection, struct draft *draft);
void draft_dynamic(const struct generate_facts *facts, const struct generate_wishes *wishes,
		   struct selection *selection, struct draft *draft);
