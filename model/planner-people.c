// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What people lose with a device they sit at: the text they are logged in to, and the keyboard. A
 * text console with nobody on it is no loss: it goes dark, and comes back.
 * Tests: unit/test-planner-uses.c.
 */
#include "base/cleanup.h"
#include "base/text.h"
#include "model/keyboards.h"
#include "model/planner-internal.h"

/* --- text consoles --- */

static bool draws_console(const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->vtconsole_count; i++)
		if (snapshot->vtconsoles[i].framebuffer && snapshot->vtconsoles[i].bound)
			return true;
	return false;
}

/* Consoles go to the framebuffer with the lowest number unless somebody moved them. */
/* Do the text consoles show on this device? With evidence: its framebuffer. */
static const struct framebuffer *planner_console_on(const struct planner *planner,
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

/*
 * A session that began in text and shows a picture now (startx) holds the card for that, and is
 * judged as whoever holds it.
 */
static bool shows_picture(const struct planner *planner, const struct login *login,
			  const struct device *device)
{
	const struct snapshot *snapshot = planner->snapshot;
	struct device_policy policy = planner_policy(planner, device);

	for (size_t i = 0; login->session && i < snapshot->holder_count; i++) {
		const struct holder *holder = &snapshot->holders[i];

		if (holder->role == HOLDER_DISPLAY && text_equal(holder->session, login->session) &&
		    verdict_of(snapshot, holder, device, &policy).node)
			return true;
	}
	return false;
}

/*
 * A login holds nothing of the card. With "release" or "stop" it goes on where nobody sees it, and
 * is on the screen again when the console is.
 */
void planner_check_logins(struct planner *planner, const struct device *device)
{
	const struct snapshot *snapshot = planner->snapshot;

	if (!planner_console_on(planner, device) ||
	    planner_policy(planner, device).display != DISPLAY_REFUSE)
		return;
	for (size_t i = 0; i < snapshot->login_count; i++) {
		const struct login *login = &snapshot->logins[i];

		if (!shows_picture(planner, login, device))
			planner_refuse_use(planner, device, USE_LOGIN,
					   xasprintf("%s is logged in on its screen (%s)",
						     login->who, login->where));
	}
}

/* --- keyboards --- */

static const struct taken *taken_with(const struct planner *planner,
				      const struct keyboard *keyboard)
{
	return keyboard->has_addr ? planner_taken(planner, &keyboard->addr) : NULL;
}

static enum keyboard_fate fate_of(const void *data, const struct keyboard *keyboard)
{
	const struct planner *planner = data;

	if (planner_is_elsewhere(planner, keyboard->has_addr, &keyboard->addr))
		return KEYBOARD_ELSEWHERE;
	return taken_with(planner, keyboard) ? KEYBOARD_GOES : KEYBOARD_STAYS;
}

static char *plugged_in(const char *name)
{
	auto_free char *safe = text_escape(name);

	return xasprintf("\"%s\" is plugged in there", safe);
}

void planner_check_keyboards(struct planner *planner)
{
	const struct snapshot *snapshot = planner->snapshot;

	if (keyboards_lost(snapshot, fate_of, planner) == KEYBOARD_NEVER)
		return;
	for (size_t i = 0; i < snapshot->keyboard_count; i++) {
		const struct keyboard *keyboard = &snapshot->keyboards[i];
		const struct taken *taken = taken_with(planner, keyboard);

		if (taken && keyboard->grade != KEYBOARD_NEVER &&
		    !planner_lifts(planner, taken->device, USE_KEYBOARD))
			planner_refuse_use(planner, taken->device, USE_KEYBOARD,
					   plugged_in(keyboard->name));
	}
}
