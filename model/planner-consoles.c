// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which consoles and framebuffers must let go of the taken devices: those that lie on them and
 * nowhere else. Tests: unit/test-planner-uses.c, model/test-survey.c.
 */
#include "base/cleanup.h"
#include "model/planner-internal.h"

/* Vfio-pci evicts the firmware's framebuffer from a VGA device by itself. */
static bool is_evicted(const struct framebuffer *framebuffer, const struct device *device)
{
	return framebuffer->platform && device->class_code >> 8 == 0x0300;
}

/* The taken device it lies on, or NULL. */
static const struct device *framebuffer_taken(const struct planner *planner,
					      const struct framebuffer *framebuffer)
{
	const struct device *device =
		framebuffer->has_addr ? snapshot_device(planner->snapshot, &framebuffer->addr)
				      : NULL;

	return device && planner_loses(planner, device) ? device : NULL;
}

/* Only where no framebuffer is left for it does the console's driver have to let go. */
static bool takes_all_framebuffers(const struct planner *planner)
{
	const struct snapshot *snapshot = planner->snapshot;
	bool any = false;

	for (size_t i = 0; i < snapshot->framebuffer_count; i++) {
		const struct framebuffer *framebuffer = &snapshot->framebuffers[i];

		if (!framebuffer->has_fb ||
		    planner_is_elsewhere(planner, framebuffer->has_addr, &framebuffer->addr))
			continue;
		if (!framebuffer_taken(planner, framebuffer))
			return false;
		any = true;
	}
	return any;
}

/*
 * What vfio-pci evicts of the firmware's comes back at no return: its memory has another owner
 * then, and the kernel sets it up at boot only.
 */
static bool comes_back(const struct planner *planner)
{
	const struct snapshot *snapshot = planner->snapshot;

	for (size_t i = 0; i < snapshot->framebuffer_count; i++) {
		const struct framebuffer *framebuffer = &snapshot->framebuffers[i];
		const struct device *device = framebuffer_taken(planner, framebuffer);

		if (device && framebuffer->has_fb && !is_evicted(framebuffer, device))
			return true;
	}
	return false;
}

static void add_vtconsole_steps(struct planner *planner)
{
	const struct snapshot *snapshot = planner->snapshot;

	if (!takes_all_framebuffers(planner))
		return;
	for (size_t i = 0; i < snapshot->vtconsole_count; i++)
		if (snapshot->vtconsoles[i].framebuffer && snapshot->vtconsoles[i].bound)
			planner_add_step(planner, STEP_VTCONSOLE, snapshot->vtconsoles[i].name,
					 "bound", "unbound",
					 comes_back(planner) ? PLAN_CONSOLE_IS_BACK
							     : PLAN_CONSOLE_IS_GONE);
}

/* Where it is not evicted it stays, and the guest cannot map the memory below it. */
static void add_framebuffer_step(struct planner *planner, const struct framebuffer *framebuffer,
				 const struct device *device)
{
	auto_free char *why = NULL;

	if (!framebuffer->platform || !framebuffer->driver || is_evicted(framebuffer, device))
		return;
	why = xasprintf("the firmware's framebuffer lies on %s", ADDR(&device->addr));
	planner_add_step(planner, STEP_FRAMEBUFFER, framebuffer->platform, framebuffer->driver,
			 "none", why);
}

void planner_add_console_steps(struct planner *planner)
{
	const struct snapshot *snapshot = planner->snapshot;

	add_vtconsole_steps(planner);
	for (size_t i = 0; i < snapshot->framebuffer_count; i++) {
		const struct device *device =
			framebuffer_taken(planner, &snapshot->framebuffers[i]);

		if (device)
			add_framebuffer_step(planner, &snapshot->framebuffers[i], device);
	}
}
