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
	PROTECTED_PART,   /* the host needs the program, and whatever else runs in its unit */
	PROTECTED_BUS,    /* a message bus; on some hosts all that it has started is in its unit */
	PROTECTED_KEEPER, /* keeps devices open for sessions; only a process of root is one */
	PROTECTED_GUEST,  /* runs a virtual machine */
};

struct protected_row {
	/*
	 * Names, with a comma and a blank between them. "sshd" is the program and the unit
	 * sshd.service; a name with a type ("docker.socket") is only a unit. "*" stands for any
	 * letters.
	 */
	const char *names;
	enum protected_kind kind;
	const char *reason; /* why it is protected: a sentence */
};

const struct protected_row *protected_rows(size_t *ret_count);

/*
 * The row of a program, by the kernel's name of the process (15 characters at most). NULL: none. A
 * process can choose that name: it can make itself untouchable that way, and gains nothing else.
 */
const struct protected_row *protected_program(const char *comm);
/* The row if the program runs a virtual machine; exe: the name of its file, or "". NULL: none. */
const struct protected_row *protected_machine(const char *comm, const char *exe);
/* The row that protects whatever runs in the unit; NULL: none. */
const struct protected_row *protected_unit(const char *unit);
/* Must the unit not be stopped, not even along with another one? True of a bus, too. */
bool protected_from_stop(const char *unit);
