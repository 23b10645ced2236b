/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tests/host/check.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "parsers/pci/pci.h"
#include "parsers/users/holders.h"
#include "tests/host/lending.h"
#include "tests/host/testhost.h"
#include "tests/host/tree.h"

/*
 * A made-up /proc of processes that have a made-up card open, read by way of the real scan. The
 * devices have the numbers of /dev/null and /dev/full, which the descriptors are links to.
 */
static const char host_text[] =
	"device 0000:01:00.0 10de:2204 class=030000 group=14 driver=nouveau\n"
	"device 0000:02:00.0 8086:10d3 class=040300 group=15 driver=snd_hda_intel\n"
	"file etc/passwd\n"
	"\troot:x:0:0:root:/root:/bin/bash\n"
	"\tno line of it\n"
	"\tshort:x\n"
	"\tnone:x::1000:\n"
	"\talice::1000:1000::/home/alice:/bin/bash\n";

static struct testhost *host;
static struct snapshot snapshot;

static inline void class_device(const char *function, const char *subsystem, const char *name,
				const char *number, const char *devname)
{
	auto_free char *dir =
		xasprintf("sys/devices/pci%.7s/%s/%s/%s", function, function, subsystem, name);
	auto_free char *dev = xasprintf("%s/dev", dir);
	auto_free char *uevent = xasprintf("%s/uevent", dir);
	auto_free char *link = xasprintf("%s/subsystem", dir);
	auto_free char *class = xasprintf("sys/class/%s", subsystem);

	tree_file(host->root_fd, dev, "%s\n", number);
	tree_file(host->root_fd, uevent, "DEVNAME=%s\n", devname);
	tree_dir(host->root_fd, class);
	tree_link(host->root_fd, link, class);
}

static inline int fresh(void **state)
{
	(void)state;
	host = testhost_new(host_text);
	snapshot = (struct snapshot){0};
	class_device("0000:01:00.0", "drm", "card0", "1:3", "dri/card0");
	class_device("0000:02:00.0", "sound", "controlC0", "1:7", "snd/controlC0");
	return 0;
}

static inline int stale(void **state)
{
	(void)state;
	snapshot_done(&snapshot);
	testhost_free(&host);
	return 0;
}

static inline void process_file(int pid, const char *name, const char *text)
{
	auto_free char *path = xasprintf("proc/%d/%s", pid, name);

	tree_file(host->root_fd, path, "%s", text);
}

/* It has the card open. */
static inline void process_add(int pid, int uid, const char *comm, const char *cgroup)
{
	auto_free char *stat = xasprintf("%d (%s) S 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 1 0 %d 0 0\n",
					 pid, comm, pid * 10);
	auto_free char *status = xasprintf("Name:\t%s\nUid:\t0\t%d\t0\t0\n", comm, uid);
	auto_free char *comm_line = xasprintf("%s\n", comm);
	auto_free char *line = xasprintf("0::%s\n", cgroup);
	auto_free char *fd = xasprintf("proc/%d/fd/3", pid);

	process_file(pid, "stat", stat);
	process_file(pid, "status", status);
	process_file(pid, "comm", comm_line);
	process_file(pid, "cgroup", line);
	process_file(pid, "maps", "");
	tree_raw_link(host->root_fd, fd, "/dev/null");
}

static inline void record(const char *path, const char *text)
{
	tree_file(host->root_fd, path, "%s", text);
}

static inline void systemd_runs(void)
{
	tree_dir(host->root_fd, "run/systemd/system");
}

static inline void read_holders(void)
{
	auto_guest struct guest guest = guest_make("hostdev 0000:01:00.0\nhostdev 0000:02:00.0\n");
	struct error err = ERROR_INIT;

	assert_ok(pci_snapshot(&host->host, &guest, &snapshot, &err), &err);
	assert_ok(holders_read(&host->host, &snapshot, &err), &err);
}

static const char *const role_names[HOLDER_ROLES] = {
	[HOLDER_PROCESS] = "process",
	[HOLDER_SERVICE] = "service",
	[HOLDER_USER_SERVICE] = "user-service",
	[HOLDER_DISPLAY] = "display",
	[HOLDER_LOGIND] = "logind",
	[HOLDER_GUEST] = "guest",
	[HOLDER_PROTECTED] = "protected",
	[HOLDER_SPLASH] = "splash",
	[HOLDER_CONTAINER] = "container",
};

/* A line for each: its role, "active" for one of an active session, and how it is put. */
static inline void assert_holders(const char *expected)
{
	auto_text struct text found = TEXT_INIT;

	text_append(&found, "", 0);
	read_holders();
	for (size_t i = 0; i < snapshot.holder_count; i++) {
		const struct holder *holder = &snapshot.holders[i];

		text_printf(&found, "%s%s ", role_names[holder->role],
			    holder->session_active ? " active" : "");
		holder_format(holder, &found);
		text_printf(&found, "\n");
	}
	assert_text(found.data, expected);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh, stale)
