// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hostdevctl check GUEST: how its devices stand, and what the planner, which is the hook's own,
 * would say to a start.
 */
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "hostdevctl/check/check.h"
#include "model/planner.h"
#include "parsers/libvirt/qemu.h"
#include "parsers/pci/names.h"
#include "parsers/situation.h"
#include "state/journals.h"

/* One look at a guest. */
struct guest_look {
	struct check *check;
	const struct guest *guest;
	const struct situation *situation;
};

#define NAMED_MAX 3 /* devices, or programs, in one sentence */

/* --- its devices --- */

/* Of one group there is one thing to tell, however many of its devices the guest names. */
static bool is_first_of_group(const struct guest_look *look, const struct device *device)
{
	for (size_t i = 0; i < look->guest->hostdev_count; i++) {
		const struct device *other =
			snapshot_device(&look->situation->snapshot, &look->guest->hostdevs[i].addr);

		if (other && other->group == device->group)
			return other == device;
	}
	return true;
}

static void check_mates(const struct guest_look *look, const struct device *device)
{
	const struct snapshot *snapshot = &look->situation->snapshot;
	const struct group *group = snapshot_group(snapshot, device->group);
	auto_text struct text mates = TEXT_INIT;
	size_t count = 0;

	for (size_t i = 0; group && i < group->member_count; i++) {
		const struct device *mate = snapshot_device(snapshot, &group->members[i]);

		/* Bridges stay with the host. */
		if (guest_hostdev(look->guest, &group->members[i]) || !mate || mate->is_bridge ||
		    device_is_chipset_bridge(mate))
			continue;
		if (count++ < NAMED_MAX)
			text_printf(&mates, "%s%s", count > 1 ? ", " : "", LABEL(mate));
	}
	if (count > NAMED_MAX)
		text_printf(&mates, " and %zu more", count - NAMED_MAX);
	if (count > 0)
		check_note(look->check, FIND_GUEST_DEVICE_MATES, ADDR(&device->addr),
			   "shares IOMMU group %d with %s, which %s does not name: the host cannot "
			   "use what is in that group while the guest runs",
			   device->group, mates.data, look->guest->name);
}

static void check_holders(const struct guest_look *look, const struct device *device)
{
	const struct snapshot *snapshot = &look->situation->snapshot;
	auto_text struct text who = TEXT_INIT;
	size_t count = 0;

	for (size_t i = 0; i < snapshot->holder_count; i++) {
		if (!snapshot_holds(snapshot, &snapshot->holders[i], &device->addr) ||
		    count++ >= NAMED_MAX)
			continue;
		text_printf(&who, "%s", count > 1 ? ", " : "");
		holder_format_short(&snapshot->holders[i], &who);
	}
	if (count > NAMED_MAX)
		text_printf(&who, " and %zu more", count - NAMED_MAX);
	if (count > 0)
		check_note(look->check, FIND_GUEST_DEVICE_HELD, ADDR(&device->addr),
			   "is in use by %s; hostdevctl holders tells what a start would do about "
			   "that",
			   who.data);
}

static void check_pin(const struct guest_look *look, const struct device *device,
		      const struct pin *pin)
{
	auto_text struct text was = TEXT_INIT;

	pin_format(pin, &was);
	check_problem(look->check, FIND_GUEST_DEVICE_OTHER, ADDR(&device->addr),
		      "%s is at this address now, and was not when the guest first got it (%s): if "
		      "this device is meant, run hostdevctl repin %s",
		      LABEL(device), was.data, look->guest->name);
}

static void check_missing(const struct guest_look *look, const struct pci_addr *addr)
{
	const struct absence *absence = snapshot_absence(&look->situation->snapshot, addr);

	if (absence)
		check_problem(look->check, FIND_GUEST_DEVICE_MISSING, ADDR(addr), "%s. %s",
			      absence->evidence, absence->advice);
	else
		check_problem(look->check, FIND_GUEST_DEVICE_MISSING, ADDR(addr),
			      "there is no such device on this host: correct the address in the "
			      "guest (lspci -D lists them)");
}

static void check_device(const struct guest_look *look, const struct pci_addr *addr)
{
	const struct snapshot *snapshot = &look->situation->snapshot;
	const struct device *device = snapshot_device(snapshot, addr);
	const struct pin *pin = pins_find(&snapshot->pins, addr);

	if (!device) {
		check_missing(look, addr);
		return;
	}
	check_ok(look->check, FIND_GUEST_DEVICE, ADDR(addr), "%s: driver %s, IOMMU group %d, %s",
		 LABEL(device), *device->bound.driver ? device->bound.driver : "none",
		 device->group,
		 !pin                       ? "never lent to this guest"
		 : pin_matches(pin, device) ? "the same as when it was first lent"
					    : "another one than was first lent");
	if (pin && !pin_matches(pin, device))
		check_pin(look, device, pin);
	if (is_first_of_group(look, device))
		check_mates(look, device);
	check_holders(look, device);
}

static void check_devices(const struct guest_look *look)
{
	const struct guest *guest = look->guest;

	for (size_t i = 0; i < guest->hostdev_count; i++)
		if (guest_hostdev(guest, &guest->hostdevs[i].addr) == &guest->hostdevs[i])
			check_device(look, &guest->hostdevs[i].addr);
}

/* --- a start --- */

static void check_start(const struct guest_look *look)
{
	const char *name = look->guest->name;
	auto_text struct text reason = TEXT_INIT;
	auto_plan struct plan plan = {0};

	planner_lend(look->guest, &look->situation->snapshot, &look->situation->policy, &plan);
	if (plan.refusal_count == 0) {
		check_ok(look->check, FIND_GUEST_STARTS, name,
			 "would start; hostdevctl plan tells what happens to which device and "
			 "program");
		return;
	}
	refusal_format(&plan.refusals[0], name, &look->situation->snapshot, &reason);
	text_join_lines(reason.data);
	reason.length = strlen(reason.data);
	if (plan.refusal_count > 1)
		text_printf(&reason, " (%zu more reason%s: hostdevctl plan tells all)",
			    plan.refusal_count - 1, plan.refusal_count == 2 ? "" : "s");
	check_problem(look->check, FIND_GUEST_REFUSED, name, "would not start: %s", reason.data);
}

static bool runs(const struct guest_look *look, struct qemu *ret)
{
	return *look->guest->uuid &&
	       qemu_find(look->check->host, look->guest->uuid, ret, NULL) == 0 &&
	       ret->life == QEMU_ALIVE;
}

static void guest_look_at(const struct guest_look *look)
{
	const struct guest *guest = look->guest;
	struct qemu qemu = {0};

	if (guest->hostdev_count == 0) {
		check_ok(look->check, FIND_GUEST_NO_DEVICE, guest->name,
			 "names no PCI device of this host: the hook does nothing for it");
		return;
	}
	if (runs(look, &qemu)) {
		check_ok(look->check, FIND_GUEST_RUNS, guest->name,
			 "runs (process %d): what would stand in the way of a start can be told "
			 "when it has stopped",
			 (int)qemu.pid);
		return;
	}
	if (journals_is_lent(look->check->host, guest->uuid)) {
		check_ok(look->check, FIND_GUEST_RUNS, guest->name, "is lent its devices");
		return;
	}
	check_devices(look);
	check_start(look);
	check_guest_host(look->check, guest);
}

int check_guest(struct check *check, const struct guest *guest, struct error *err)
{
	cleanup(situation_done) struct situation situation = {0};
	struct guest_look look = {.check = check, .guest = guest, .situation = &situation};
	int ret = situation_read(check->host, guest, &situation, err);

	if (ret < 0)
		return ret;
	names_fill(&situation.snapshot);
	guest_look_at(&look);
	check_ignore(check, &situation.policy);
	return 0;
}
