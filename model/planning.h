/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/planner.h"
#include "model/verdict.h"

/*
 * What the parts of the planner share. Private to model/.
 */

/* A device that will belong to the guest. */
struct taken {
	const struct device *device;
	char driver[CELL_NAME_SIZE]; /* the VFIO driver it shall have */
	bool claim_only;             /* no step of ours */
	char *why;                   /* heap */
};

struct planner {
	const struct guest *guest;
	const struct snapshot *snapshot;
	const struct policy *policy;
	struct plan *plan;
	struct taken *taken;
	size_t taken_count;
};

bool planner_has_taken(const struct planner *planner, const struct device *device);

/* Does the device belong to another guest's run? Then the host does not have it any more, though
 * the snapshot may still show it. */
bool planner_is_elsewhere(const struct planner *planner, bool has_addr,
			  const struct pci_addr *addr);

/* mate and claim may be NULL. */
void planner_refuse(struct planner *planner, enum refusal_kind kind, const struct pci_addr *addr,
		    const struct device *mate, const struct claim *claim);

/*
 * Is this default route the last way out of its protocol? Where it goes and another one stays, the
 * plan gets a note of it.
 */
bool planner_is_cut_off(struct planner *planner, const struct use *use);

/* Each adds the refusals of its kind. */
void planner_check_pins(struct planner *planner);
void planner_check_uses(struct planner *planner);
void planner_check_holders(struct planner *planner);

/* Has this device anything to change? On the wanted driver already, it stays there for good. */
bool taken_needs_steps(const struct taken *taken);

/* The policy for it. */
struct device_policy planner_policy(const struct planner *planner, const struct device *device);

/* Does the kernel's console show on this device? With evidence: its framebuffer. */
const struct framebuffer *planner_console_on(const struct planner *planner,
					     const struct device *device);

/* All steps in order; those by which holders and consoles let go come first. */
void planner_add_steps(struct planner *planner);
void planner_add_release_steps(struct planner *planner);
/* Units that other guests' runs have stopped and this one needs stopped as well. */
void planner_add_joined_units(struct planner *planner);
void planner_add_console_steps(struct planner *planner);
/* The gate right before drivers change. */
void planner_add_gate_step(struct planner *planner);
void planner_add_step(struct planner *planner, enum step_kind kind, const char *target,
		      const char *before, const char *after, const char *why);
