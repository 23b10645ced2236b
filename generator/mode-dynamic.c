// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Nothing is reserved: what the hook needs of the boot, and what a guest's definition needs to have
 * the devices. Tests: unit/test-dynamic.c.
 */
#include <string.h>

#include "base/cleanup.h"
#include "generator/elements.h"
#include "generator/measured.h"
#include "generator/menu.h"
#include "generator/mode.h"
#include "generator/words.h"
#include "model/iommu.h"

static void print_devices(const struct reserved *reserved, bool as_qemu, struct draft *draft)
{
	const struct elements_wishes wishes = {.as_qemu = as_qemu, .bus = ELEMENTS_BUS};
	auto_elements struct elements elements = {0};
	struct error err = ERROR_INIT;

	if (elements_make(reserved->devices, reserved->count, &wishes, &elements, &err) < 0)
		draft_refuse(draft, "%s", err.text);
	for (size_t i = 0; i < elements.count; i++) {
		const struct element *element = &elements.items[i];

		if (!as_qemu)
			elements_add_comment(element->device, &draft->printed);
		text_printf(&draft->printed, "%s", element->text);
	}
}

/* Devices of the processor's own graphics have no group where the kernel leaves the IOMMU off for
 * them. */
static bool wants_igpu(const struct generate_facts *facts, const struct generate_wishes *wishes)
{
	const struct selection_list *list = &wishes->selection.include;

	for (size_t i = 0; i < list->addr_count; i++) {
		const struct device *device = snapshot_device(facts->snapshot, &list->addrs[i]);

		if (device && device->vendor == 0x8086 && device_is_graphics(device) &&
		    device->group == DEVICE_NO_GROUP)
			return true;
	}
	return false;
}

/* The word that switches the IOMMU on, NULL where none would; a note tells why. */
static const char *iommu_word(const struct generate_facts *facts,
			      const struct generate_wishes *wishes, struct draft *draft)
{
	const struct boot *boot = facts->boot;
	const struct iommu iommu = {
		.is_intel = boot->is_intel, .is_amd = boot->is_amd, .cmdline = boot->cmdline};
	auto_free char *advice = iommu_advice(&iommu);

	if (boot->iommu_on && !wants_igpu(facts, wishes)) {
		draft_note(draft, "the IOMMU is on: the hook needs nothing more of the boot");
		return NULL;
	}
	if (!boot->is_intel || iommu_switched_off(&iommu) ||
	    text_has_words(boot->cmdline, "intel_iommu=on")) {
		draft_advise(draft, "The IOMMU is off. %s", advice);
		return NULL;
	}
	draft_advise(draft, "Where the IOMMU is off after the next start as well, switch on VT-d "
			    "in the firmware setup (BIOS/UEFI).");
	return "intel_iommu=on";
}

/* Where the IOMMU is still off there are no groups: what is named is all that is known. */
static void add_without_groups(const struct selection *selection, struct reserved *reserved,
			       struct draft *draft)
{
	for (size_t i = 0; i < selection->snapshot->device_count; i++) {
		const struct device *device = &selection->snapshot->devices[i];

		if (device->group != DEVICE_NO_GROUP || !selection_names(selection, device))
			continue;
		reserved_add(reserved, device);
		draft_note(draft,
			   "%s is in no IOMMU group yet: which other devices go along with it is "
			   "known once the IOMMU is on",
			   LABEL(device));
	}
}

/* The number of a group is not known before there are groups. */
static void tell_none(const struct selection *selection, struct draft *draft)
{
	const struct selection_list *list = &selection->wishes->include;

	if (selection->snapshot->group_count == 0 && (list->range_count > 0 || list->all))
		draft_note(draft, "which devices that names is known once the IOMMU is on");
	else
		draft_refuse(draft,
			     "nothing is selected: %s. \"hostdevctl generate static\" alone says "
			     "what there is",
			     selection_why_none(selection));
}

void mode_dynamic(const struct generate_facts *facts, const struct generate_wishes *wishes,
		  struct selection *selection, struct draft *draft)
{
	auto_reserved struct reserved devices = {0};
	struct menu_request request = {.facts = facts, .wishes = wishes, .default_choice = -1};

	request.words = iommu_word(facts, wishes, draft);
	setup_add_choice(&draft->promise, xstrdup("dynamic"),
			 xstrdup(request.words ? request.words : ""));
	if (request.words) {
		measured_check(facts, wishes, draft);
		words_check(facts, request.words, draft);
		menu_plan(&request, draft);
	}
	for (size_t i = 0; i < selection->problem_count; i++)
		draft_refuse(draft, "%s", selection->problems[i]);
	reserved_of_selection(selection, &devices);
	add_without_groups(selection, &devices, draft);
	if (devices.count == 0 && draft->refusals.count == 0 &&
	    selection_wishes_any(&wishes->selection))
		tell_none(selection, draft);
	print_devices(&devices, wishes->as_qemu, draft);
}
