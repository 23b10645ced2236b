/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/host.h"

/*
 * A connection to a manager of systemd. Its other end may be slow or a user's: base/host-units.c
 * makes an expendable process for it.
 */
struct systemd;

/* D-Bus addresses of a manager: its message bus, and its own socket. */
struct systemd_peer {
	char bus[64], own[64];
};

int systemd_open(const struct systemd_peer *peer, struct systemd **ret, struct error *err);
void systemd_close(struct systemd **systemd);

/* The D-Bus object of a unit, whose name may be an alias; systemd loads it if need be. Heap. */
int systemd_unit_path(const struct systemd *systemd, const char *name, char **ret_path,
		      struct error *err);

/* Properties of that object; heap results. */
int systemd_unit_string(const struct systemd *systemd, const char *path, const char *property,
			char **ret_value, struct error *err);
/* type 'b': a truth value, into an int; 't': microseconds since 1970, into a uint64_t. */
int systemd_unit_trivial(const struct systemd *systemd, const char *path, const char *property,
			 char type, void *ret_value, struct error *err);
/* NULL where this version of systemd does not know the property; else as host_free_names takes. */
int systemd_unit_strings(const struct systemd *systemd, const char *path, const char *property,
			 char ***ret_values, struct error *err);

/* As unit_read of struct host_ops. */
int systemd_unit_read(const struct systemd *systemd, const char *name, struct host_unit *ret,
		      struct error *err);

/* What the manager as a whole is at: "running", "stopping" (a shutdown is queued), ...; heap. */
int systemd_state(const struct systemd *systemd, char **ret_state, struct error *err);

/*
 * Has logind announced a shutdown? Logind then waits some seconds for programs that hold a delay
 * lock, and only after that tells the manager. Such a program may end guests meanwhile. Logind is
 * asked over the message bus, by a connection of this call's own. False where it does not answer.
 * To be asked only where logind runs, as the bus would start it.
 */
bool systemd_shutdown_is_announced(const struct systemd_peer *peer);

/* Starts or stops a unit, as unit_set of struct host_ops. */
int systemd_job(const struct systemd *systemd, const char *name, bool active,
		unsigned int timeout_ms, struct error *err);
