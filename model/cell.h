/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/addr.h"
#include "model/module-name.h"

/*
 * The values of cells, as text and taken apart. A cell's text holds no blank, so that a step is a
 * line of words.
 */
#define CELL_VALUE_SIZE 400

/*
 * Value of a "driver" cell, a device's driver and its driver_override together:
 *   DRIVER[,module=MODULE][,override=NAME]
 * DRIVER is "none" where no driver is bound. MODULE is what must be loaded for the driver to
 * exist; it is left out for a built-in driver and where it spells like the driver ("-" = "_").
 * Blanks, commas and backslashes in names are written as \xNN ("i6300ESB\x20timer").
 */
struct driver_value {
	char driver[CELL_NAME_SIZE];   /* "" none bound */
	char module[CELL_NAME_SIZE];   /* "" built in, or named like the driver */
	char override[CELL_NAME_SIZE]; /* "" not set */
};

void driver_value_format(const struct driver_value *value, char text[CELL_VALUE_SIZE]);
bool driver_value_parse(const char *text, struct driver_value *ret);

/*
 * Puts the parts together from what sysfs says: any may be NULL or "", an override of "(null)"
 * (what sysfs prints for none) counts as none. False when a name does not fit or holds a
 * character that the kernel gives no driver.
 */
bool driver_value_init(struct driver_value *ret, const char *driver, const char *module,
		       const char *override);

/*
 * Value of a "power" cell, what a round trip through vfio-pci loses:
 *   CONTROL[,d3cold=0|1]        CONTROL is "auto" or "on" (power/control, d3cold_allowed)
 */
struct power_value {
	char control[16];
	char d3cold[4]; /* "" where the device has no d3cold_allowed */
};

void power_value_format(const struct power_value *value, char text[CELL_VALUE_SIZE]);
bool power_value_parse(const char *text, struct power_value *ret);

/*
 * Value of a "unit" cell: "inactive", or "active[,drm=ADDRESS][,sockets=NAME[+NAME...]]": a display
 * manager is started again only once that device's DRM node is back; and a service after the
 * sockets that start it, as systemd refuses to start a socket whose service is active.
 */
struct unit_value {
	bool active;
	char drm[24];      /* "" nothing to wait for */
	char sockets[300]; /* "" none; names with "+" between them */
};

/* Adds a socket; false where there is no room for it. */
bool unit_value_add_socket(struct unit_value *value, const char *name);
/* The next name from *sockets on; false at the end. */
bool unit_value_next_socket(const char **sockets, char name[CELL_NAME_SIZE * 2]);

void unit_value_format(const struct unit_value *value, char text[CELL_VALUE_SIZE]);
bool unit_value_parse(const char *text, struct unit_value *ret);

/*
 * Value of a "process" and of a "holders" cell: "held", or "free" with how to get there:
 *   free[,wait=MS][,grace=MS|,term=MS]
 * wait: how long they may take to let go by themselves; grace: then SIGTERM, so long until SIGKILL;
 * term: the same without SIGKILL. With neither nobody is signalled.
 */
struct gate_value {
	bool free;
	bool has_grace;
	bool spare; /* has_grace, and it is not killed */
	unsigned int wait_ms, grace_ms;
};

void gate_value_format(const struct gate_value *value, char text[CELL_VALUE_SIZE]);
bool gate_value_parse(const char *text, struct gate_value *ret);

/*
 * Target of a "process" cell, PID:START@ADDRESS[,ADDRESS...]: a process by its identity, and the
 * devices it holds; and of a "holders" cell, ADDRESS[,ADDRESS...].
 */
#define GATE_ADDRS_MAX 32
struct gate_target {
	int pid; /* 0 for "holders" */
	uint64_t start_time;
	struct pci_addr addrs[GATE_ADDRS_MAX];
	size_t addr_count;
};

/* Heap. */
char *gate_target_format(const struct gate_target *target);
bool gate_target_parse(const char *text, struct gate_target *ret);
