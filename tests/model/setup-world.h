/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "hostdevctl/generate/generate.h"
#include "tests/host/testhost.h"

/*
 * A made-up host with images of initramfs-tools: its files are real ones below a temporary
 * directory, its programs (grub-mkconfig, kernel-install, update-initramfs, ...) are played. What
 * they write depends on the files below /etc alone. On it the planning, applying and undoing of
 * "hostdevctl generate" run as they are, each call in a process of its own.
 *
 * Two graphics cards 01:00 (with its sound) and 02:00 of one model, a USB controller 03:00, groups
 * 1 to 3. The programs that use this are linked with wrappers of what changes files.
 */
enum world_kind {
	WORLD_GRUB,
	WORLD_GRUB_OLD, /* its grub-mkconfig does not read /etc/default/grub.d */
	/*
	 * systemd-boot with entries of kernel-install in /boot/efi: of two kernels, of another
	 * plugin, and one that somebody has written by hand.
	 */
	WORLD_ENTRIES,
	WORLD_ENTRIES_BARE, /* the same without /etc/kernel/cmdline */
	WORLD_KINDS
};

struct world {
	enum world_kind kind;
	struct testhost *machine;
	/* update-initramfs finds no image, builds none, and says that all went well. */
	bool builds_nothing;
	/* kernel-install removes no entry of the kernel's under another count, as version 252. */
	bool leaves_counted;
	/* kernel-install leaves half of the entry that it writes, and fails. */
	bool breaks_entries;
	/* It was started with 01:00 reserved in its image. */
	bool reserved;
	/* None of its programs is there, as where its /usr is not mounted. */
	bool programs_gone;
	/* Where it is mounted while it does not run; NULL: on the machine of the test. */
	const struct host *here;
	char *first; /* heap: world_files() before anything was done */
};

struct world *world_new(enum world_kind kind);
bool world_has_grub(const struct world *world);
void world_free(struct world **world);
#define auto_world cleanup(world_free)

/* All of the host but our records: types, modes, owners, times of what is not built, extended
 * attributes, bytes. Heap. */
char *world_files(const struct world *world);
/* Uses base/cleanup.h and tests/host/check.h. */
#define assert_files(world, expected)                                                              \
	do {                                                                                       \
		auto_free char *files_ = world_files(world);                                       \
		assert_text(files_, expected);                                                     \
	} while (0)

/* Set-ups that differ in files, in words, or in both. */
enum world_wish {
	WISH_STATIC,      /* 01:00 by a word: image and words */
	WISH_OTHER_WORDS, /* the same for 03:00 */
	WISH_CONF,        /* 01:00 in the image alone */
	WISH_IDS,         /* 03:00 by its ids, in the image */
	WISH_MENU,        /* a menu of two choices */
	WISH_DEFAULT,     /* the same, of which one is the default */
	WISH_IOMMU,       /* a word for the IOMMU, and no image */
	WISHES
};

/* Is it written on such a host, and not refused? */
bool world_takes(enum world_kind kind, enum world_wish wish);

/* What strikes a call: the operation "at" (from 0) of its kind, in that call alone. */
struct strike {
	enum {
		STRIKE_NONE,
		STRIKE_CALL_FAILS,   /* a call that changes a file or a directory returns code */
		STRIKE_CALL_KILLS,   /* the process ends before it, or, of a write, half through */
		STRIKE_ACTION_FAILS, /* the writing of a file, or a program, fails with code */
		STRIKE_ACTION_KILLS, /* the process ends before it */
		STRIKE_ACTION_KILLS_AFTER,
		STRIKE_SYNC_FAILS /* a file system is never written to its disk: code */
	} kind;
	int at, code;
	/* A program of this name fails, whichever its number, or the file system of a directory
	 * whose path ends so is not written; NULL: none, or each is not. */
	const char *program;
};

/* The exit status of a process that was struck dead. */
#define WORLD_KILLED 99

/*
 * "generate ... --apply --yes" and "generate undo --apply --yes" in a process; the exit status.
 * strike NULL: nothing strikes. What it prints is world_said().
 */
int world_generate(struct world *world, enum world_wish wish, const struct strike *strike);
int world_undo(struct world *world, const struct strike *strike);
/* The same with "--root DIR". */
int world_undo_below(struct world *world);
/* What every call that may change something does first, and nothing else. */
int world_open(struct world *world);
/* Other work of the same kind, in a process; its exit status. */
int world_process(struct world *world, int (*work)(struct world *world, int argument), int argument,
		  const struct strike *strike);
/* As it stands after the last call. Heap. */
char *world_said(const struct world *world);
/* How many calls or actions the last call of the two above has counted. */
int world_calls(const struct world *world);
int world_actions(const struct world *world);

/* How many steps a plan would have now; ends the test where there is no plan. */
size_t world_steps(struct world *world, enum world_wish wish);
/* Names below /var/lib/hostdev-hook/generate that are no lock and no directory; heap. */
char *world_records(const struct world *world);

/* In the text of a file, "old" goes and "new" comes in its place; "old" must be there. */
void world_edit(struct world *world, const char *path, const char *old, const char *new);
