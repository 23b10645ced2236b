// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Containers: a daemon in one has its hooks there, and who looks from inside of one does not see
 * the host. Tests: ctl/check.bats, ctl/check-host.bats.
 */
#include "base/cleanup.h"
#include "hostdevctl/check/check.h"
#include "parsers/users/cgroup.h"

#define CGROUP_MAX ((size_t)64 * 1024)

static void check_daemon_place(struct check *check)
{
	cleanup(cgroup_done) struct cgroup cgroup = {0};
	auto_free char *text = NULL;
	size_t length;

	if (!check->daemon || host_read_file(check->host, HOST_PROC, CGROUP_MAX, &text, &length,
					     NULL, "%d/cgroup", (int)check->daemon->pid) < 0)
		return;
	cgroup_parse(text, &cgroup);
	if (cgroup.container)
		check_problem(
			check, FIND_DAEMON_CONTAINER, check->daemon->name,
			"runs in the container %s (process %d): it looks for its hook in there, "
			"and does not call the one of this host; run libvirt on the host itself",
			cgroup.container, (int)check->daemon->pid);
}

static void check_own_place(struct check *check)
{
	const char *mark = host_exists(check->host, HOST_ROOT, ".dockerenv") ? "/.dockerenv"
			   : host_exists(check->host, HOST_RUN, ".containerenv")
				   ? "/run/.containerenv"
				   : NULL;

	if (mark)
		check_note(check, FIND_CHECK_CONTAINER, mark,
			   "this is the inside of a container: what check says of files and "
			   "programs is not true of the host");
}

void check_container(struct check *check)
{
	check_daemon_place(check);
	check_own_place(check);
}
