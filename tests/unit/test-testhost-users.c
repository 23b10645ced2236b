// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who uses a made-up machine: processes as /proc shows them, their ends, units and sessions.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

#include "tests/host/testhost.h"
#include "tests/host/tree.h"

static const char host_text[] =
	"device 0000:01:00.0 1234:1111 class=038000 driver=bochs-drm\n"
	"node 0000:01:00.0 drm/card1 226:1\n"
	"process 812 start=5000 comm=mpv uid=1000 cgroup=/user.slice/x.scope ppid=7"
	" cmdline=\"mpv a b\" holds=dri/card1,10:200 maps=dri/card1\n"
	"process 813 comm=led zombie threads=814 holds=dri/card1\n"
	"process 820 comm=deaf term=ignored\n"
	"process 830 comm=phoenix start=77 respawns holds=dri/card1\n"
	"process 840 comm=rock stuck\n"
	"process 850 comm=kthreadd flags=0x208040 ppid=0\n"
	"process 900 comm=gdm holds=dri/card1 term=ignored respawns\n"
	"process 901 comm=gdm-helper\n"
	"process 902 comm=idle\n"
	"unit gdm.service active alias=display-manager.service pids=900,901"
	" dependent=greeter.service triggered=gdm.socket\n"
	"unit idle.service inactive pids=902\n"
	"unit dbus.service active stops-not\n"
	"unit slow.service active fails-to-stop\n"
	"unit broken.service inactive fails-to-start\n"
	"unit 1000/wireplumber.service active wanted triggered=wireplumber.socket\n"
	"session 2 uid=1000 user=alice active seat=seat0\n"
	"session 5 uid=1000 user=alice remote=10.0.0.9\n";

static int fresh(void **state)
{
	*state = testhost_new(host_text);
	return 0;
}

static int stale(void **state)
{
	struct testhost *host = *state;

	testhost_free(&host);
	return 0;
}

static void assert_file(struct testhost *host, const char *path, const char *expected)
{
	auto_free char *found = tree_read(host->root_fd, path);

	assert_text(found, expected);
}

static bool exists(struct testhost *host, const char *path)
{
	return tree_exists(host->root_fd, path);
}

static bool is_card(struct testhost *host, const char *path)
{
	struct stat status;

	return fstatat(host->root_fd, path, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISCHR(status.st_mode) && status.st_rdev == makedev(226, 1);
}

static int end(struct testhost *host, int pid, uint64_t start)
{
	return host_process_end(&host->host, pid, start, 0, NULL);
}

static int set(struct testhost *host, const char *name, bool active)
{
	return host_unit_set(&host->host, 0, name, active, 1000, NULL);
}

static void assert_unit(struct testhost *host, uid_t manager, const char *name, const char *state)
{
	cleanup(host_unit_done) struct host_unit unit = {0};
	struct error err = ERROR_INIT;

	assert_ok(host_unit_read(&host->host, manager, name, &unit, &err), &err);
	assert_string_equal(unit.state, state);
}

static void processes_are_laid_out_as_in_proc(void **state)
{
	struct testhost *host = *state;
	auto_free char *stat = tree_read(host->root_fd, "proc/812/stat");
	auto_free char *status = tree_read(host->root_fd, "proc/812/status");
	unsigned long long start = 0;
	unsigned int threads = 0;

	assert_int_equal(sscanf(stat,
				"812 (mpv) S 7 %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d"
				" %*d %*d %u %*d %llu",
				&threads, &start),
			 2);
	assert_int_equal(threads, 1);
	assert_int_equal(start, 5000);
	assert_contains(status, "\nPPid:\t7\nUid:\t1000\t1000\t1000\t1000\n");
	assert_file(host, "proc/812/comm", "mpv");
	assert_file(host, "proc/812/cgroup", "0::/user.slice/x.scope");
	assert_true(is_card(host, "proc/812/fd/3"));
	assert_true(is_card(host, "proc/812/task/812/fd/3"));
	assert_true(exists(host, "proc/812/fd/4"));
	assert_false(exists(host, "proc/812/fd/5"));
	assert_file(host, "proc/850/maps", "");
}

static void command_lines_have_zero_bytes(void **state)
{
	struct testhost *host = *state;
	auto_close int fd = openat(host->root_fd, "proc/812/cmdline", O_RDONLY);
	char bytes[64];

	assert_int_equal(read(fd, bytes, sizeof(bytes)), 8);
	assert_memory_equal(bytes, "mpv\0a\0b", 8);
}

static void maps_name_the_inode_of_the_node(void **state)
{
	struct testhost *host = *state;
	auto_free char *maps = tree_read(host->root_fd, "proc/812/maps");
	auto_free char *line = NULL;
	struct stat status;

	assert_int_equal(fstatat(host->root_fd, "dev/dri/card1", &status, 0), 0);
	line = xasprintf(" %02x:%02x %-26ju /dev/dri/card1\n", major(status.st_dev),
			 minor(status.st_dev), (uintmax_t)status.st_ino);
	assert_contains(maps, line);
	assert_true(is_card(host, "proc/812/map_files/7f0000000000-7f0000001000"));
	testhost_process_close(host, 812, "dri/card1");
	free(maps);
	maps = tree_read(host->root_fd, "proc/812/maps");
	assert_null(strstr(maps, "card1"));
	assert_contains(maps, "[stack]");
}

static void a_thread_outlives_its_leader(void **state)
{
	struct testhost *host = *state;
	auto_free char *stat = tree_read(host->root_fd, "proc/813/stat");

	assert_contains(stat, "813 (led) Z 1 ");
	assert_true(exists(host, "proc/813/fd"));
	assert_false(exists(host, "proc/813/fd/0"));
	assert_false(exists(host, "proc/813/task/813/fd/0"));
	assert_true(is_card(host, "proc/813/task/814/fd/3"));
}

static void processes_end_as_their_lines_say(void **state)
{
	struct testhost *host = *state;
	auto_free char *log = NULL;

	testhost_script(host, NULL);
	assert_int_equal(end(host, 812, 5001), 0);
	assert_true(exists(host, "proc/812"));
	assert_int_equal(end(host, 812, 5000), 0);
	assert_false(exists(host, "proc/812"));
	assert_int_equal(end(host, 812, 5000), 0);
	assert_int_equal(end(host, 820, 5000), 0);
	assert_false(exists(host, "proc/820"));
	assert_int_equal(end(host, 840, 5000), -ETIMEDOUT);
	assert_true(exists(host, "proc/840"));
	assert_int_equal(testhost_operations(host), 5);
	log = testhost_log(host);
	assert_text(log, "end 812\nend 812\nend 812\nend 820\nkill 820\nend 840\nkill 840\n");
}

static void some_come_back(void **state)
{
	struct testhost *host = *state;
	auto_free char *stat = NULL;

	assert_int_equal(end(host, 830, 77), 0);
	assert_false(exists(host, "proc/830"));
	assert_true(is_card(host, "proc/831/fd/3"));
	stat = tree_read(host->root_fd, "proc/831/stat");
	assert_contains(stat, " 1 0 78 ");
	assert_int_equal(end(host, 831, 78), 0);
	assert_true(is_card(host, "proc/832/fd/3"));
	testhost_process_gone(host, 832);
	assert_false(exists(host, "proc/832"));
	assert_false(exists(host, "proc/833"));
}

static void units_have_state_and_kin(void **state)
{
	struct testhost *host = *state;
	cleanup(host_unit_done) struct host_unit unit = {0};
	struct error err = ERROR_INIT;

	assert_ok(host_unit_read(&host->host, 0, "display-manager.service", &unit, &err), &err);
	assert_string_equal(unit.id, "gdm.service");
	assert_string_equal(unit.state, "active");
	assert_true(unit.can_stop);
	assert_string_equal(unit.triggered[0], "gdm.socket");
	assert_null(unit.triggered[1]);
	assert_string_equal(unit.dependent[0], "greeter.service");
	assert_null(unit.dependent[1]);
	host_unit_done(&unit);
	assert_ok(set(host, "gdm.socket", false), &err);
	assert_ok(host_unit_read(&host->host, 0, "gdm.service", &unit, &err), &err);
	assert_null(unit.triggered[0]);
	host_unit_done(&unit);
	assert_ok(host_unit_read(&host->host, 0, "dbus.service", &unit, &err), &err);
	assert_false(unit.can_stop);
	host_unit_done(&unit);
	assert_ok(host_unit_read(&host->host, 1000, "wireplumber.service", &unit, &err), &err);
	assert_string_equal(unit.id, "wireplumber.service");
	assert_string_equal(unit.triggered[0], "wireplumber.socket");
}

static void unknown_units_and_managers_differ(void **state)
{
	struct testhost *host = *state;
	auto_testhost struct testhost *plain = testhost_new("kernel 6.1.0-test\n");
	struct host_unit unit;

	assert_int_equal(host_unit_read(&host->host, 0, "no.service", &unit, NULL), -ENOENT);
	assert_int_equal(host_unit_read(&host->host, 1001, "gdm.service", &unit, NULL), -ENOSYS);
	assert_int_equal(host_unit_read(&host->host, 1000, "gdm.service", &unit, NULL), -ENOENT);
	assert_int_equal(host_unit_read(&plain->host, 0, "gdm.service", &unit, NULL), -ENOSYS);
	assert_int_equal(set(plain, "gdm.service", false), -ENOSYS);
	assert_true(exists(host, "run/systemd/system"));
	assert_false(exists(plain, "run/systemd"));
	assert_true(exists(plain, "var/lib"));
}

static void units_stop_and_start_with_their_processes(void **state)
{
	struct testhost *host = *state;
	auto_free char *before = testhost_tree(host), *after = NULL, *stat = NULL, *log = NULL;

	testhost_script(host, NULL);
	assert_false(exists(host, "proc/902"));
	assert_int_equal(end(host, 900, 5000), 0);
	assert_true(exists(host, "proc/901"));
	assert_int_equal(set(host, "gdm.service", false), 0);
	assert_false(exists(host, "proc/900"));
	assert_false(exists(host, "proc/901"));
	assert_unit(host, 0, "gdm.service", "inactive");
	assert_unit(host, 0, "greeter.service", "inactive");
	assert_int_equal(set(host, "gdm.service", false), 0);
	assert_int_equal(set(host, "greeter.service", true), 0);
	assert_int_equal(set(host, "gdm.service", true), 0);
	assert_true(is_card(host, "proc/900/fd/3"));
	stat = tree_read(host->root_fd, "proc/901/stat");
	assert_contains(stat, " 6000 ");
	after = testhost_tree(host);
	assert_text(after, before);
	log = testhost_log(host);
	assert_text(log, "end 900\nkill 900\nunit gdm.service stop\nunit gdm.service stop\n"
			 "unit greeter.service start\nunit gdm.service start\n");
}

static void stopped_units_are_seen_in_the_tree(void **state)
{
	struct testhost *host = *state;
	auto_free char *before = testhost_tree(host), *after = NULL, *text = NULL;

	assert_int_equal(set(host, "gdm.service", false), 0);
	after = testhost_tree(host);
	assert_string_not_equal(after, before);
	text = testhost_state(host);
	assert_contains(text, "unit gdm.service inactive\nunit idle.service inactive\n");
}

static void some_units_do_not_obey(void **state)
{
	struct testhost *host = *state;

	assert_int_equal(set(host, "dbus.service", false), -EPERM);
	assert_int_equal(set(host, "slow.service", false), -ETIMEDOUT);
	assert_unit(host, 0, "slow.service", "active");
	assert_int_equal(set(host, "broken.service", true), -EIO);
	assert_unit(host, 0, "broken.service", "failed");
	assert_int_equal(host_unit_set(&host->host, 1000, "wireplumber.service", false, 1, NULL),
			 0);
	assert_unit(host, 1000, "wireplumber.service", "active");
	assert_int_equal(host_unit_set(&host->host, 1000, "wireplumber.socket", false, 1, NULL), 0);
	assert_int_equal(host_unit_set(&host->host, 1000, "wireplumber.service", false, 1, NULL),
			 0);
	assert_unit(host, 1000, "wireplumber.service", "inactive");
}

static void sessions_are_told_as_logind_does(void **state)
{
	struct testhost *host = *state;
	auto_free char *first = tree_read(host->root_fd, "run/systemd/sessions/2");
	auto_free char *second = tree_read(host->root_fd, "run/systemd/sessions/5");

	assert_contains(first, "UID=1000\nUSER=alice\nACTIVE=1\n");
	assert_contains(first, "\nSEAT=seat0");
	assert_contains(second, "ACTIVE=0\n");
	assert_contains(second, "REMOTE=1\nREMOTE_HOST=10.0.0.9\nTYPE=tty\n");
	assert_file(host, "run/systemd/users/1000",
		    "NAME=alice\nSTATE=active\nDISPLAY=2\nSESSIONS=2 5");
	assert_file(host, "run/systemd/seats/seat0",
		    "IS_SEAT0=1\nACTIVE=2\nACTIVE_UID=1000\nSESSIONS=2");
}

static int stop_and_end(struct testhost *host, void *data)
{
	(void)data;
	set(host, "gdm.service", false);
	return end(host, 812, 5000) != 0;
}

static void faults_strike_units_and_processes(void **state)
{
	struct testhost *host = *state;
	struct fault fault = {.kind = FAULT_FAIL,
			      .at = FAULT_ANY,
			      .path = "unit gdm",
			      .value = "stop",
			      .code = EIO};
	struct error err = ERROR_INIT;

	testhost_script(host, &fault);
	assert_int_equal(host_unit_set(&host->host, 0, "gdm.service", false, 1, &err), -EIO);
	assert_contains(err.text, "stop gdm.service");
	assert_unit(host, 0, "gdm.service", "active");
	fault = (struct fault){.kind = FAULT_DIE_BEFORE, .at = FAULT_ANY, .path = "process 812"};
	testhost_script(host, &fault);
	assert_true(WIFSIGNALED(testhost_process(host, stop_and_end, NULL)));
	assert_unit(host, 0, "gdm.service", "inactive");
	assert_true(exists(host, "proc/812"));
	fault = (struct fault){.kind = FAULT_DIE_AFTER, .at = 1};
	testhost_script(host, &fault);
	assert_true(WIFSIGNALED(testhost_process(host, stop_and_end, NULL)));
	assert_false(exists(host, "proc/812"));
}

static void wrong_lines_are_refused(void **state)
{
	static const char *const bad[] = {
		"process mpv",
		"process 812 term=heeded",
		"process 812 start=then",
		"process 812 comm=\"a b\" colour",
		"unit gdm.service",
		"unit gdm.service running",
		"unit gdm.service active pid=900",
		"session",
		"session 2 uid=alice",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct machine machine;

		if (machine_parse(bad[i], &machine, NULL) != -EBADMSG)
			fail_msg("\"%s\" was taken for a host text", bad[i]);
	}
}

#define test(name) cmocka_unit_test_setup_teardown(name, fresh, stale)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(processes_are_laid_out_as_in_proc),
		test(command_lines_have_zero_bytes),
		test(maps_name_the_inode_of_the_node),
		test(a_thread_outlives_its_leader),
		test(processes_end_as_their_lines_say),
		test(some_come_back),
		test(units_have_state_and_kin),
		test(unknown_units_and_managers_differ),
		test(units_stop_and_start_with_their_processes),
		test(stopped_units_are_seen_in_the_tree),
		test(some_units_do_not_obey),
		test(sessions_are_told_as_logind_does),
		test(faults_strike_units_and_processes),
		cmocka_unit_test(wrong_lines_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
