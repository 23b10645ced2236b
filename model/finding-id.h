/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/*
 * What a finding is about, once and for all: an admin silences findings by the names of these, and
 * programs look for them. A name is never given a second meaning, and none is ever taken away.
 */
enum finding_id {
	/* the hook's files */
	FIND_HOOK_LINK,
	FIND_HOOK_MISSING,
	FIND_HOOK_COPY,
	FIND_HOOK_CALLS_OURS,
	FIND_HOOK_FOREIGN,
	FIND_PROGRAM_GOOD,
	FIND_PROGRAM_MISSING,
	FIND_PROGRAM_NOT_EXECUTABLE,
	FIND_PROGRAM_VERSION,
	FIND_PROGRAM_ELSEWHERE,
	FIND_PROGRAM_LABEL,
	FIND_FILE_OWNER,
	FIND_FILE_WRITABLE,
	FIND_FILE_UNREADABLE,
	FIND_LIBRARIES_THERE,
	FIND_LIBRARY_MISSING,
	/* libvirt's daemon */
	FIND_DAEMON_KNOWS_HOOK,
	FIND_DAEMON_BEFORE_HOOK,
	FIND_DAEMON_START_UNKNOWN,
	FIND_DAEMON_STOPPED,
	FIND_DAEMON_MISSING,
	FIND_CONFINEMENT_NONE,
	FIND_CONFINEMENT_UNKNOWN,
	FIND_APPARMOR_OUTSIDE,
	FIND_APPARMOR_FORBIDS,
	FIND_APPARMOR_INSIDE,
	FIND_SELINUX_UNCONFINED,
	FIND_SELINUX_OWN_DOMAIN,
	FIND_SELINUX_CONFINED,
	/* configuration and scripts */
	FIND_CONFIG_VALID,
	FIND_CONFIG_INVALID,
	FIND_CONFIG_NOT_READ,
	FIND_CONFIG_UNKNOWN_ID,
	FIND_SCRIPTS_GOOD,
	FIND_SCRIPT_CALLS_LIBVIRT,
	FIND_SCRIPT_NOT_RUN,
	FIND_SCRIPT_UNREADABLE,
	FIND_SCRIPT_LINK_BROKEN,
	FIND_SCRIPT_LINK_ELSEWHERE,
	/* the kernel */
	FIND_IOMMU_ON,
	FIND_IOMMU_OFF,
	FIND_VFIO_THERE,
	FIND_VFIO_MISSING,
	FIND_HUNG_TASK_PANIC,
	FIND_LOCKDOWN,
	/* what is lent */
	FIND_STATE_GOOD,
	FIND_STATE_NO_DIRECTORY,
	FIND_STATE_UNREADABLE,
	FIND_JOURNAL_LENT,
	FIND_JOURNAL_BUSY,
	FIND_JOURNAL_LEFT_BEHIND,
	FIND_JOURNAL_OLD_BOOT,
	FIND_JOURNAL_UNKNOWN,
	FIND_JOURNAL_UNREADABLE,
	/* set-ups for the boot (hostdevctl generate) */
	FIND_SETUP_NONE,
	FIND_SETUP_UNREADABLE,
	FIND_SETUP_UNFINISHED,
	FIND_SETUP_LEFTOVERS,
	FIND_SETUP_FILE_CHANGED,
	FIND_SETUP_FILE_UNREADABLE,
	FIND_SETUP_MENU_GOOD,
	FIND_SETUP_MENU_STALE,
	FIND_SETUP_NO_USUAL_ENTRY,
	FIND_SETUP_DEFAULT_OVERRULED,
	FIND_SETUP_ENTRIES_GOOD,
	FIND_SETUP_ENTRIES_STALE,
	FIND_SETUP_KERNEL_CHANGED,
	FIND_BOOT_OFF,
	FIND_BOOT_ENTRY,
	FIND_BOOT_USUAL,
	FIND_BOOT_WORDS,
	FIND_BOOT_WORDS_MISSING,
	FIND_RESERVED,
	FIND_RESERVED_LENT,
	FIND_RESERVED_NOT,
	FIND_RESERVED_NOT_CAUSE,
	FIND_RESERVED_GONE,
	FIND_RESERVED_OTHER,
	FIND_RESERVED_MOVED,
	FIND_RESERVED_GROUP_JOINED,
	FIND_RESERVED_GROUP_LEFT,
	FIND_VFIO_UNASKED,
	FINDING_IDS,
};

/* "iommu-off" */
const char *finding_id_name(enum finding_id id);
/* One line for people, without a full stop. */
const char *finding_id_meaning(enum finding_id id);

/*
 * What follows a complaint about a word that is no id: the id that was probably meant, or where the
 * ids are listed. Heap; NULL for NULL.
 */
char *finding_id_suggest(const char *word);

/* A set of ids. */
struct finding_set {
	bool has[FINDING_IDS];
};

/*
 * A list of names with blanks or commas between them, or "none", as the key ignore has it. Returns
 * false where a word could not be a name in any version. What could be a name, and is none in this
 * version, is passed over; *ret_unknown is then the first such word (heap), and else NULL.
 */
bool finding_set_parse(const char *list, struct finding_set *ret, char **ret_unknown);
