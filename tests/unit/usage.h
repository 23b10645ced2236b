/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <string.h>

#include "model/planner.h"
#include "parsers/pci/pci.h"
#include "tests/host/check.h"
#include "tests/host/lending.h"

/*
 * A snapshot of a made-up machine, to which a test adds who uses its devices by hand: what the
 * planner makes of users is tested without those who find them.
 */
struct usage {
	struct testhost *host;
	struct guest guest;
	struct snapshot snapshot;
	struct policy policy;
	struct plan plan;
};

static inline void usage_open(struct usage *usage, const char *host, const char *guest)
{
	struct error err = ERROR_INIT;

	*usage = (struct usage){
		.host = testhost_new(host), .guest = guest_make(guest), .policy = POLICY_INIT};
	assert_ok(pci_snapshot(&usage->host->host, &usage->guest, &usage->snapshot, &err), &err);
}

static inline void usage_done(struct usage *usage)
{
	plan_done(&usage->plan);
	policy_done(&usage->policy);
	snapshot_done(&usage->snapshot);
	guest_done(&usage->guest);
	testhost_free(&usage->host);
}

#define auto_usage cleanup(usage_done)

static inline struct pci_addr usage_addr(const char *text)
{
	struct pci_addr addr;

	assert_true(pci_addr_parse(text, &addr));
	return addr;
}

/* Returns the node's index. */
static inline size_t usage_node(struct usage *usage, const char *addr, const char *subsystem,
				const char *name)
{
	struct snapshot *snapshot = &usage->snapshot;
	size_t count = snapshot->node_count;

	snapshot->nodes = array_grow(snapshot->nodes, count, sizeof(*snapshot->nodes));
	snapshot->nodes[count] = (struct node){.addr = usage_addr(addr),
					       .major = 240,
					       .minor = (unsigned int)count,
					       .subsystem = xstrdup(subsystem),
					       .name = xstrdup(name)};
	snapshot->node_count++;
	return count;
}

static inline struct holder *usage_holder(struct usage *usage, int pid, enum holder_role role,
					  const char *command, size_t node)
{
	struct snapshot *snapshot = &usage->snapshot;
	struct holder *holder;

	snapshot->holders =
		array_grow(snapshot->holders, snapshot->holder_count, sizeof(*snapshot->holders));
	holder = &snapshot->holders[snapshot->holder_count++];
	*holder = (struct holder){.pid = pid,
				  .start_time = 5000,
				  .role = role,
				  .command = xstrdup(command),
				  .holds = array_grow(NULL, 0, sizeof(*holder->holds)),
				  .hold_count = 1};
	holder->holds[0] = (struct hold){.node = node};
	return holder;
}

static inline void usage_hold(struct holder *holder, size_t node)
{
	array_push(holder->holds, holder->hold_count, (struct hold){.node = node});
}

/* with: one unit that goes along, or NULL. */
static inline void usage_unit(struct usage *usage, const char *name, bool active, bool can_stop,
			      const char *with)
{
	struct snapshot *snapshot = &usage->snapshot;
	struct unit *unit;

	snapshot->units =
		array_grow(snapshot->units, snapshot->unit_count, sizeof(*snapshot->units));
	unit = &snapshot->units[snapshot->unit_count++];
	*unit = (struct unit){.name = xstrdup(name),
			      .active = active,
			      .can_stop = can_stop,
			      .note = can_stop ? NULL : xstrdup("it refuses to be stopped by hand"),
			      .stops_with = xcalloc(2, sizeof(*unit->stops_with))};
	unit->stops_with[0] = xstrdup(with);
}

static inline void usage_udev(struct usage *usage, const char *addr, const char *id,
			      const char *subsystem)
{
	struct snapshot *snapshot = &usage->snapshot;
	size_t count = snapshot->udev_device_count;

	snapshot->udev_devices =
		array_grow(snapshot->udev_devices, count, sizeof(*snapshot->udev_devices));
	snapshot->udev_devices[count] = (struct udev_device){
		.addr = usage_addr(addr), .id = xstrdup(id), .subsystem = xstrdup(subsystem)};
	snapshot->udev_device_count++;
}

/* addr NULL: on no PCI device. */
static inline void usage_framebuffer(struct usage *usage, unsigned int number, const char *addr,
				     const char *platform)
{
	struct snapshot *snapshot = &usage->snapshot;
	size_t count = snapshot->framebuffer_count;
	struct framebuffer framebuffer = {.number = number,
					  .name = xstrdup("fb"),
					  .platform = xstrdup(platform),
					  .driver = platform ? xstrdup("efi-framebuffer") : NULL,
					  .has_fb = true,
					  .has_addr = addr != NULL};

	if (addr)
		framebuffer.addr = usage_addr(addr);
	snapshot->framebuffers =
		array_grow(snapshot->framebuffers, count, sizeof(*snapshot->framebuffers));
	snapshot->framebuffers[count] = framebuffer;
	snapshot->framebuffer_count++;
}

static inline void usage_vtconsole(struct usage *usage, const char *name, bool framebuffer,
				   bool bound)
{
	struct snapshot *snapshot = &usage->snapshot;
	size_t count = snapshot->vtconsole_count;

	snapshot->vtconsoles =
		array_grow(snapshot->vtconsoles, count, sizeof(*snapshot->vtconsoles));
	snapshot->vtconsoles[count] = (struct vtconsole){
		.name = xstrdup(name), .framebuffer = framebuffer, .bound = bound};
	snapshot->vtconsole_count++;
}

static inline void usage_keyboard(struct usage *usage, const char *name, const char *addr)
{
	struct snapshot *snapshot = &usage->snapshot;
	size_t count = snapshot->keyboard_count;
	struct keyboard keyboard = {
		.name = xstrdup(name), .grade = KEYBOARD_SURE, .has_addr = addr != NULL};

	if (addr)
		keyboard.addr = usage_addr(addr);
	snapshot->keyboards = array_grow(snapshot->keyboards, count, sizeof(*snapshot->keyboards));
	snapshot->keyboards[count] = keyboard;
	snapshot->keyboard_count++;
}

/* Plans, and compares the steps, or the refusals, a line each, with expected. */
static inline void usage_check(struct usage *usage, const char *expected)
{
	auto_text struct text text = TEXT_INIT;

	plan_done(&usage->plan);
	planner_lend(&usage->guest, &usage->snapshot, &usage->policy, &usage->plan);
	text_append(&text, "", 0);
	for (size_t i = 0; i < usage->plan.refusal_count; i++)
		refusal_format(&usage->plan.refusals[i], "win11", &usage->snapshot, &text);
	plan_format(&usage->plan, true, &text);
	assert_text(text.data, expected);
}

/* The same for the steps before the module's, power's and the drivers' alone. */
static inline void usage_check_release(struct usage *usage, const char *expected)
{
	auto_text struct text text = TEXT_INIT;

	plan_done(&usage->plan);
	planner_lend(&usage->guest, &usage->snapshot, &usage->policy, &usage->plan);
	assert_int_equal(usage->plan.refusal_count, 0);
	text_append(&text, "", 0);
	for (size_t i = 0; i < usage->plan.step_count; i++) {
		const struct step *step = &usage->plan.steps[i];

		if (step->kind == STEP_DRIVER || step->kind == STEP_POWER ||
		    step->kind == STEP_MODULE ||
		    (step->kind == STEP_HOLDERS && !strstr(expected, "holders")))
			continue;
		text_printf(&text, "%s %s %s -> %s\n", step_kind_name(step->kind), step->target,
			    step->before, step->after);
	}
	assert_text(text.data, expected);
}

/* One refusal or more, of which the first holds all of these parts. */
static inline void usage_refused(struct usage *usage, const char *const *parts, size_t count)
{
	auto_text struct text text = TEXT_INIT;

	plan_done(&usage->plan);
	planner_lend(&usage->guest, &usage->snapshot, &usage->policy, &usage->plan);
	if (usage->plan.refusal_count == 0)
		fail_msg("nothing was refused");
	assert_int_equal(usage->plan.step_count, 0);
	plan_format_refusals(&usage->plan, "win11", &usage->snapshot, &text);
	assert_contains(text.data, "\nNothing was changed.\n");
	for (size_t i = 0; i < count; i++)
		assert_contains(text.data, parts[i]);
}

#define usage_check_refused(usage, ...)                                                            \
	usage_refused(usage, (const char *const[]){__VA_ARGS__},                                   \
		      sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))
