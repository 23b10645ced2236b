/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/host-change.h"
#include "base/host.h"
#include "generator/generate.h"
#include "model/boot.h"
#include "model/finding.h"
#include "model/promise.h"
#include "parsers/situation.h"
#include "state/setups.h"

/* The exit status of an undo that could not take everything back. */
#define GENERATE_INCOMPLETE 3

enum generate_verb {
	VERB_STATIC,
	VERB_MULTIBOOT,
	VERB_DYNAMIC,
	VERB_UNDO,
	VERB_VERIFY,
	VERB_SHOW,
};

/* The command line of "hostdevctl generate". Strings are of argv, but for those said to be heap. */
struct generate_options {
	enum generate_verb verb;
	const char *root; /* NULL: this host */
	bool apply, yes, quiet, json;
	struct generate_wishes wishes; /* of the first three verbs; .arguments is heap */
};

void generate_options_done(struct generate_options *options);
/* False: the command is over, with *ret_status. */
bool generate_options_parse(int argc, char **argv, struct generate_options *ret, int *ret_status);

/* What is known of the host; and the records, locked where something is to be changed. */
struct generate_host {
	struct host host;
	/* Of a host that does not run, the machine that it is mounted on; NULL: this one. */
	const struct host *here;
	struct situation situation;
	struct boot boot;
	struct wants wants;
	struct setups setups;
	struct homes homes;
	struct links links;
	struct generate_facts facts; /* points to the above, which must not move */
};

void generate_host_done(struct generate_host *host);
/* Files and records alone: enough for undo and show. */
int generate_host_open(const struct generate_options *options, struct generate_host *ret,
		       struct error *err);
/* Devices and boot, on top of that. */
int generate_host_look(struct generate_host *host, struct error *err);

/* A file that changes: what it is and what it is to be. */
struct generate_change {
	char *path;  /* heap */
	size_t step; /* place of its step in the set-up */
	struct host_content before, after;
};

/* A draft beside the host as it is: only what is to be changed. */
struct generate_plan {
	struct setup setup;
	struct generate_change *changes;
	size_t change_count;
};

void generate_plan_done(struct generate_plan *plan);
/* The value of the file's cell as text. A value may name the file's bytes; this stores none. */
int generate_value_text(const struct host_content *content, char text[CELL_VALUE_SIZE],
			struct error *err);
/* The copy shares nothing with the original. */
void generate_content_copy(const struct host_content *from, struct host_content *ret);
/* Adds a step that is not begun; the strings are copied. */
void generate_add_step(struct setup *setup, enum step_kind kind, const char *target,
		       const char *before, const char *after, const char *why);
/* Takes the promise out of the draft. */
int generate_plan_make(const struct generate_host *host, struct draft *draft,
		       struct generate_plan *ret, struct error *err);

/* How it boots alone, where generate_host_look was not called. What cannot be read is not known. */
void generate_know_boot(struct generate_host *host);

/*
 * What an earlier set-up has written and no record tells of (generator/leftovers.h), as changes
 * from what was there before it, without steps. The host's boot must be known.
 */
void generate_leftovers_find(const struct generate_host *host, struct generate_plan *ret);
/* Sentences for people; of any there are. */
void generate_leftovers_tell(const struct generate_plan *left, struct text *out);
/* Are there any? Then nothing else is done, which is told. */
bool generate_leftovers_refuse(const struct generate_host *host);
/* Adds the steps, and what else is in a record: of a set-up that is being taken back. */
int generate_leftovers_record(const struct generate_host *host, struct generate_plan *left,
			      struct error *err);

/* What could be selected, where nothing is. Returns an exit status. */
int generate_tell_candidates(const struct generate_options *options,
			     const struct generate_host *host);

/* On stdout. */
void generate_preview(const struct generate_options *options, const struct draft *draft,
		      const struct generate_plan *plan);
/* The same as JSON, with what is said of "changed". */
void generate_json(const struct draft *draft, const struct generate_plan *plan, bool changed,
		   struct text *ret);
/* The command of a build step, as it would be typed. Heap. */
char *generate_command_text(const char *target);
/* "choices": [...], with the words of each choice in the boot menu. */
void generate_json_choices(const struct setup *setup, struct text *out);
void generate_print_way_out(const struct draft *draft);
/* Is somebody asked before it is carried out? */
bool generate_asks(const struct generate_options *options);
void generate_print_remarks(const struct draft *draft, bool quiet);

/* Carry out, take back; each the exit status. */
int generate_apply(const struct generate_options *options, struct generate_host *host,
		   const struct draft *draft, struct generate_plan *plan);
int generate_undo(const struct generate_options *options, struct generate_host *host);
int generate_show(const struct generate_options *options, struct generate_host *host);
int generate_verify(const struct generate_options *options, struct generate_host *host);

/* What verify finds, of a host that generate_host_look has looked at. */
void generate_find(const struct generate_host *host, struct findings *findings);
/* Why promised devices are not on VFIO. */
void generate_find_causes(const struct generate_host *host, const struct promise *promise,
			  struct findings *findings);
/* Are the files as the set-up has written them? */
void generate_find_files(const struct generate_host *host, const struct setup *setup,
			 struct findings *findings);

/* The same of what no record tells of; false: there is nothing of the kind. */
bool generate_find_leftovers(const struct generate_host *host, struct findings *findings);

/* What keeps a change from being begun now: EBUSY, ENOSPC, EROFS with what to do. */
int generate_preflight(const struct generate_host *host, const struct generate_plan *plan,
		       struct error *err);

/*
 * Is a package manager at work? EBUSY names it. To undo is what a package does before it is
 * removed: the manager that has called for that waits, and is in nobody's way. Below the root of a
 * host that does not run, a file that only says by being there that one is at work was left by one
 * that has died with the host.
 */
int generate_check_managers(const struct host *host, bool undo, bool below_root, struct error *err);

/*
 * Of a host below a root, is anything not mounted that its fstab mounts on /boot, /usr, /var or the
 * like? ENXIO: its records and programs would count as gone, and what is built there would be
 * hidden when that host runs.
 */
int generate_check_mounts(const struct host *host, const char *root, struct error *err);

/*
 * Of a host below a root (NULL: in the root of this process, where that is another than that of the
 * machine), would the images that an undo builds there be without the disk that its root lies on,
 * as that is open under another name than its crypttab has? EBUSY says so.
 */
int generate_check_encrypted(const struct generate_host *host, const char *root, struct error *err);

/*
 * A unified diff, made by diff(1), as heap text; where there is none, the new lines with "+" before
 * them.
 */
char *generate_diff(const struct generate_change *change);

/* Is it the name of a loader, or of a generator, that is known here? EINVAL lists all names. */
int generate_check_loader(const char *name, struct error *err);
int generate_check_initramfs(const char *name, struct error *err);
