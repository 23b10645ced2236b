/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "generator/draft.h"
#include "generator/facts.h"
#include "generator/wishes.h"

/*
 * What a set-up asks of the boot loader. Each loader has an adapter, in a file of its own.
 */

struct menu_choice {
	char *id, *title, *words; /* heap */
	struct pci_addr kept;     /* where keeps_any: a graphics function of the group that stays */
	bool keeps_any;
};

struct menu_request {
	const struct generate_facts *facts;
	const struct generate_wishes *wishes;
	/* Words of the default entry, or of every entry; NULL: none. */
	const char *words;
	/* Entries of their own. */
	const struct menu_choice *choices;
	size_t choice_count;
	/* Place in choices of the one that is to be the default; -1: the default stays. */
	int default_choice;
};

struct loader_adapter {
	enum boot_loader loader;
	/* It copies images to where the firmware finds them: it is asked without words and choices,
	 * too, where only the image changes. */
	bool carries_images;
	/* plan and look refuse words of others by which the next start would reserve devices. */
	bool finds_words;
	/* Adds its steps to the draft; or, where this program does not write here, a refusal, and
	 * what to do as advice. */
	void (*plan)(const struct menu_request *request, struct draft *draft);
	/* Where only the image changes: what would keep that from counting is refused. NULL: it
	 * does not look. */
	void (*look)(const struct menu_request *request, struct draft *draft);
};

extern const struct loader_adapter adapter_grub, adapter_systemd_boot, adapter_grub_bls,
	adapter_uki, adapter_uki_direct, adapter_kernelstub, adapter_proxmox, adapter_sdbootutil,
	adapter_rpm_ostree, adapter_bootc, adapter_nixos, adapter_limine, adapter_refind;

/* NULL: this program knows nothing of that loader but its name. */
const struct loader_adapter *loader_adapter_find(enum boot_loader loader);

/*
 * Chooses the boot loader, and has its adapter add its steps to the draft. Where the loader is not
 * clear or nothing is written for it, the draft refuses.
 */
void menu_plan(const struct menu_request *request, struct draft *draft);
/* Would menu_plan ask this loader? */
bool menu_is_started_by(const struct menu_request *request, enum boot_loader loader);
/*
 * Asks the loader for its steps where only the image changes. True: whatever words reserve devices
 * at the next start, the loader's adapter knows them, and has refused them.
 */
bool menu_plan_carrier(const struct menu_request *request, struct draft *draft);

/* --- for the adapters --- */

#define CHOICES_FILE "/etc/hostdev-hook/boot-choices"

/* Adds CHOICES_FILE with its directory: what each entry of the menu reserves. */
void menu_add_choices(const struct menu_request *request, struct draft *draft);
