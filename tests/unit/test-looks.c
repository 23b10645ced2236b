// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who pays for what: the host's network and its disks are looked at for a device that has to do
 * with them, and a guest with one graphics card waits for neither.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "tests/host/lending.h"
#include "tests/host/tree.h"
#include "tests/unit/library-helpers.h"

#define HOST                                                                                       \
	"bridge 0000:00:01.0 8086:1901 bus=01 group=1\n"                                           \
	"bridge 0000:00:1c.0 8086:a338 bus=02 group=2\n"                                           \
	"bridge 0000:00:1d.0 8086:a339 bus=03 group=3\n"                                           \
	"device 0000:01:00.0 10de:2204 class=030000 group=14 driver=nouveau\n"                     \
	"device 0000:01:00.1 10de:1aef class=040300 group=14 driver=snd_hda_intel\n"               \
	"device 0000:02:00.0 8086:1533 class=020000 group=15 driver=igb\n"                         \
	"device 0000:03:00.0 144d:a808 class=010802 group=16 driver=nvme\n"                        \
	"node 0000:01:00.0 drm/card1 226:1 subsystem=drm name=dri/card1\n"                         \
	"node 0000:01:00.1 sound/card1/controlC1 116:9 subsystem=sound name=snd/controlC1\n"       \
	"node 0000:02:00.0 net/eth1 - subsystem=net ifindex=3\n"                                   \
	"node 0000:03:00.0 nvme/nvme0 240:0 subsystem=nvme name=nvme0\n"                           \
	"node 0000:03:00.0 nvme/nvme0/nvme0n1 259:0 subsystem=block name=nvme0n1\n"                \
	"module vfio-pci unloaded uses=vfio,vfio_iommu_type1,vfio_pci_core\n"                      \
	"dir sys/kernel/config/nvmet/subsystems\n"                                                 \
	"dir sys/class/infiniband\n"                                                               \
	"dir sys/class/iscsi_session\n"                                                            \
	"file proc/net/route\n"                                                                    \
	"\tIface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n"     \
	"\teth0\t00000000\t0102A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"                         \
	"file proc/swaps\n"                                                                        \
	"\tFilename\tType\tSize\tUsed\tPriority\n"                                                 \
	"file proc/mdstat\n"                                                                       \
	"\tPersonalities :\n"                                                                      \
	"file proc/self/mountinfo\n"                                                               \
	"\t21 1 8:1 / / rw - ext4 /dev/sda1 rw\n"

static unsigned int network_reads;

static int count_network_read(const struct host *host, char **ret, struct error *err)
{
	(void)host, (void)ret;
	network_reads++;
	return error_set(err, ENOSYS, "this machine is not asked");
}

/* What is opened in these folders, a path a line. */
static const char *const watched[] = {"proc",
				      "proc/net",
				      "proc/self",
				      "sys/kernel/config",
				      "sys/kernel/config/nvmet",
				      "sys/class/net",
				      "sys/class/block",
				      "sys/class/nvme",
				      "sys/class/infiniband",
				      "sys/class/iscsi_session"};

static void take_events(int watch, struct text *out)
{
	_Alignas(struct inotify_event) char events[65536];
	ssize_t length;

	while ((length = read(watch, events, sizeof(events))) > 0) {
		for (ssize_t at = 0; at < length;) {
			const struct inotify_event *event = (const void *)(events + at);

			/* Watches are numbered from 1 in the order in which they were added. */
			text_printf(out, "%s/%s\n", watched[event->wd - 1],
				    event->len > 0 ? event->name : "");
			at += (ssize_t)(sizeof(*event) + event->len);
		}
	}
	assert_int_equal(errno, EAGAIN);
}

/* The plan is made, refused or not. */
static char *opened_for(const char *lines)
{
	auto_testhost struct testhost *host = testhost_new(HOST);
	auto_guest struct guest guest = guest_make(lines);
	auto_close int watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	struct host_ops ops = *host->host.ops;
	auto_snapshot struct snapshot snapshot = {0};
	auto_plan struct plan plan = {0};
	struct error err = ERROR_INIT;
	struct text out = TEXT_INIT;

	ops.network_read = count_network_read;
	host->host.ops = &ops;
	network_reads = libraries_opened = 0;
	for (size_t i = 0; i < sizeof(watched) / sizeof(watched[0]); i++) {
		auto_free char *path = xasprintf("%s/%s", host->root, watched[i]);

		tree_dir(host->root_fd, watched[i]);
		assert_int_equal(inotify_add_watch(watch, path, IN_OPEN), i + 1);
	}
	assert_ok(lending_plan(host, &guest, &snapshot, &plan, &err), &err);
	text_append(&out, "", 0);
	take_events(watch, &out);
	return out.data;
}

static void a_graphics_card_pays_for_neither(void **state)
{
	auto_free char *opened = opened_for("hostdev 0000:01:00.0 managed\n"
					    "hostdev 0000:01:00.1 managed\n");

	(void)state;
	assert_int_equal(network_reads, 0);
	assert_int_equal(libraries_opened, 0);
	/* Only the list of processes, of which one may hold it. */
	assert_text(opened, "proc/\n");
}

static void a_network_adapter_pays_for_the_network(void **state)
{
	auto_free char *opened = opened_for("hostdev 0000:02:00.0 managed\n");

	(void)state;
	assert_int_equal(network_reads, 1);
	assert_contains(opened, "proc/net/route\n");
}

static void a_disk_pays_for_the_disks(void **state)
{
	auto_free char *opened = opened_for("hostdev 0000:03:00.0 managed\n");

	(void)state;
	assert_int_equal(network_reads, 0);
	assert_true(libraries_opened > 0);
	assert_contains(opened, "proc/self/mountinfo\n");
	assert_contains(opened, "sys/kernel/config/nvmet/subsystems\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_graphics_card_pays_for_neither),
		cmocka_unit_test(a_network_adapter_pays_for_the_network),
		cmocka_unit_test(a_disk_pays_for_the_disks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
