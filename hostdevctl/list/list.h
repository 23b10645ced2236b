/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/host.h"
#include "hostdevctl/output/table.h"
#include "model/portion.h"
#include "parsers/libvirt/guest-files.h"
#include "parsers/situation.h"

/* --- what is known of the host --- */

struct list_host {
	struct host host;
	struct situation situation; /* of all functions; must not move */
	struct guest_ties ties;
	struct portions portions;
	bool partial; /* something could not be read: what seems free may be in use */
};

/* Tells on stderr what could not be read, and whether root would see more. */
int list_host_read(const char *root, struct list_host *ret, struct error *err);
void list_host_done(struct list_host *host);
/* To who is not root nearly all are such, and each device would only be told to be unknown. */
void list_host_forget_unreadables(struct snapshot *snapshot);

/* --- whether a group can be lent --- */

enum list_state {
	LIST_FREE,
	LIST_IN_USE,  /* lending it would end something, or be refused for it */
	LIST_NEVER,   /* no setting and no program's end makes it possible */
	LIST_REFUSED, /* by how the host is set */
	LIST_UNKNOWN,
};

/* What the host loses with a device that nothing but the planner knows: its only keyboard. */
struct list_loss {
	struct pci_addr addr;
	char *text; /* heap */
};

struct list_verdict {
	enum list_state state;
	char *text; /* heap: a phrase */
	struct list_loss *losses;
	size_t loss_count;
};

void list_verdict_done(struct list_verdict *verdict);
const char *list_state_name(enum list_state state);
/* Neither a bridge nor what goes along with another device. */
bool list_is_endpoint(const struct device *device);

/*
 * What the planner says to a guest that names all endpoints of a group. group: as the snapshot has
 * it; for a device that is in none, a group of its own with the number DEVICE_NO_GROUP.
 */
struct list_verdict list_verdict_of(struct list_host *host, const struct group *group);

/* Of a device that the kernel has and somebody hides. */
struct list_verdict list_verdict_of_hidden(const struct absence *absence);

/* --- which groups are shown --- */

/* One argument, or one option for a class. */
struct list_filter {
	enum {
		LIST_BY_CLASS,
		LIST_BY_ADDRESS,
		LIST_BY_GROUP,
		LIST_BY_ID,
		LIST_BY_TEXT,
	} kind;
	const char *text;                       /* as it was given */
	bool (*has_class)(uint32_t class_code); /* of LIST_BY_CLASS */
	struct pci_addr addr;
	int group;
	unsigned int vendor;
	int product;  /* -1: any */
	bool matched; /* by any device of the host */
};

struct list_filters {
	struct list_filter *filters; /* heap */
	size_t count;
};

void list_filters_done(struct list_filters *filters);
/* "gpu", "net", "storage", "usb", "audio". */
void list_filters_add_class(struct list_filters *filters, const char *word);
/* An address, the number of a group, "VENDOR:DEVICE", "VENDOR:", or a part of a name. */
void list_filters_add(struct list_filters *filters, const char *argument);
bool list_filters_need_names(const struct list_filters *filters);
/* Does any of them match the device? True where there is none. Notes which have matched. */
bool list_filters_match(struct list_filters *filters, const struct device *device);

/* Of a device that is hidden its address alone is known: it may be of any class. */
bool list_filters_match_hidden(struct list_filters *filters, const struct pci_addr *addr);

/* "NVMe", "Ethernet", "audio": what a class of devices is called. */
const char *list_class_name(uint32_t class_code);

/* --- rows --- */

enum list_column {
	LIST_ADDRESS, /* the tree stands in the first column */
	LIST_CLASS,
	LIST_NAME,
	LIST_DRIVER,
	LIST_USED_BY,
	LIST_GUEST,
	LIST_VERDICT,
	LIST_STATE,
	LIST_GROUP,
	LIST_ID,
	LIST_SUBSYSTEM,
	LIST_CLASS_ID,
	LIST_NUMA,
	LIST_RESET,
	LIST_LENT_TO,
	LIST_NAMED_BY,
	LIST_COLUMNS
};

struct list_rows {
	struct table_rows rows;
	struct output_line *lines; /* heap: one for each row */
	size_t folded;             /* devices that are left out */
};

/* How much is shown to people; programs get all. */
struct list_view {
	bool all;    /* also groups that nobody could ever have: of nothing but bridges */
	bool joined; /* the verdict of a group stands where its devices have their names */
};

void list_rows_done(struct list_rows *rows);
/* All groups of which a device matches, each whole, and what is hidden. */
void list_rows_fill(struct list_host *host, struct list_filters *filters,
		    const struct output *output, struct list_view view, struct list_rows *ret);

/* --- the picture --- */

/* The whole host on stdout, in Graphviz's language or drawn by it. */
int list_picture(struct list_host *host, bool as_svg, struct error *err);
