/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * The units and programs that are never stopped or signalled for a guest, each with the reason.
 * README.md and hostdev-hook(8) show the same list; tests/unit/test-protected.c compares them.
 */
enum protected_kind {
	PROTECTED_PART,   /* the host needs it, and whatever else runs in its unit */
	PROTECTED_BUS,    /* the same, but on some hosts its unit holds all that it has started */
	PROTECTED_KEEPER, /* keeps devices open for sessions; believed of root only */
	PROTECTED_GUEST,  /* runs a virtual machine */
};

struct protected_row {
	/*
	 * With a comma and a blank between them: names of programs and, without ".service", of
	 * units; one with a type is a unit's only. "*" stands for any letters.
	 */
	const char *names;
	enum protected_kind kind;
	const char *reason; /* a sentence about it */
};

const struct protected_row *protected_rows(size_t *ret_count);

/*
 * The row of a program by what the kernel calls the process: 15 characters at most, and whatever
 * the process says, so that a name may make it untouchable but never gives it a right. NULL: none.
 */
const struct protected_row *protected_program(const char *comm);
/* The row of a program that runs a virtual machine; exe: name of its file, or "". NULL: none. */
const struct protected_row *protected_machine(const char *comm, const char *exe);
/* The row of a unit by which whatever runs in it is protected; NULL: none. */
const struct protected_row *protected_unit(const char *unit);
/* May the unit not be stopped along with another one? True of a bus, too. */
bool protected_from_stop(const char *unit);
