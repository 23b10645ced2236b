// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whether a watchdog runs: somebody has it open, or the kernel says so. Its driver does not stop it
 * when it lets go of the device, and then nobody tells it any more that the host is alive.
 * Tests: unit/test-terminals.c, model/test-survey.c.
 */
#include "parsers/users/watchdogs.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

static const struct holder *find_holder(const struct snapshot *snapshot, size_t node)
{
	for (size_t i = 0; i < snapshot->holder_count; i++)
		for (size_t h = 0; h < snapshot->holders[i].hold_count; h++)
			if (snapshot->holders[i].holds[h].node == node)
				return &snapshot->holders[i];
	return NULL;
}

/*
 * Heap; NULL: it does not run. With "nowayout" one goes on after whoever had it open is gone, and
 * a kernel built without these attributes tells nobody.
 */
static char *why_it_runs(const struct host *host, const struct snapshot *snapshot, size_t index)
{
	const struct node *node = &snapshot->nodes[index];
	const struct holder *holder = find_holder(snapshot, index);
	char state[32];

	if (holder)
		return xasprintf("runs, kept by process %d (%s)", (int)holder->pid,
				 holder->command ? holder->command : "?");
	/* The old name is of one that has a new one, too. */
	if (strcmp(node->subsystem, "watchdog") != 0)
		return NULL;
	if (host_read(host, HOST_SYS, state, sizeof(state), NULL, "class/watchdog/%s/state",
		      node->name) < 0)
		return xstrdup("does not tell whether it runs");
	return strcmp(state, "inactive") == 0 ? NULL : xstrdup("runs");
}

/* One refusal for what has two nodes. */
static bool is_known(const struct snapshot *snapshot, const struct pci_addr *addr)
{
	for (size_t i = 0; i < snapshot->use_count; i++)
		if (snapshot->uses[i].kind == USE_WATCHDOG &&
		    pci_addr_equal(&snapshot->uses[i].addr, addr))
			return true;
	return false;
}

/* held: only those that somebody has open, who is the better evidence. */
static void add_watchdogs(const struct host *host, struct snapshot *snapshot, bool held)
{
	for (size_t i = 0; i < snapshot->node_count; i++) {
		const struct node *node = &snapshot->nodes[i];
		char *why;

		if (!node_is_watchdog(node) || node->shared || is_known(snapshot, &node->addr) ||
		    (held && !find_holder(snapshot, i)))
			continue;
		why = why_it_runs(host, snapshot, i);
		if (why)
			snapshot_add_use(snapshot, USE_WATCHDOG, &node->addr,
					 xasprintf("/dev/%s", node->name), why);
	}
}

/* --- without a node of their own --- */

/*
 * Modules of PCI watchdogs, and drivers that are called otherwise where they are built in. Some do
 * not tell the kernel of which device their watchdog is (i6300esb), so that its node hangs below
 * none.
 */
static const char *const modules[] = {"hpwdt",    "i6300esb", "i6300ESB timer",
				      "pcwd_pci", "via_wdt",  "wdt_pci"};

/* Drivers are not always called like their modules ("i6300ESB timer"). */
static const char *module_of(const struct device *device)
{
	return *device->bound.module ? device->bound.module : device->bound.driver;
}

static bool drives_watchdog(const struct device *device)
{
	for (size_t i = 0; i < sizeof(modules) / sizeof(modules[0]); i++)
		if (module_name_equal(module_of(device), modules[i]))
			return true;
	return false;
}

static bool has_node(const struct snapshot *snapshot, const struct pci_addr *addr)
{
	for (size_t i = 0; i < snapshot->node_count; i++)
		if (node_is_watchdog(&snapshot->nodes[i]) &&
		    pci_addr_equal(&snapshot->nodes[i].addr, addr))
			return true;
	return false;
}

/*
 * The driver's module is in use while a program has the watchdog open, and with newer kernels as
 * long as it runs. With older ones the driver stops one whose program was killed when it lets go.
 */
static void add_nodeless(const struct host *host, struct snapshot *snapshot,
			 const struct device *device)
{
	char users[32];
	const char *how = "runs";

	if (host_read(host, HOST_SYS, users, sizeof(users), NULL, "module/%s/refcnt",
		      module_of(device)) < 0)
		how = "does not tell whether it runs";
	else if (strcmp(users, "0") == 0)
		return;
	snapshot_add_use(snapshot, USE_WATCHDOG, &device->addr, xstrdup("its watchdog"),
			 xstrdup(how));
}

void watchdogs_read(const struct host *host, struct snapshot *snapshot)
{
	add_watchdogs(host, snapshot, true);
	add_watchdogs(host, snapshot, false);
	for (size_t i = 0; i < snapshot->device_count; i++)
		if (drives_watchdog(&snapshot->devices[i]) &&
		    !has_node(snapshot, &snapshot->devices[i].addr))
			add_nodeless(host, snapshot, &snapshot->devices[i]);
}
