/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tests/host/check.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actions/execution-run.h"
#include "actions/step-ops.h"
#include "tests/host/lending.h"
#include "tests/host/tree.h"

/* A journal given as text, carried out on a made-up machine; what was told of it as lines. */
#define JOURNAL "run/hostdev-hook/" TEST_UUID ".journal"
#define HEAD                                                                                       \
	"hostdev-hook journal 1\nboot 0d9e2c1e-5b7a-4f0e-9d55-6a1f3c2b4e10\nguest win11\n"         \
	"uuid " TEST_UUID "\n"                                                                     \
	"limits unbind-time=10 bind-time=20 reset-time=75 release-time=10 script-time=60 "         \
	"total-time=240\n"
#define A "0000:01:00.0"
#define B "0000:02:00.0"

#define UNBIND(addr) "step driver " addr " e1000e -> none,override=vfio-pci # device of win11\n"
#define BIND(addr)                                                                                 \
	"step driver " addr " none,override=vfio-pci -> vfio-pci,override=vfio-pci # device of "   \
	"win11\n"
#define POWER(addr, after) "step power " addr " on,d3cold=1 -> " after ",d3cold=1 # awake\n"

struct world {
	struct testhost *host;
	struct text events;
	struct execution execution;
	bool open;
};

static inline int world_new(void **state, const char *machine)
{
	struct world *world = xcalloc(1, sizeof(*world));

	world->host = testhost_new(machine);
	text_append(&world->events, "", 0);
	*state = world;
	return 0;
}

static inline int world_end(void **state)
{
	struct world *world = *state;

	if (world->open)
		execution_done(&world->execution);
	testhost_free(&world->host);
	text_done(&world->events);
	free(world);
	return 0;
}

static inline void note_event(void *data, const struct step_event *event)
{
	static const char *const marks[] = {"planned", "begun",  "done",
					    "skipped", "undone", "in-flight"};

	text_printf(data, "%s%s %s %s%s%s\n", event->undo ? "undo " : "",
		    step_kind_name(event->step->kind), event->step->target, marks[event->mark],
		    event->note ? ": " : "", event->note ? event->note : "");
}

static inline void create(struct world *world, const char *steps)
{
	auto_free char *text = xasprintf("%s%s", HEAD, steps);
	auto_journal struct journal journal = {0};
	struct error err = ERROR_INIT;

	assert_ok(journal_parse(text, strlen(text), &journal, &err), &err);
	assert_ok(execution_create(&world->execution, &world->host->host, &journal, &err), &err);
	world->open = true;
	world->execution.report = note_event;
	world->execution.report_data = &world->events;
}

static inline void run_well(struct world *world)
{
	struct error err = ERROR_INIT;

	assert_ok(execution_run(&world->execution, &err), &err);
}

static inline void undo_well(struct world *world)
{
	struct error err = ERROR_INIT;

	assert_ok(execution_undo(&world->execution, &err), &err);
}

static inline void assert_journal(struct world *world, const char *steps, const char *marks)
{
	auto_free char *text = lending_journal(world->host);
	auto_free char *expected = xasprintf("%s%s%s", HEAD, steps, marks);

	assert_text(text, expected);
}

/* As where the kernel keeps a device's lock: who reads below it waits, too. */
static inline void block_reading(struct world *world, const char *addr)
{
	auto_free char *path = xasprintf("sys/bus/pci/devices/%s/driver_override", addr);

	assert_int_equal(unlinkat(world->host->root_fd, path, 0), 0);
	assert_int_equal(mkfifoat(world->host->root_fd, path, 0600), 0);
}
