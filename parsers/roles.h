/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/*
 * Programs by their names. comm is what the kernel calls the process: 15 characters at most, and
 * whatever the process says, so a name may make it untouchable but never gives it a right.
 */

bool program_is_display_server(const char *comm); /* or compositor */
bool program_is_bus(const char *comm);            /* a D-Bus daemon */
/* Keeps devices open on behalf of sessions, as logind does; believed of root only. */
bool program_is_session_keeper(const char *comm, uid_t uid);
/* The one that runs a virtual machine; exe: name of its file, or "". */
bool program_is_machine(const char *comm, const char *exe);
/* Part of what this project and its host stand on: the bus, udev, libvirt, a user's manager. */
bool program_is_protected(const char *comm);
/* The same of a whole unit, whatever runs in it. Not so the bus's: on some hosts that is where all
 * programs run which the bus has started. */
bool unit_is_protected(const char *unit);
