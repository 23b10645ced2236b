// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whether a run is over, as recover tells it without asking libvirt: by a QEMU that runs or cannot
 * be told from one, by the daemon that called the hook, and by what that one keeps on the disk.
 *
 * Linked with --wrap=workers_run: what never answers is waited for for a moment only.
 */
#include "tests/hook/recover-call.h"

#include <time.h>

#include "base/worker.h"

int __real_clock_gettime(clockid_t clock, struct timespec *ret);
int __wrap_clock_gettime(clockid_t clock, struct timespec *ret);

/* A caller is never older than the host, and these tests speak of callers of an hour's age. */
int __wrap_clock_gettime(clockid_t clock, struct timespec *ret)
{
	int result = __real_clock_gettime(clock, ret);

	if (clock == CLOCK_BOOTTIME)
		ret->tv_sec += 24 * 60 * 60;
	return result;
}

static bool impatient;

void __real_workers_run(struct worker *workers, size_t count);
void __wrap_workers_run(struct worker *workers, size_t count);

void __wrap_workers_run(struct worker *workers, size_t count)
{
	for (size_t i = 0; impatient && i < count; i++)
		workers[i].timeout_ms = 3000;
	__real_workers_run(workers, count);
}

#define QEMU(uuid)                                                                                 \
	"process 812 comm=qemu-system-x86 "                                                        \
	"cmdline=\"/usr/bin/qemu-system-x86_64 -name guest=g1,debug-threads=on -uuid " uuid        \
	" -display none\"\n"

/* --- a guest that runs --- */

static void running_guest(void **state)
{
	auto_testhost struct testhost *host = machine_with(QEMU(UUID_1));

	(void)state;
	lend(host, "g1", GPU_XML("g1", UUID_1));
	check_left_alone(host, "g1 left: ", "it runs (process 812)");
	/* Whatever its journal says, and whoever asks. */
	check_one(host, "g1", "g1 left: ", "it runs (process 812)");
	check_one(host, UUID_1, "g1 left: ", "it runs (process 812)");
	assert_true(has_journal(host, UUID_1));
	assert_int_equal(testhost_operations(host), 0);
}

static void running_guest_by_other_names(void **state)
{
	static const char *const lines[] = {
		"process 812 comm=qemu:g1 exe=/usr/libexec/qemu-kvm cmdline=\"x -uuid " UUID_1
		"\"\n",
		"process 812 comm=.qemu-system-x8 cmdline=\"x -uuid " UUID_1 " -S\"\n",
		"process 812 comm=kvm cmdline=\"kvm -uuid 4DEA22B3-1D52-D8F3-2516-782E98AB3FA0\"\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		auto_testhost struct testhost *host = machine_with(lines[i]);

		lend(host, "g1", GPU_XML("g1", UUID_1));
		check_left_alone(host, "g1 left: ", "it runs (process 812)");
	}
}

/* "release" may come while QEMU is still in the kernel. */
static void qemu_that_has_not_ended(void **state)
{
	auto_testhost struct testhost *host = machine_with(QEMU(UUID_1));
	auto_free char *journal = NULL;

	(void)state;
	lend(host, "g1", GPU_XML("g1", UUID_1));
	journal = tree_read(host->root_fd, FILE_OF(UUID_1));
	tree_file(host->root_fd, FILE_OF(UUID_1), "%s\nreturning\n", journal);
	check_left_alone(host, "g1 left: ", "its QEMU (process 812) has not ended yet");
}

static void guest_that_has_ended(void **state)
{
	static const char *const lines[] = {
		"",
		/* another guest; only almost the words; and one that its parent only has to bury */
		QEMU(UUID_2),
		"process 812 comm=qemu-system-x86 cmdline=\"qemu -name -uuid" UUID_1 "\"\n",
		"process 812 comm=qemu-system-x86 cmdline=\"qemu " UUID_1 " -uuid\"\n",
		"process 812 comm=qemu-system-x86 zombie cmdline=\"qemu -uuid " UUID_1 "\"\n",
		"process 812 comm=qemu-nothing flags=0x200000\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		auto_testhost struct testhost *host = machine_with(lines[i]);
		auto_free char *before = testhost_tree(host);

		lend(host, "g1", GPU_XML("g1", UUID_1));
		check_one(host, "g1", "g1 returned: ", "it does not run");
		check_home(host, before);
	}
}

/* What libvirt has of it cannot be read: it may be on its books. */
static void books_that_cannot_be_read(void **state)
{
	auto_testhost struct testhost *host = machine_with("");

	(void)state;
	lend(host, "g1", GPU_XML("g1", UUID_1));
	tree_dir(host->root_fd, "run/libvirt/qemu/g1.xml");
	check_one(host, "g1", "g1 left: ", "libvirt has its run on its books");
	assert_true(has_journal(host, UUID_1));
	assert_int_equal(testhost_operations(host), 0);
}

/* Its first thread has ended, and others of it are in the kernel with its devices. */
static void qemu_whose_first_thread_has_ended(void **state)
{
	auto_testhost struct testhost *host =
		machine_with("process 812 comm=qemu-system-x86 zombie threads=813\n");

	(void)state;
	lend(host, "g1", GPU_XML("g1", UUID_1));
	check_one(host, "g1", "g1 unsettled: ", "process 812 is a QEMU that is about to end");
	assert_true(has_journal(host, UUID_1));
	assert_int_equal(testhost_operations(host), 0);
}

static void who_cannot_be_told(void **state)
{
	auto_testhost struct testhost *host =
		machine_with("process 812 comm=qemu-system-x86\n"
			     "process 813 comm=emulator cmdline=\"emulator -uuid " UUID_1 "\"\n");

	(void)state;
	lend(host, "g1", GPU_XML("g1", UUID_1));
	tree_bytes(host->root_fd, "proc/812/cmdline", "", 0);
	check_left_alone(host, "g1 unsettled: ", "process 812 is a QEMU that is about to end");
	tree_remove(host->root_fd, "proc/812/cmdline");
	tree_dir(host->root_fd, "proc/812/cmdline");
	check_left_alone(host, "g1 unsettled: ", "/proc/812/cmdline: Is a directory");
	check_one(host, "g1", "g1 unsettled: ", "nothing was changed");
	testhost_process_gone(host, 812);
	check_left_alone(host, "g1 unsettled: ", "process 813 has its UUID");
}

/* What stands behind a process's memory may never answer: a pipe that nobody writes to, here. */
static void who_keeps_his_command_line_back(void **state)
{
	auto_testhost struct testhost *host = machine_with("process 812 comm=qemu-system-x86\n"
							   "process 813 comm=other\n");
	auto_free char *before = testhost_tree(host);

	(void)state;
	lend(host, "g1", GPU_XML("g1", UUID_1));
	for (int pid = 812; pid <= 813; pid++) {
		auto_free char *path = xasprintf("proc/%d/cmdline", pid);

		tree_remove(host->root_fd, path);
		assert_int_equal(mkfifoat(host->root_fd, path, 0600), 0);
	}
	impatient = true;
	check_one(host, "g1", "g1 unsettled: ",
		  "process 812, which goes by the name of a QEMU, does not tell its command line");
	impatient = false;
	assert_true(has_journal(host, UUID_1));
	testhost_process_gone(host, 812);
	/* By its name no QEMU: not for him to keep a guest from being settled. */
	check_one(host, "g1", "g1 returned: ", "asked for by name");
	check_home(host, before);
}

/* One device is the kernel's for now; the other guest's is not kept from its home by that. */
static void what_the_kernel_keeps(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	struct fault fault = {.kind = FAULT_HANG,
			      .at = FAULT_ANY,
			      .path = "drivers/vfio-pci/unbind",
			      .value = "0000:01:00.0"};
	auto_free char *before = testhost_tree(host);
	auto_free char *said = NULL;

	(void)state;
	lend(host, "g1", GPU_XML("g1", UUID_1));
	lend(host, "g2", NIC_XML("g2", UUID_2));
	testhost_process_gone(host, getpid());
	testhost_script(host, &fault);
	impatient = true;
	said = recover_guest(host, NULL);
	impatient = false;
	assert_memory_equal(said, "g1 unsettled: ", 14);
	assert_contains(said, "0000:01:00.0");
	assert_contains(said, "\ng2 returned: ");
	assert_true(has_journal(host, UUID_1));
	assert_false(has_journal(host, UUID_2));
	testhost_release(host);
	testhost_script(host, NULL);
	free(recover_guest(host, NULL));
	check_home(host, before);
}

/* --- who may be about to return it --- */

static void age(struct testhost *host, int by_s)
{
	struct timespec times[2] = {{.tv_nsec = UTIME_NOW}, {.tv_nsec = UTIME_NOW}};

	clock_gettime(CLOCK_REALTIME, &times[1]);
	times[1].tv_sec -= by_s;
	assert_int_equal(utimensat(host->root_fd, FILE_OF(UUID_1), times, 0), 0);
}

static void start_in_progress(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_free char *before = testhost_tree(host);

	(void)state;
	lend(host, "g1", GPU_XML("g1", UUID_1));
	check_left_alone(host, "g1 left: ", "may be about to start it");
	age(host, 280);
	check_left_alone(host, "g1 left: ", "more seconds");
	age(host, 310);
	check_recover(host, NULL, "g1 returned: it does not run, and nobody has returned it\n");
	check_home(host, before);
}

/* Set on by a server of time while the guest starts. */
static void start_in_progress_when_the_clock_leaps(void **state)
{
	auto_testhost struct testhost *host = NULL;
	auto_free char *line = NULL;
	struct timespec now;

	(void)state;
	clock_gettime(CLOCK_BOOTTIME, &now);
	line = xasprintf("process %d comm=libvirtd start=%lld\n", (int)getpid(),
			 (long long)(now.tv_sec - 20) * sysconf(_SC_CLK_TCK));
	host = machine_with(line);
	lend(host, "g1", GPU_XML("g1", UUID_1));
	age(host, 4000);
	check_left_alone(host, "g1 left: ", "more seconds");
}

/* Scripts of "start" run before anything is to be seen of the guest. */
static void start_with_long_scripts(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_free char *before = testhost_tree(host);
	auto_free char *text = NULL;
	char *total;

	(void)state;
	lend(host, "g1", GPU_XML("g1", UUID_1));
	text = tree_read(host->root_fd, FILE_OF(UUID_1));
	total = strstr(text, "total-time=240");
	assert_non_null(total);
	total[strlen("total-time=")] = '9';
	total[strlen("total-time=9")] = '0';
	tree_file(host->root_fd, FILE_OF(UUID_1), "%s\n", text);
	age(host, 940);
	check_left_alone(host, "g1 left: ", "more seconds");
	age(host, 970);
	check_recover(host, NULL, "g1 returned: it does not run, and nobody has returned it\n");
	check_home(host, before);
}

/* Somebody has given it another driver meanwhile: that stays, and is no return. */
static void what_was_changed_meanwhile(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");

	(void)state;
	lend(host, "g1", NIC_XML("g1", UUID_1));
	testhost_script(host, NULL);
	testhost_set(host, "0000:03:00.0", "driver_override", "(null)");
	testhost_rebind(host, "0000:03:00.0", "nouveau");
	check_one(host, "g1", "g1 returned: ", "but for what somebody else has changed");
	assert_false(has_journal(host, UUID_1));
}

static void start_in_progress_that_the_admin_calls_over(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_free char *before = testhost_tree(host);

	(void)state;
	lend(host, "g1", GPU_XML("g1", UUID_1));
	check_recover(host, "g2", "");
	assert_true(has_journal(host, UUID_1));
	check_recover(host, "g1", "g1 returned: it does not run, and was asked for by name\n");
	check_home(host, before);
}

static void dead_caller(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_free char *before = testhost_tree(host);

	(void)state;
	lend(host, "g1", GPU_XML("g1", UUID_1));
	testhost_process_gone(host, getpid());
	check_recover(host, NULL,
		      "g1 returned: it does not run, and the libvirt that started it is gone\n");
	check_home(host, before);
}

/* Its number is another process's by now. */
static void caller_of_the_same_number(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_free char *before = testhost_tree(host);
	auto_free char *path = xasprintf("proc/%d/stat", (int)getpid());
	auto_free char *stat = NULL;
	char *start;

	(void)state;
	lend(host, "g1", GPU_XML("g1", UUID_1));
	stat = tree_read(host->root_fd, path);
	start = strstr(stat, " 700 ");
	assert_non_null(start);
	start[1] = '8';
	tree_file(host->root_fd, path, "%s\n", stat);
	check_one(host, NULL, "g1 returned: ", "is gone");
	check_home(host, before);
}

static void write_caller(struct testhost *host, const char *caller)
{
	auto_free char *path = xasprintf("run/hostdev-hook/%s.journal", UUID_1);
	auto_free char *text = tree_read(host->root_fd, path);
	char *line = strstr(text, "\ncaller ");

	assert_non_null(line);
	*line = '\0';
	tree_file(host->root_fd, path, "%s\ncaller %s%s\n", text, caller, strchr(line + 1, '\n'));
}

/* Its libvirt was dead already when the hook looked whose child it is. */
static void caller_that_was_gone_at_once(void **state)
{
	auto_testhost struct testhost *host =
		machine_with_caller("process 1 comm=systemd start=700\n");
	auto_free char *before = testhost_tree(host);

	(void)state;
	lend(host, "g1", GPU_XML("g1", UUID_1));
	write_caller(host, "1 700");
	check_one(host, NULL, "g1 returned: ", "is gone");
	check_home(host, before);
}

/* As in a container. */
static void libvirt_as_the_first_process(void **state)
{
	auto_free char *processes = xasprintf("process 1 comm=virtqemud start=700\n"
					      "process %d comm=sh start=700\n",
					      (int)getpid());
	auto_testhost struct testhost *host = machine_with(processes);

	(void)state;
	lend(host, "g1", GPU_XML("g1", UUID_1));
	write_caller(host, "1 700");
	check_left_alone(host, "g1 left: ", "libvirt (process 1) may be about to start it");
}

/* A journal that names none: for as long as a start may take. */
static void unknown_caller(void **state)
{
	auto_testhost struct testhost *host = machine_with("");
	auto_free char *before = testhost_tree(host);

	(void)state;
	lend(host, "g1", GPU_XML("g1", UUID_1));
	check_left_alone(host, "g1 left: ", "may be about to start it");
	age(host, 310);
	check_one(host, NULL, "g1 returned: ", "nobody has returned it");
	check_home(host, before);
}

/* Its daemon gives its own devices back first, and may reset them for that. */
static void run_on_libvirts_books(void **state)
{
	static const char books[] = "run/libvirt/qemu/g1.xml";
	auto_testhost struct testhost *host = machine_with("");
	auto_free char *before = testhost_tree(host);

	(void)state;
	lend(host, "g1", GPU_XML("g1", UUID_1));
	tree_file(host->root_fd, books, "<domstatus><uuid>" UUID_1 "</uuid></domstatus>\n");
	age(host, 10000);
	check_left_alone(host, "g1 left: ", "libvirt has its run on its books");
	/* Nor for who asks for it: libvirt would reset a device that has its driver by then. */
	check_one(host, "g1", "g1 left: ", "Start libvirt's daemon");
	check_one(host, UUID_1, "g1 left: ", "remove /run/libvirt/qemu/g1.xml");
	assert_int_equal(testhost_operations(host), 0);
	/* Another guest has the name now. */
	tree_file(host->root_fd, books, "<domstatus><uuid>" UUID_2 "</uuid></domstatus>\n");
	check_one(host, "g1", "g1 returned: ", "asked for by name");
	check_home(host, before);
}

static void begun_return_is_nobodys_on_the_books(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_call struct call release = RELEASE("g1", "");
	struct fault fault = {.kind = FAULT_DIE_BEFORE, .at = 1};
	auto_free char *before = testhost_tree(host);

	(void)state;
	lend(host, "g1", GPU_XML("g1", UUID_1));
	tree_file(host->root_fd, "run/libvirt/qemu/g1.xml",
		  "<domstatus><uuid>" UUID_1 "</uuid></domstatus>\n");
	testhost_script(host, &fault);
	call_engine(host, &release);
	testhost_script(host, NULL);
	check_one(host, NULL, "g1 returned: ", "its return was not finished");
	check_home(host, before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(running_guest),
		cmocka_unit_test(running_guest_by_other_names),
		cmocka_unit_test(qemu_that_has_not_ended),
		cmocka_unit_test(guest_that_has_ended),
		cmocka_unit_test(books_that_cannot_be_read),
		cmocka_unit_test(qemu_whose_first_thread_has_ended),
		cmocka_unit_test(who_cannot_be_told),
		cmocka_unit_test(who_keeps_his_command_line_back),
		cmocka_unit_test(what_the_kernel_keeps),
		cmocka_unit_test(start_in_progress),
		cmocka_unit_test(start_in_progress_when_the_clock_leaps),
		cmocka_unit_test(start_with_long_scripts),
		cmocka_unit_test(what_was_changed_meanwhile),
		cmocka_unit_test(start_in_progress_that_the_admin_calls_over),
		cmocka_unit_test(dead_caller),
		cmocka_unit_test(caller_of_the_same_number),
		cmocka_unit_test(caller_that_was_gone_at_once),
		cmocka_unit_test(libvirt_as_the_first_process),
		cmocka_unit_test(unknown_caller),
		cmocka_unit_test(run_on_libvirts_books),
		cmocka_unit_test(begun_return_is_nobodys_on_the_books),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
