// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A unit that is stopped for the guest's devices may hold other devices, which stay with the host:
 * which devices are these? The plan knows only the guest's devices, so this file looks at the rest.
 * Tests: answers/answers.bats, ctl/plan.bats.
 */
#include <string.h>

#include "base/cleanup.h"
#include "hostdevctl/answer/answer.h"
#include "parsers/pci/names.h"
#include "parsers/pci/survey.h"
#include "scan/nodes.h"
#include "scan/processes.h"

#define OTHERS_NAMED 3
#define NAME_SIZE 40

/* The host's devices, their nodes, and who has these open. */
struct other_devices {
	struct snapshot all;
	struct scan scan;
};

static void other_devices_done(struct other_devices *others)
{
	snapshot_done(&others->all);
	scan_done(&others->scan);
}

static int other_devices_read(const struct answer *answer, const struct host *host,
			      struct other_devices *ret)
{
	struct snapshot *all = &ret->all;
	int result = survey_read(host, all, NULL);

	for (size_t i = 0; result == 0 && i < all->device_count; i++)
		if (*all->devices[i].bound.driver && !answer_takes(answer, &all->devices[i].addr))
			result = nodes_read(host, &all->devices[i].addr, &all->nodes,
					    &all->node_count, NULL);
	if (result == 0)
		result = processes_scan(host, all->nodes, all->node_count, &ret->scan, NULL);
	return result;
}

/* Is this process a holder because of which the plan stops this unit? */
static bool is_in_unit(const struct answer *answer, const char *target, pid_t pid)
{
	for (size_t i = 0; i < answer->snapshot->holder_count; i++) {
		const struct holder *holder = &answer->snapshot->holders[i];
		auto_free char *unit = NULL;

		if (holder->pid != pid || !holder->unit)
			continue;
		unit = unit_target(holder->manager, holder->unit);
		if (strcmp(unit, target) == 0)
			return true;
	}
	return false;
}

static bool is_held(const struct answer *answer, const struct other_devices *others,
		    const char *target, const struct pci_addr *addr)
{
	for (size_t i = 0; i < others->scan.hit_count; i++) {
		const struct scan_hit *hit = &others->scan.hits[i];
		const struct node *node = &others->all.nodes[hit->node];

		if (!node->shared && !node_is_clock(node) && pci_addr_equal(&node->addr, addr) &&
		    is_in_unit(answer, target, hit->pid))
			return true;
	}
	return false;
}

/* "0000:50:00.0 (...), 0000:54:00.0 (...) and 4 more"; returns how many. */
static size_t list_others(const struct answer *answer, const struct other_devices *others,
			  const char *target, struct text *out)
{
	size_t count = 0;

	for (size_t i = 0; i < others->all.device_count; i++) {
		const struct device *device = &others->all.devices[i];

		if (!is_held(answer, others, target, &device->addr) || count++ >= OTHERS_NAMED)
			continue;
		text_printf(out, "%s%s", count > 1 ? ", " : "",
			    device_label_short(device, NAME_SIZE).text);
	}
	if (count > OTHERS_NAMED)
		text_printf(out, " and %zu more", count - OTHERS_NAMED);
	return count;
}

static void tell_unit(struct answer *answer, const struct other_devices *others,
		      const struct answer_unit *unit)
{
	auto_text struct text list = TEXT_INIT;

	if (list_others(answer, others, unit->target, &list) > 0)
		answer_lines_add(&answer->changes,
				 xasprintf("%s also serves devices that stay with the host, and "
					   "stops for these as well: %s.",
					   unit->name, list.data));
}

void answer_add_others(struct answer *answer, const struct host *host)
{
	cleanup(other_devices_done) struct other_devices others = {0};

	/* These sentences only accompany the plan: if the host cannot be read, they are left out.
	 */
	if (answer->unit_count == 0 || other_devices_read(answer, host, &others) < 0)
		return;
	names_fill(&others.all);
	for (size_t i = 0; i < answer->unit_count; i++)
		if (!answer->units[i].already)
			tell_unit(answer, &others, &answer->units[i]);
}
