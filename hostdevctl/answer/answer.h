/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/host.h"
#include "base/text.h"
#include "model/guest.h"
#include "model/plan.h"
#include "model/policy.h"
#include "model/snapshot.h"

/*
 * What lending a guest its devices would come to, for people: made of the plan that the hook makes
 * and of the snapshot that it made it of, and of nothing else but what answer_add_others looks for.
 */

/* For which command is it? The sentences differ in their verb. */
enum answer_verb {
	ANSWER_OF_START, /* "win11 would start" */
	ANSWER_OF_LEND,  /* "win11 would be lent its devices" */
};

enum answer_verdict {
	ANSWER_YES,
	ANSWER_NO,      /* the plan has refusals */
	ANSWER_HAS,     /* the guest has its devices already: no plan was made */
	ANSWER_NOTHING, /* nothing on this host would change */
};

/* A device that the guest names, or that belongs to it for another reason. */
struct answer_device {
	struct pci_addr addr;
	const struct device *device; /* NULL: it is not there */
	bool named;                  /* in the guest's XML */
	bool left;                   /* it only shares a group, and stays as it is */
	char then[CELL_NAME_SIZE];   /* the driver that it would have; "" none */
	char *why; /* heap: why it goes along, or what is special about it; or NULL */
};

struct answer_unit {
	const char *name;   /* "gdm.service" */
	const char *target; /* of its step: "1000/foo.service" of a user's manager */
	char *user;         /* heap: whose manager has it; NULL: the system's */
	bool display;       /* the display manager */
	bool session; /* it starts sessions: it is started again only when their card is back */
	bool already; /* another guest's run has stopped it */
	const char *why;
};

/* A process that has to let go. */
struct answer_process {
	pid_t pid;
	const struct holder *holder; /* NULL: the snapshot has no such process */
	const char *node;            /* one that it has open, below /dev; or NULL */
	struct gate_value value;     /* how it is made to let go */
};

/* What may take long, and how long at most. */
struct answer_delay {
	unsigned int seconds;
	char *what; /* heap: goes on behind "up to N seconds": "until x has ended" */
};

/* Sentences. Heap. */
struct answer_lines {
	char **items;
	size_t count;
};

struct answer {
	enum answer_verb verb;
	enum answer_verdict verdict;
	pid_t machine; /* of ANSWER_HAS: its QEMU; 0: it does not run */
	/* Not owned. plan: NULL of ANSWER_HAS. */
	const struct guest *guest;
	const char *title; /* how sentences call the guest: its name, as a rule */
	const struct snapshot *snapshot;
	const struct plan *plan;
	struct answer_device *devices;
	size_t device_count;
	struct answer_unit *units; /* in the order in which they are stopped */
	size_t unit_count;
	struct answer_process *processes;
	size_t process_count;
	struct answer_delay *delays;
	size_t delay_count;
	struct answer_lines changes;      /* whatever else is changed */
	struct answer_lines allowed;      /* what the host uses, and the policy gives away */
	struct answer_lines irreversible; /* what no return brings back */
	struct answer_lines notes;        /* the plan's, as sentences */
};

/* *ret: answer_done, before the guest, the snapshot and the plan are released. */
void answer_make(enum answer_verb verb, const struct plan *plan, const struct guest *guest,
		 const struct snapshot *snapshot, const struct policy *policy, struct answer *ret);
/* Of a guest that has its devices; machine: the process that it runs in, or 0. */
void answer_make_has(const struct guest *guest, const struct snapshot *snapshot, pid_t machine,
		     struct answer *ret);
/* Looks on the host for what else the units serve that would be stopped, and adds it. */
void answer_add_others(struct answer *answer, const struct host *host);
void answer_done(struct answer *answer);
#define auto_answer cleanup(answer_done)

/* For people: lines that are safe for a terminal. */
void answer_print(const struct answer *answer, struct text *out);
/* The same for programs: one object. */
void answer_json(const struct answer *answer, struct text *out);

/* "start", "refuse", "running", "nothing" */
const char *answer_verdict_name(enum answer_verdict verdict);

/* --- parts, for the files that make and print it --- */

/* sentence: heap, taken over; one that is there already is dropped. */
void answer_lines_add(struct answer_lines *lines, char *sentence);
/* Which devices belong to the guest, and why. */
void answer_add_devices(struct answer *answer);
/* What each step of the plan does. */
void answer_add_steps(struct answer *answer);
void answer_add_delays(struct answer *answer, const struct limits *limits);

/* Does the device go to the guest? */
bool answer_takes(const struct answer *answer, const struct pci_addr *addr);
/* Does it end, if it does not let go by itself before? */
bool answer_process_ends(const struct answer_process *process);
/* The name of a device without its address. Heap. */
char *answer_device_name(const struct answer_device *device);
/* The driver that it has now; "" for none. */
const char *answer_device_driver(const struct answer_device *device);
/* "mpv (process 812, user alice, session 2)" */
void answer_process_format(const struct answer_process *process, struct text *out);
