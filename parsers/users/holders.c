// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From devices to the processes that use them: what each room found out, put together as the
 * planner wants it. Asks nothing of the machine itself.
 */
#include "parsers/users/holders.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "parsers/users/greeter.h"
#include "parsers/users/identity.h"
#include "parsers/users/mediated.h"
#include "parsers/users/starters.h"
#include "parsers/users/units.h"
#include "scan/carried.h"
#include "scan/nodes.h"
#include "scan/processes.h"

static int read_nodes(const struct host *host, struct snapshot *snapshot, struct error *err)
{
	struct mediated *mediated = NULL;
	size_t mediated_count = 0;
	int ret = 0;

	/* What is behind a volume management device has its nodes as that device's. */
	for (size_t i = 0; ret == 0 && i < snapshot->device_count; i++)
		if (!snapshot->devices[i].is_behind && !snapshot->devices[i].is_bare)
			ret = nodes_read_mediated(host, &snapshot->devices[i].addr,
						  &snapshot->nodes, &snapshot->node_count,
						  &mediated, &mediated_count, err);
	if (ret == 0)
		ret = carried_nodes(host, snapshot->carried, snapshot->carried_count,
				    &snapshot->nodes, &snapshot->node_count, err);
	mediated_add(snapshot, mediated, mediated_count);
	mediated_free(&mediated, &mediated_count);
	return ret;
}

static void add_unreadable(struct snapshot *snapshot, pid_t pid, const char *why)
{
	struct unreadable unreadable = {.pid = pid, .why = xstrdup(why)};

	array_push(snapshot->unreadables, snapshot->unreadable_count, unreadable);
}

/* The hits are sorted by process: takes those of the first one, and tells how many they are. */
static size_t take_hits(const struct scan_hit *hits, size_t count, struct holder *ret)
{
	struct holder holder = {.pid = hits[0].pid, .start_time = hits[0].start_time};
	size_t taken;

	for (taken = 0; taken < count && hits[taken].pid == holder.pid &&
			hits[taken].start_time == holder.start_time;
	     taken++) {
		struct hold hold = {.node = hits[taken].node, .how = hits[taken].how};

		array_push(holder.holds, holder.hold_count, hold);
	}
	*ret = holder;
	return taken;
}

static void add_holder(struct identities *identities, struct holder *holder,
		       struct snapshot *snapshot)
{
	struct error err = ERROR_INIT;
	int ret = identity_read(identities, holder, &err);

	if (ret == -ESRCH) {
		holder_done(holder);
		return;
	}
	/* Nobody may end what nobody knows. */
	if (ret < 0) {
		holder->role = HOLDER_PROTECTED;
		add_unreadable(snapshot, holder->pid, err.text);
	}
	array_push(snapshot->holders, snapshot->holder_count, *holder);
}

static bool holds_node(const struct holder *holder, size_t node)
{
	for (size_t i = 0; i < holder->hold_count; i++)
		if (holder->holds[i].node == node)
			return true;
	return false;
}

/* Does logind keep this card for a session? */
static bool is_kept_card(const struct snapshot *snapshot, size_t node)
{
	if (!text_equal(snapshot->nodes[node].subsystem, "drm") ||
	    !text_starts(snapshot->nodes[node].name, "dri/card"))
		return false;
	for (size_t i = 0; i < snapshot->holder_count; i++)
		if (snapshot->holders[i].role == HOLDER_LOGIND &&
		    holds_node(&snapshot->holders[i], node))
			return true;
	return false;
}

/*
 * A compositor that no list knows gives itself away: it shares a card, not only its render node,
 * with logind, which opened it for the session on the screen.
 */
static void find_unknown_compositors(struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->holder_count; i++) {
		struct holder *holder = &snapshot->holders[i];
		bool is_session = holder->session_active && (holder->role == HOLDER_PROCESS ||
							     holder->role == HOLDER_USER_SERVICE);

		for (size_t h = 0; is_session && h < holder->hold_count; h++)
			if (is_kept_card(snapshot, holder->holds[h].node))
				holder->role = HOLDER_DISPLAY;
	}
}

static void add_holders(const struct host *host, const struct scan *scan, struct snapshot *snapshot)
{
	cleanup(identities_done) struct identities identities = {0};
	size_t at = 0;

	if (scan->hit_count == 0)
		return;
	identities_read(host, snapshot, &identities);
	while (at < scan->hit_count) {
		struct holder holder;

		at += take_hits(scan->hits + at, scan->hit_count - at, &holder);
		add_holder(&identities, &holder, snapshot);
	}
	find_unknown_compositors(snapshot);
}

int holders_read(const struct host *host, struct snapshot *snapshot, struct error *err)
{
	auto_scan struct scan scan = {0};
	int ret = read_nodes(host, snapshot, err);

	if (ret == 0)
		ret = processes_scan(host, snapshot->nodes, snapshot->node_count, &scan, err);
	if (ret < 0) {
		if (err)
			error_wrap(err, "look for who uses the devices");
		return ret;
	}
	for (size_t i = 0; i < scan.gap_count; i++)
		add_unreadable(snapshot, scan.gaps[i].pid, strerror(scan.gaps[i].code));
	add_holders(host, &scan, snapshot);
	starters_read(host, snapshot);
	units_read(host, snapshot);
	greeters_read(host, snapshot);
	return 0;
}
