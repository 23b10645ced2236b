// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The exclusive open: of which disks it is asked, what becomes of its answers, and that the real
 * kernel gives them.
 */
#include "tests/unit/storage-helpers.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <sys/ioctl.h>

#include "parsers/storage/disk-claims.h"

static void only_disks_without_evidence_are_asked(void **state)
{
	struct world *world = *state;

	add_nvme(world);
	add_disk(world, OTHER, "nvme/nvme1/nvme1n1", 259, 8);
	add_disk(world, OTHER, "nvme/nvme1/nvme1n2", 259, 9);
	mount_at(world, "259:2", "/home", "ext4", "/dev/nvme0n1p2");
	answer = EBUSY;
	assert_uses(world, NVME " " OTHER,
		    "mount " NVME " nvme0n1p2: mounted on /home\n"
		    "claimed " OTHER " nvme1n1: claimed by the kernel (a mount in another "
		    "namespace, ZFS, RAID?)\n"
		    "claimed " OTHER " nvme1n2: claimed by the kernel (a mount in another "
		    "namespace, ZFS, RAID?)\n");
	/* At once. */
	assert_string_equal(asked.data, "2 ");
}

static void what_is_known_of_a_disk(void **state)
{
	struct world *world = *state;
	cleanup(disks_done) struct disks disks = {0};
	auto_snapshot struct snapshot snapshot = {0};
	struct error err = ERROR_INIT;

	add_disk(world, USB, "usb1/1-2/host6/block/sdb", 8, 16);
	set(world, "sdb", "removable", "1");
	add_disk(world, USB, "usb1/1-2/host6/block/sda", 8, 0);
	set(world, "sda", "removable", "0");
	add_device(&snapshot, NIC);
	add_device(&snapshot, USB);
	assert_ok(disks_read(&world->host->host, &snapshot, &disks, &err), &err);
	assert_int_equal(disks.count, 2);
	assert_string_equal(disks.disks[0].node, "sda");
	assert_false(disks.disks[0].removable);
	assert_string_equal(disks.disks[1].name, "sdb");
	assert_true(disks.disks[1].removable);
	assert_int_equal(disks.disks[1].device, makedev(8, 16));
	assert_string_equal(ADDR(&disks.disks[1].addr), USB);
}

/* By two functions, as with NVMe multipath: both get the answer. */
static void a_disk_is_asked_once(void **state)
{
	struct disk list[] = {{.device = 7}, {.device = 8, .used = true}, {.device = 7}};
	struct world *world = *state;
	struct disks disks = {list, 3};

	answer = EBUSY;
	disk_claims_read(&world->host->host, &disks);
	assert_string_equal(asked.data, "1 ");
	assert_int_equal(list[0].verdict, DISK_CLAIMED);
	assert_int_equal(list[1].verdict, DISK_FREE);
	assert_int_equal(list[2].verdict, DISK_CLAIMED);
}

static void what_the_open_says(void **state)
{
	static const struct {
		int code;
		const char *uses;
	} cases[] = {
		{0, ""},
		{ENOENT, ""},
		{ENXIO, ""},
		{ENOMEDIUM, ""},
		{EACCES, "unreadable " NVME " nvme0n1: may be in use, which only root can find out "
			 "(open: Permission denied)\n"},
		{EIO, "unreadable " NVME " nvme0n1: may be in use, which cannot be found out: "
		      "open: Input/output error\n"},
		{ETIMEDOUT, "unreadable " NVME " nvme0n1: may be in use, which cannot be found "
			    "out: open: Connection timed out\n"},
		{ECHILD, "unreadable " NVME " nvme0n1: may be in use, which cannot be found out: "
			 "open: No child processes\n"},
	};
	struct world *world = *state;

	add_nvme(world);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		answer = cases[i].code;
		assert_uses(world, NVME, cases[i].uses);
	}
}

static void a_node_of_another_device_is_not_opened(void **state)
{
	struct world *world = *state;
	int root = world->host->root_fd;

	answering = false;
	add_nvme(world);
	tree_remove(root, "dev/nvme0n1");
	assert_uses(world, NVME,
		    "unreadable " NVME " nvme0n1: may be in use, which cannot be found out: the "
		    "disk is there, /dev/nvme0n1 is not\n");
	assert_int_equal(mknodat(root, "dev/nvme0n1", S_IFBLK | 0600, makedev(259, 7)), 0);
	assert_uses(world, NVME,
		    "unreadable " NVME " nvme0n1: may be in use, which cannot be found out: "
		    "/dev/nvme0n1 is not this disk\n");
}

/* A loop device of this very machine, held as the kernel itself would hold it; -1 without one. */
static int take_loop(char path[32], const char *file)
{
	auto_close int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	auto_close int backing = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	int number = control < 0 ? -1 : ioctl(control, LOOP_CTL_GET_FREE);
	int fd;

	if (number < 0 || ftruncate(backing, 1 << 20) < 0)
		return -1;
	snprintf(path, 32, "/dev/loop%d", number);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd >= 0 && ioctl(fd, LOOP_SET_FD, backing) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static void a_claimed_disk_says_so(void **state)
{
	struct world *world = *state;
	auto_free char *file = xasprintf("%s/image", world->host->root);
	char path[32];
	auto_close int loop = take_loop(path, file);
	struct host real = world->host->host;
	struct stat status = {0};
	struct disk disk = {.node = path + strlen("/dev/")};
	struct disks disks = {&disk, 1};
	int holder;

	assert_needs(loop >= 0, "root, and a free loop device");
	answering = false;
	fstat(loop, &status);
	disk.device = status.st_rdev;
	/* Nodes of the made-up machine may lie where none can be opened. */
	real.fd[HOST_DEV] = open("/dev", O_PATH | O_DIRECTORY | O_CLOEXEC);
	disk_claims_read(&real, &disks);
	assert_int_equal(disk.verdict, DISK_FREE);
	holder = open(path, O_RDONLY | O_EXCL | O_CLOEXEC);
	assert_true(holder >= 0);
	disk_claims_read(&real, &disks);
	close(holder);
	ioctl(loop, LOOP_CLR_FD);
	close(real.fd[HOST_DEV]);
	assert_int_equal(disk.verdict, DISK_CLAIMED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_disks(only_disks_without_evidence_are_asked),
		with_disks(what_is_known_of_a_disk),
		with_disks(a_disk_is_asked_once),
		with_disks(what_the_open_says),
		with_disks(a_node_of_another_device_is_not_opened),
		with_disks(a_claimed_disk_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
