/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/planner.h"
#include "model/verdict.h"

/*
 * What the parts of the planner share: the private header of planner.c and of the planner-*.c
 * beside it, and so in a circle with model/planner.h.
 */

/* A device that will belong to the guest. */
struct taken {
	const struct device *device;
	char driver[CELL_NAME_SIZE]; /* the VFIO driver it shall have */
	bool claim_only;             /* libvirt binds it: the plan has no step for it */
	bool left;                   /* a mate that stays as it is: nobody binds it */
	char *why;                   /* heap */
	/* The named device that it is tied to; NULL: the guest names it itself. */
	const struct device *tied_to;
	enum refusal_tie tie;
};

struct planner {
	const struct guest *guest;
	const struct snapshot *snapshot;
	const struct policy *policy;
	struct plan *plan;
	struct taken *taken;
	size_t taken_count;
};

/* The device at this address that will belong to the guest; NULL: none will. */
const struct taken *planner_taken(const struct planner *planner, const struct pci_addr *addr);

bool planner_has_taken(const struct planner *planner, const struct device *device);
/* The same without mates that stay as they are: does the host lose the device? */
bool planner_loses(const struct planner *planner, const struct device *device);

/* Does the device belong to another guest's run? Then the host does not have it any more, though
 * the snapshot may still show it. */
bool planner_is_elsewhere(const struct planner *planner, bool has_addr,
			  const struct pci_addr *addr);

/* mate and claim may be NULL. */
void planner_refuse(struct planner *planner, enum refusal_kind kind, const struct pci_addr *addr,
		    const struct device *mate, const struct claim *claim);

/* "nvme0n1p1 is mounted on /srv", escaped to be part of a line. Heap. */
char *planner_use_text(const struct use *use);

/* The last check: joins refusals that have the same cause. */
void planner_join_refusals(struct planner *planner);

/*
 * Has the guest's own QEMU some of the devices? Then this is the only refusal, as all others (it
 * "holds" them, they are on VFIO) would only be consequences. True: it has refused.
 */
bool planner_check_running(struct planner *planner);

/*
 * Is this default route the last one of its protocol? If another one stays, the function adds a
 * note to the plan.
 */
bool planner_is_cut_off(struct planner *planner, const struct use *use);

/* Each adds the refusals of its kind. */
void planner_check_iommufd(struct planner *planner);
void planner_check_carried(struct planner *planner);
void planner_check_pins(struct planner *planner);
void planner_check_uses(struct planner *planner);
void planner_check_holders(struct planner *planner);
void planner_check_logins(struct planner *planner, const struct device *device);
void planner_check_keyboards(struct planner *planner);

/* What is done about a holder of a taken device; the guest's own QEMU may keep its group. */
struct verdict planner_verdict(const struct planner *planner, const struct holder *holder,
			       const struct device *device);

/* Refuses for a use by the host; evidence: heap, taken over. Does the policy lift such a use? */
void planner_refuse_use(struct planner *planner, const struct device *device, enum use_kind kind,
			char *evidence);
bool planner_lifts(const struct planner *planner, const struct device *device, enum use_kind kind);

/* Adds a note for each device that the XML hands to QEMU and that is therefore not lent. */
void planner_note_qemu_devices(struct planner *planner);

/* Refuses for a mate that the guest does not name, or names only in words for QEMU. */
void planner_refuse_mate(struct planner *planner, const struct device *named,
			 const struct device *mate);

/* Refuses for a device that is not there, with what is known of its absence. */
void planner_refuse_missing(struct planner *planner, const struct pci_addr *addr);

/* Does the plan have steps for this device? Not if it has the wanted driver already. */
bool taken_needs_steps(const struct taken *taken);

/* The policy for this device. */
struct device_policy planner_policy(const struct planner *planner, const struct device *device);

/* Adds all steps in order; steps by which holders and consoles let go come first. */
void planner_add_steps(struct planner *planner);
void planner_add_release_steps(struct planner *planner);
/* Adds units that runs of other guests have stopped and that this guest needs stopped, too. */
void planner_add_joined_units(struct planner *planner);
void planner_add_console_steps(struct planner *planner);
/* Adds the gate right before drivers change: nobody holds the devices. */
void planner_add_gate_step(struct planner *planner);
void planner_add_step(struct planner *planner, enum step_kind kind, const char *target,
		      const char *before, const char *after, const char *why);
