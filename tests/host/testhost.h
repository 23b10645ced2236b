/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/cleanup.h"
#include "base/host.h"
#include "base/text.h"
#include "tests/host/machine.h"

/*
 * A made-up machine: a temporary tree that looks like sys, proc, run, etc and lib/modules of the
 * host text (machine.h), and a struct host whose operations answer as the kernel would.
 */

enum fault_kind {
	FAULT_NONE,
	FAULT_FAIL,        /* the operation fails with code, nothing changes */
	FAULT_DIE_BEFORE,  /* the hook process and its workers die, nothing changes */
	FAULT_DIE_AFTER,   /* they die once the change is made */
	FAULT_ORPHAN,      /* the hook process dies, its workers finish what they are at */
	FAULT_HANG,        /* does not return until testhost_release, then takes effect */
	FAULT_HANG_AFTER,  /* takes effect, then does not return until testhost_release */
	FAULT_VANISH,      /* the device addr is unplugged just before */
	FAULT_SLOW,        /* takes code milliseconds longer; where "at" is FAULT_ANY */
	FAULT_WITHOUT_ACT, /* success is reported and nothing changes */
};

#define FAULT_ANY (-1)

/* When it strikes: operation number "at" (from 0) or FAULT_ANY, and, where given, these parts. */
struct fault {
	enum fault_kind kind;
	int at;
	/*
	 * Found in the path, the whole value; NULL: any. A module is "load" with its name; others
	 * are "unit [UID/]NAME" with "start" or "stop", "process PID" with "end".
	 */
	const char *path, *value;
	int code;
	struct pci_addr addr;
};

#define FAULTS_MAX 4

struct testhost_shared;

struct testhost {
	struct machine machine;
	char *root;
	int root_fd;
	struct host host;
	struct fault faults[FAULTS_MAX];
	struct testhost_shared *shared; /* with all workers */
};

/* Ends the test program with a message where the text is wrong. */
struct testhost *testhost_new(const char *text);
/* Ends it, too, when an attribute was written that the project never writes. */
void testhost_free(struct testhost **host);
#define auto_testhost cleanup(testhost_free)

/* Sets the one fault, or NULL none; the count of operations starts anew. */
void testhost_script(struct testhost *host, const struct fault *fault);
void testhost_script_add(struct testhost *host, const struct fault *fault);
/* Operations so far, failed ones included. */
int testhost_operations(const struct testhost *host);
/* "write PATH VALUE" and "load MODULE", one a line, in order; heap. */
char *testhost_log(const struct testhost *host);
/* Path of the first forbidden write, or NULL; it counts as dealt with from then on. */
const char *testhost_take_forbidden(struct testhost *host);

/*
 * Runs work as a process of its own, the one that a "die" kills, and waits until it and whatever
 * it left behind have ended, but for operations that hang. Returns its wait status.
 */
int testhost_process(struct testhost *host, int (*work)(struct testhost *host, void *data),
		     void *data);
/* Lets what hangs go on, and waits for its end. */
void testhost_release(struct testhost *host);

/* What others do meanwhile; neither counted nor failing. driver NULL: only unbinds. */
void testhost_rebind(struct testhost *host, const char *addr, const char *driver);
void testhost_set(struct testhost *host, const char *addr, const char *attribute,
		  const char *value);
void testhost_module_unload(struct testhost *host, const char *name);
void testhost_own_group(struct testhost *host, int number, bool owned);
void testhost_vanish(struct testhost *host, const char *addr);
/* A process ends by itself; or only closes a node (by its name below /dev). */
void testhost_process_gone(struct testhost *host, int pid);
void testhost_process_close(struct testhost *host, int pid, const char *node);

/*
 * The state as text: devices with their drivers, drivers with modules, modules; then, where there
 * are any, units, consoles, platform devices, udev's entries, nodes and processes. Heap.
 */
char *testhost_state(const struct testhost *host);
/*
 * Every file of /sys but those of VFIO modules and drivers, which are never unloaded; of /dev and
 * of udev's database; and the units. Not the processes: they do not come back. Heap.
 */
char *testhost_tree(const struct testhost *host);
