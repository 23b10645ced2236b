// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * For systems without libsystemd: there is no manager to talk to. Tests: unit/test-host-units.c.
 */
#include "base/systemd.h"

#include <errno.h>

int systemd_open(const struct systemd_peer *peer, struct systemd **ret, struct error *err)
{
	(void)peer;
	(void)ret;
	return error_set(err, ENOSYS, "built without libsystemd");
}

void systemd_close(struct systemd **systemd)
{
	*systemd = NULL;
}

int systemd_state(const struct systemd *systemd, char **ret_state, struct error *err)
{
	(void)systemd;
	(void)ret_state;
	return error_set(err, ENOSYS, "built without libsystemd");
}

bool systemd_shutdown_is_announced(const struct systemd_peer *peer)
{
	(void)peer;
	return false;
}

int systemd_unit_read(const struct systemd *systemd, const char *name, struct host_unit *ret,
		      struct error *err)
{
	(void)systemd;
	(void)ret;
	return error_set(err, ENOSYS, "%s: built without libsystemd", name);
}

int systemd_job(const struct systemd *systemd, const char *name, bool active,
		unsigned int timeout_ms, struct error *err)
{
	(void)systemd;
	(void)active;
	(void)timeout_ms;
	return error_set(err, ENOSYS, "%s: built without libsystemd", name);
}
