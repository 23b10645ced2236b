/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <sys/stat.h>

#include "base/host.h"
#include "model/finding.h"
#include "model/guest.h"
#include "model/policy.h"
#include "parsers/libvirt/daemon.h"

#define HOOK_FILE HOSTDEV_HOOK_DIR "/qemu"
#define HOOK_PATH (&HOOK_FILE[1]) /* below HOST_ROOT */

/* What stands where libvirt looks for its hook. */
enum hook_file {
	HOOK_NONE,
	HOOK_LINK,    /* a link to our program: as it should be */
	HOOK_COPY,    /* our program itself, or a copy of it */
	HOOK_FOREIGN, /* somebody else's */
};

/* One check of a host, as it goes on. */
struct check {
	const struct host *host;
	bool other;                  /* it is not the one this program runs on */
	const struct daemon *daemon; /* NULL: none runs */
	enum hook_file hook_file;    /* by check_hook, for those behind it */
	struct stat hook;            /* of the link or file; where there is one */
	char *program_type;          /* SELinux type of our program; heap or NULL */
	struct findings findings;
};

/* Add a finding with the status of their name: its subject, and a note as printf(3) has it. */
#define check_ok(check, id, subject, ...)                                                          \
	findings_add(&(check)->findings, id, FINDING_OK, subject, __VA_ARGS__)
#define check_note(check, id, subject, ...)                                                        \
	findings_add(&(check)->findings, id, FINDING_NOTE, subject, __VA_ARGS__)
#define check_problem(check, id, subject, ...)                                                     \
	findings_add(&(check)->findings, id, FINDING_PROBLEM, subject, __VA_ARGS__)

/* Each looks at one thing and says what it finds; in this order. */
void check_hook(struct check *check);
void check_libraries(struct check *check);
void check_daemon(struct check *check);
void check_container(struct check *check);
void check_config(struct check *check);
void check_scripts(struct check *check);
void check_iommu(struct check *check);
void check_kernel(struct check *check);
void check_groups(struct check *check);
void check_cards(struct check *check);
void check_tools(struct check *check);
void check_state(struct check *check);
void check_stranded(struct check *check);
void check_setups(struct check *check);
void check_other_tools(struct check *check);

/* How many problems there are that the admin wants to hear of. other: as in struct check. */
size_t check_count_problems(const struct host *host, bool other);

/*
 * Instead of all these: how a guest's devices stand, and whether it would start. Findings are
 * ignored by the policy of that guest. Fails where the host's situation cannot be read.
 */
int check_guest(struct check *check, const struct guest *guest, struct error *err);
/* Of a guest that does not run: its memory, and what libvirt keeps of it. */
void check_guest_host(struct check *check, const struct guest *guest);

/* Does a program of this name run? */
bool check_has_process(const struct host *host, const char *name);

/* A hexadecimal attribute of a PCI device, such as "vendor" or "class"; 0: it cannot be read. */
unsigned int check_read_id(const struct host *host, const char *addr, const char *attribute);

/* Findings that the policy ignores are ignored from now on. */
void check_ignore(struct check *check, const struct policy *policy);

struct output;
struct tool_trace;

/* What a trace of another tool means. */
void check_tool_trace(struct check *check, const struct tool_trace *trace);
/* Of one with ids for vfio-pci: which devices they match. The note's text is heap. */
void check_vfio_ids(struct check *check, const struct tool_trace *trace, const char *subject);
/* Of a blacklist of drivers: false where no graphics card of this host is without a driver by it.
 */
bool check_blacklist_counts(struct check *check, const struct tool_trace *trace);

/* Of --ids: another table, with columns of its own. */
void check_ids_output(struct output *output);
/* All ids with their meanings. Returns the exit status. */
int check_print_ids(const struct output *output);

/* Where an absolute path of the host is: the directory of the host, and the path below it. */
void check_place(const char *absolute, enum host_dir *ret_dir, const char **ret_path);
/*
 * Does the file or directory at this absolute path belong to root (or to the user who runs the
 * check), and may nobody else write it? If not, a problem of subject is added. What is not there is
 * no problem. Links are not followed.
 */
bool check_owner(struct check *check, const char *absolute, const char *subject);
