// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A real /run that is full, has no inode left or has become read-only while a guest ran, or while
 * one was started: what was lent comes home, and nothing is without a driver.
 */
#include "tests/hook/recover-call.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mount.h>

#include "base/worker.h"
#include "state/lock.h"
#include "state/state-locks.h"

/* Mounts of these tests are theirs alone. In a chroot "/" may be no mount, and needs nothing. */
static int in_a_namespace(void **state)
{
	(void)state;
	if (unshare(CLONE_NEWNS) < 0)
		return -1;
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 && errno != EINVAL ? -1 : 0;
}

struct room {
	struct testhost *host;
	char *dir, *before;
};

static struct room room_make(struct testhost *host, const char *options)
{
	struct room room = {
		.host = host,
		.dir = xasprintf("%s/run/hostdev-hook", host->root),
		.before = testhost_tree(host),
	};

	mkdir(room.dir, 0700);
	assert_int_equal(mount("tmpfs", room.dir, "tmpfs", 0, options), 0);
	return room;
}

static void room_done(struct room *room)
{
	umount2(room->dir, MNT_DETACH);
	free(room->dir);
	free(room->before);
	testhost_free(&room->host);
}

#define auto_room cleanup(room_done)

static void fill(const struct room *room)
{
	auto_free char *path = xasprintf("%s/filler", room->dir);
	auto_close int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	const char page[4096] = {0};

	assert_true(fd >= 0);
	while (write(fd, page, sizeof(page)) > 0)
		;
	assert_int_equal(errno, ENOSPC);
}

/* So that the next line of any length needs a page that is not there. */
static void pad_journal(const struct room *room)
{
	auto_free char *path = xasprintf("%s/" UUID_1 ".journal", room->dir);
	auto_close int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	struct stat status;

	assert_true(fd >= 0);
	for (;;) {
		assert_int_equal(fstat(fd, &status), 0);
		if (status.st_size % 4096 > 4096 - 5)
			break;
		assert_int_equal(write(fd, "lent\n", 5), 5);
	}
}

/* Workers of the lend may be about to end, with the journal open. */
static void make_read_only(const struct room *room)
{
	for (int i = 0; mount("", room->dir, "", MS_REMOUNT | MS_RDONLY, NULL) < 0; i++) {
		assert_int_equal(errno, EBUSY);
		assert_true(i < 500);
		usleep(10000);
	}
}

static void assert_home(const struct room *room)
{
	auto_free char *now = testhost_tree(room->host);

	assert_text(now, room->before);
}

static void release(const struct room *room)
{
	auto_call struct call call = RELEASE("g1", GPU_XML("g1", UUID_1));

	testhost_script(room->host, NULL);
	call_engine(room->host, &call);
	assert_string_equal(call.said, "");
	assert_int_equal(call.status, 0);
	assert_home(room);
}

static void a_full_file_system(void **state)
{
	auto_room struct room room = room_make(machine_with_caller(""), "size=16k,mode=0700");

	(void)state;
	lend(room.host, "g1", GPU_XML("g1", UUID_1));
	pad_journal(&room);
	fill(&room);
	release(&room);
	assert_false(has_journal(room.host, UUID_1));
}

static void use_inodes(const struct room *room)
{
	for (int i = 0;; i++) {
		auto_free char *path = xasprintf("%s/%d", room->dir, i);
		auto_close int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

		if (fd < 0)
			break;
		assert_true(i < 20);
	}
}

static void no_inode_is_left(void **state)
{
	auto_room struct room room =
		room_make(machine_with_caller(""), "size=64k,nr_inodes=20,mode=0700");

	(void)state;
	lend(room.host, "g1", GPU_XML("g1", UUID_1));
	use_inodes(&room);
	release(&room);
	assert_false(has_journal(room.host, UUID_1));
}

/* The journal stays, and goes with the next recover once it can. */
static void a_read_only_file_system(void **state)
{
	auto_room struct room room = room_make(machine_with_caller(""), "size=64k,mode=0700");

	(void)state;
	lend(room.host, "g1", GPU_XML("g1", UUID_1));
	make_read_only(&room);
	release(&room);
	assert_true(has_journal(room.host, UUID_1));
	assert_int_equal(mount("", room.dir, "", MS_REMOUNT, NULL), 0);
	check_one(room.host, "g1", "g1 returned: ", "asked for by name");
	assert_false(has_journal(room.host, UUID_1));
	assert_home(&room);
}

/* A service that was stopped has a lock of its own, beside the guest's: both are the directory. */
static void a_read_only_file_system_and_a_unit(void **state)
{
	static const char xml[] =
		"<domain type='kvm'><name>g1</name><uuid>" UUID_1 "</uuid><metadata><h:policy "
		"xmlns:h='urn:hostdev-hook:1' services='stop-unit'/></metadata><devices>" HOSTDEV(
			"0x01", "0x0") "</devices></domain>";
	auto_room struct room room = room_make(
		machine_with_caller("node 0000:01:00.0 drm/renderD128 226:128 name=dri/renderD128\n"
				    "unit mixer.service active pids=900\n"
				    "process 1 comm=systemd\n"
				    "process 900 comm=mixer cgroup=/system.slice/mixer.service "
				    "holds=dri/renderD128\n"),
		"size=64k,mode=0700");
	auto_free char *log = NULL;
	uint64_t began_ms;

	(void)state;
	lend(room.host, "g1", xml);
	make_read_only(&room);
	began_ms = host_now_ms();
	release(&room);
	assert_true(host_now_ms() - began_ms < 9000);
	log = testhost_log(room.host);
	assert_contains(log, "mixer.service start");
}

/* Nothing can be written down before it is changed: nothing is changed. */
static void no_start_with_a_read_only_file_system(void **state)
{
	auto_room struct room room = room_make(machine_with_caller(""), "size=64k,mode=0700");
	auto_call struct call prepare = PREPARE("g1", GPU_XML("g1", UUID_1));
	uint64_t began_ms = host_now_ms();

	(void)state;
	make_read_only(&room);
	check_refused(room.host, &prepare, "Read-only file system");
	assert_true(host_now_ms() - began_ms < 9000);
}

static int hang(void *data, struct error *err)
{
	(void)data;
	(void)err;
	alarm(10);
	return pause();
}

/* A hook that is killed while the kernel keeps its worker. */
static void die_with_the_lock(int dir)
{
	struct lock lock = LOCK_INIT;
	struct worker worker = {.work = hang, .timeout_ms = 200};

	if (lock_take(&lock, dir, "claims.lock", 0, NULL) < 0)
		_exit(3);
	workers_run(&worker, 1);
	raise(SIGKILL);
}

static void a_stuck_worker_keeps_nobody_out(void **state)
{
	auto_room struct room room = room_make(machine_with_caller(""), "size=64k,mode=0700");
	struct lock lock = LOCK_INIT;
	int status, dir;
	pid_t pid;

	(void)state;
	make_read_only(&room);
	dir = open(room.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	pid = fork();
	if (pid == 0)
		die_with_the_lock(dir);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	assert_int_equal(lock_take(&lock, dir, "claims.lock", 2000, NULL), 0);
	lock_release(&lock);
	close(dir);
}

/* So that a lock file of its own was never made, as by an earlier version. */
static void no_lock_file_can_be_made(void **state)
{
	auto_room struct room room = room_make(machine_with_caller(""), "size=64k,mode=0700");
	auto_free char *lock = xasprintf("%s/" GUESTS_LOCK, room.dir);

	(void)state;
	lend(room.host, "g1", GPU_XML("g1", UUID_1));
	assert_int_equal(unlink(lock), 0);
	make_read_only(&room);
	release(&room);
}

/* The same where the file system is full of files. */
static void no_inode_is_left_for_a_lock_file(void **state)
{
	auto_room struct room room =
		room_make(machine_with_caller(""), "size=64k,nr_inodes=20,mode=0700");
	auto_free char *lock = xasprintf("%s/" GUESTS_LOCK, room.dir);

	(void)state;
	lend(room.host, "g1", GPU_XML("g1", UUID_1));
	assert_int_equal(unlink(lock), 0);
	use_inodes(&room);
	release(&room);
	assert_false(has_journal(room.host, UUID_1));
}

/* Network cards, and a guest that wants them all. */
static char *cards(int count)
{
	auto_text struct text text = TEXT_INIT;

	text_printf(&text, "kernel 6.1.0-test\nboot " BOOT "\nprocess %d comm=libvirtd start=700\n",
		    (int)getpid());
	for (int i = 0; i < count; i++)
		text_printf(&text,
			    "device 0000:01:%02x.0 8086:10d3 class=020000 group=%d driver=e1000e "
			    "power=auto\n",
			    i, 10 + i);
	text_printf(&text, "driver e1000e module=e1000e\n"
			   "module vfio-pci unloaded registers=vfio-pci\n");
	return steal(&text.data);
}

static char *guest_of_cards(int count)
{
	auto_text struct text text = TEXT_INIT;

	text_printf(&text, "<domain type='kvm'><name>g1</name><uuid>" UUID_1 "</uuid><devices>");
	for (int i = 0; i < count; i++)
		text_printf(&text,
			    "<hostdev mode='subsystem' type='pci' managed='yes'><source><address "
			    "domain='0x0000' bus='0x01' slot='0x%02x' function='0x0'/></source>"
			    "</hostdev>",
			    i);
	text_printf(&text, "</devices></domain>");
	return steal(&text.data);
}

/* One page is left for the journal. True: the guest was started (and has returned all). */
static bool start_in_one_page(int count)
{
	auto_free char *machine_text = cards(count), *xml = guest_of_cards(count);
	auto_room struct room room = room_make(testhost_new(machine_text), "size=16k,mode=0700");
	auto_free char *filler = xasprintf("%s/filler", room.dir);
	auto_close int fd = open(filler, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	auto_call struct call prepare = PREPARE("g1", xml), end = RELEASE("g1", xml);
	const char pages[3 * 4096] = {0};

	assert_int_equal(write(fd, pages, sizeof(pages)), sizeof(pages));
	call_engine(room.host, &prepare);
	if (prepare.status == 0) {
		testhost_script(room.host, NULL);
		call_engine(room.host, &end);
		assert_string_equal(end.said, "");
		assert_int_equal(end.status, 0);
	} else {
		assert_contains(prepare.said, "No space left on device");
	}
	assert_home(&room);
	assert_false(has_journal(room.host, UUID_1));
	return prepare.status == 0;
}

/* The fewest fit in with their return, more with their lend alone, and the most not at all. */
static void a_journal_that_outgrows_its_page(void **state)
{
	int lent = 0, refused = 0;

	(void)state;
	for (int count = 4; count <= 22; count++)
		++*(start_in_one_page(count) ? &lent : &refused);
	assert_true(lent > 0);
	assert_true(refused > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_file_system),
		cmocka_unit_test(no_inode_is_left),
		cmocka_unit_test(a_read_only_file_system),
		cmocka_unit_test(a_read_only_file_system_and_a_unit),
		cmocka_unit_test(no_start_with_a_read_only_file_system),
		cmocka_unit_test(a_stuck_worker_keeps_nobody_out),
		cmocka_unit_test(no_lock_file_can_be_made),
		cmocka_unit_test(no_inode_is_left_for_a_lock_file),
		cmocka_unit_test(a_journal_that_outgrows_its_page),
	};

	return cmocka_run_group_tests(tests, in_a_namespace, NULL);
}
