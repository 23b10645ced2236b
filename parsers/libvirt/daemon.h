/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/host.h"

enum confinement {
	CONFINEMENT_NONE,
	CONFINEMENT_APPARMOR,
	CONFINEMENT_SELINUX,
	CONFINEMENT_UNKNOWN, /* the kernel does not tell us */
};

/* Libvirt's daemon for QEMU, as it runs now. Release with daemon_done. */
struct daemon {
	const char *name; /* "libvirtd" or "virtqemud" */
	pid_t pid;
	uint64_t started_us;  /* since 1970, as exact as the kernel's clock of ticks */
	uint64_t reloaded_us; /* no earlier than that; where has_unit */
	bool has_unit;        /* systemd told of it */
	enum confinement confinement;
	char *label;   /* profile or context; heap, NULL where it has none */
	bool enforced; /* not only complained about */
};
void daemon_done(struct daemon *daemon);
#define auto_daemon __attribute__((__cleanup__(daemon_done)))

/* True with *ret filled in where one runs: by its pid file, else by its name among root's. */
bool daemon_find(const struct host *host, struct daemon *ret);

/*
 * Has the daemon looked for hooks since a file was last changed, at changed_us since 1970? It looks
 * when it starts and when it reloads. The kernel gives the time of the boot, from which a start is
 * counted, in whole seconds, so a start within the second before the change counts, too.
 */
bool daemon_has_looked_since(const struct daemon *daemon, uint64_t changed_us);

/* Is this process one? By its name and owner alone. */
bool daemon_is(const struct host *host, pid_t pid);

/*
 * The version of libvirt that this process runs, as 1000 times its first number and its second:
 * 9000, 11003. 0: not known. What is installed may be newer than what runs.
 */
unsigned int daemon_version(const struct host *host, pid_t pid);

/*
 * Do the admin's additions to the daemon's AppArmor profile (/etc/apparmor.d/local/usr.sbin.NAME)
 * have a rule for exactly this program, which lets it run outside of the profile ("PUx")? Whether
 * the profile was loaded since, nobody tells.
 */
bool daemon_profile_adds(const struct host *host, const char *name, const char *program);

/* The third part of an SELinux context ("virtd_t"): heap, NULL where it is none. */
char *daemon_selinux_type(const char *context);
