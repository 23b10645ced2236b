// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the host itself needs a taken device for, and what stands at its address: reasons to refuse
 * that no process has a part in.
 */
#include "base/cleanup.h"
#include "model/planning.h"

static void refuse_use(struct planner *planner, const struct device *device, enum use_kind kind,
		       char *evidence)
{
	struct refusal refusal = {
		.kind = REFUSAL_USE, .addr = device->addr, .use = kind, .evidence = evidence};

	plan_add_refusal(planner->plan, &refusal);
}

static bool is_lifted(const struct planner *planner, const struct device *device,
		      enum use_kind kind)
{
	struct device_policy policy = planner_policy(planner, device);

	if (kind == USE_CONSOLE && policy.display != DISPLAY_REFUSE)
		return true;
	return use_allow_name(kind) && (policy.allow & 1u << kind);
}

/* Is "how" a state ("mounted on /srv") and not a sentence's verb ("carries a login")? */
static bool is_state(enum use_kind kind)
{
	return kind <= USE_EXPORTED;
}

static void check_use(struct planner *planner, const struct device *device, const struct use *use)
{
	auto_free char *text = NULL;

	if (!pci_addr_equal(&use->addr, &device->addr) || is_lifted(planner, device, use->kind))
		return;
	if (use->kind == USE_DEFAULT_ROUTE && !planner_is_cut_off(planner, use))
		return;
	text = xasprintf("%s%s%s%s", use->what ? use->what : "", use->what && use->how ? " " : "",
			 is_state(use->kind) ? "is " : "", use->how ? use->how : "");
	refuse_use(planner, device, use->kind, text_escape(text));
}

static bool draws_console(const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->vtconsole_count; i++)
		if (snapshot->vtconsoles[i].framebuffer && snapshot->vtconsoles[i].bound)
			return true;
	return false;
}

/* Consoles go to the framebuffer with the lowest number unless somebody moved them. */
const struct framebuffer *planner_console_on(const struct planner *planner,
					     const struct device *device)
{
	const struct snapshot *snapshot = planner->snapshot;
	const struct framebuffer *first = NULL;

	if (!draws_console(snapshot))
		return NULL;
	for (size_t i = 0; i < snapshot->framebuffer_count; i++) {
		const struct framebuffer *next = &snapshot->framebuffers[i];

		if (next->has_fb && !planner_is_elsewhere(planner, next->has_addr, &next->addr) &&
		    (!first || next->number < first->number))
			first = next;
	}
	return first && first->has_addr && pci_addr_equal(&first->addr, &device->addr) ? first
										       : NULL;
}

static void check_console(struct planner *planner, const struct device *device)
{
	const struct framebuffer *framebuffer = planner_console_on(planner, device);

	if (framebuffer && !is_lifted(planner, device, USE_CONSOLE))
		refuse_use(planner, device, USE_CONSOLE,
			   xasprintf("fb%u shows the kernel's console", framebuffer->number));
}

static const struct taken *taken_at(const struct planner *planner, const struct pci_addr *addr)
{
	for (size_t i = 0; i < planner->taken_count; i++)
		if (pci_addr_equal(&planner->taken[i].device->addr, addr))
			return &planner->taken[i];
	return NULL;
}

/* Is there a keyboard, and are all of them behind devices that are taken? */
static bool takes_all_keyboards(const struct planner *planner)
{
	const struct snapshot *snapshot = planner->snapshot;
	bool any = false;

	for (size_t i = 0; i < snapshot->keyboard_count; i++) {
		const struct keyboard *keyboard = &snapshot->keyboards[i];

		if (planner_is_elsewhere(planner, keyboard->has_addr, &keyboard->addr))
			continue;
		if (!keyboard->has_addr || !taken_at(planner, &keyboard->addr))
			return false;
		any = true;
	}
	return any;
}

static char *plugged_in(const char *name)
{
	auto_free char *safe = text_escape(name);

	return xasprintf("\"%s\" is plugged in there", safe);
}

static void check_keyboards(struct planner *planner)
{
	const struct snapshot *snapshot = planner->snapshot;

	if (!takes_all_keyboards(planner))
		return;
	for (size_t i = 0; i < snapshot->keyboard_count; i++) {
		const struct keyboard *keyboard = &snapshot->keyboards[i];
		const struct taken *taken = taken_at(planner, &keyboard->addr);

		if (taken && !is_lifted(planner, taken->device, USE_KEYBOARD))
			refuse_use(planner, taken->device, USE_KEYBOARD,
				   plugged_in(keyboard->name));
	}
}

void planner_check_uses(struct planner *planner)
{
	for (size_t i = 0; i < planner->taken_count; i++) {
		const struct device *device = planner->taken[i].device;

		for (size_t u = 0; u < planner->snapshot->use_count; u++)
			check_use(planner, device, &planner->snapshot->uses[u]);
		check_console(planner, device);
	}
	check_keyboards(planner);
}

static void check_pin(struct planner *planner, const struct device *device, const struct pin *pin)
{
	struct refusal refusal = {.kind = REFUSAL_IDENTITY, .addr = device->addr};
	struct text text = TEXT_INIT;
	struct pin now;

	if (!pci_addr_equal(&pin->addr, &device->addr) || pin_matches(pin, device))
		return;
	pin_of_device(device, &now);
	text_printf(&text, "it was ");
	pin_format(pin, &text);
	text_printf(&text, " and is ");
	pin_format(&now, &text);
	refusal.evidence = text.data;
	plan_add_refusal(planner->plan, &refusal);
}

void planner_check_pins(struct planner *planner)
{
	for (size_t i = 0; i < planner->taken_count; i++)
		for (size_t p = 0; p < planner->snapshot->pin_count; p++)
			check_pin(planner, planner->taken[i].device, &planner->snapshot->pins[p]);
}
