/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/text.h"
#include "model/journal.h"
#include "model/pin.h"
#include "model/step.h"
#include "model/twins.h"

/*
 * The record of a set-up that reserves devices from boot on. It lies below /var/lib (SETUPS_DIR),
 * as it must outlive a reboot, and has the journal's form: header, promise and steps are written
 * whole before the first change; marks are appended as the work goes on.
 *
 *   hostdev-hook set-up 1
 *   mode multiboot               arguments --devices 0000:01:00.0       version 0.2.0
 *   kernel 6.12.48+deb13-amd64
 *   device 0000:01:00.0 10de:2204:1458:403b class=030000
 *   home 0000:01:00.0 nvidia pci:v000010DEd00002204sv...
 *   members 0000:01:00.0 0000:01:00.1
 *   twins 0000:01:00.0 1of2
 *   choice hostdev-keep-0000:02:00.0 hostdev.guest=0000:01:00.0=10de:2204:1458:403b:030000
 *   step file /etc/grub.d/12_hostdev-hook absent -> 0755,0:0,9f86d0... # ...
 *   begun 1     done 1     skipped 2     undone 1     applied     undoing
 *
 * "home" is the driver that the host uses for the device ("none": no driver), spelled as in the
 * value of a "driver" cell, and the alias by which the device's modules are found: a reserved
 * device shows neither. "members" are the functions of one IOMMU group at that time; numbers of
 * groups are not kept, as they change. "twins" is the device's place among its twins
 * (model/twins.h); it is missing if there were none. "choice" has the words that one choice of the
 * boot menu puts on the kernel's command line. A set-up without choices in the menu has one choice
 * named "static" or "dynamic" with the words of every boot, if any. Lines that begin with an
 * unknown word are skipped.
 */
#define SETUPS_DIR "hostdev-hook/generate" /* below /var/lib */

struct setup_home {
	struct pci_addr addr;
	char *driver, *modalias; /* heap; driver "none": no driver; modalias may be "" */
};

/* Functions of one group have the same number, which is the record's own, counted from 0. */
struct setup_member {
	struct pci_addr addr;
	size_t group;
};

struct setup_twin {
	struct pci_addr addr;
	struct twin_place place;
};

struct setup_choice {
	char *id, *words; /* heap */
};

struct setup {
	char *mode, *arguments, *version, *kernel; /* heap */
	struct pins devices; /* all devices that a choice reserves, and what they were */
	struct setup_home *homes;
	size_t home_count;
	struct setup_member *members; /* every function of the devices' groups */
	size_t member_count;
	struct setup_twin *twins;
	size_t twin_count;
	struct setup_choice *choices;
	size_t choice_count;
	struct step *steps;
	enum journal_mark *marks; /* step_count of them */
	size_t step_count;
	bool applied; /* every step is done and checked */
	bool undoing; /* it is being taken back */
};

void setup_done(struct setup *setup);
#define auto_setup __attribute__((__cleanup__(setup_done)))

/* Adds a step that is not begun; takes over the strings of *step. */
void setup_add_step(struct setup *setup, const struct step *step);
/* Has the set-up a step that writes the file at path? */
bool setup_has_file(const struct setup *setup, const char *path);
/* Takes over the strings. */
void setup_add_home(struct setup *setup, const struct pci_addr *addr, char *driver, char *modalias);
void setup_add_choice(struct setup *setup, char *id, char *words);

/* The home of the device at this address, or NULL. */
const struct setup_home *setup_home(const struct setup *setup, const struct pci_addr *addr);

/* The place among its twins, or NULL: the device had no twin. */
const struct twin_place *setup_twin(const struct setup *setup, const struct pci_addr *addr);

/* Appends the text of the record, with the marks that there are. */
void setup_format(const struct setup *setup, struct text *out);
#define SETUP_APPLIED "applied\n"
#define SETUP_UNDOING "undoing\n"

/*
 * EBADMSG names the line that is not understood. A last line without newline was not finished by
 * its writer; it is ignored. *ret: setup_done.
 */
int setup_parse(const char *data, size_t length, struct setup *ret, struct error *err);

/* The kernel's word by which devices are reserved. */
#define WORD_GUEST "hostdev.guest="

/*
 * The words that a set-up puts on the line of every usual entry; "" if it has entries of its own in
 * the menu, or no words, or if setup is NULL.
 */
const char *setup_usual_words(const struct setup *setup);
/* The words of its only choice, if they reserve devices; else "". */
const char *setup_reserving_words(const struct setup *setup);

/* Is there a step that was begun and not taken back? */
bool setup_is_in_force(const struct setup *setup);
