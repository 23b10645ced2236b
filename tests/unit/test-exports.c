// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the servers inside the kernel serve, by folders of configfs as they make them; and that what
 * cannot be read there is told as such.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/text.h"
#include "parsers/storage/exports.h"
#include "tests/host/testhost.h"
#include "tests/host/tree.h"

#define CONFIG "sys/kernel/config/"
#define NVMET CONFIG "nvmet/subsystems/nqn.x/"

static int fresh(void **state)
{
	struct testhost *host = testhost_new("");

	tree_file(host->root_fd, "sys/class/block/sdb/dev", "241:16\n");
	tree_file(host->root_fd, "sys/class/block/dm-0/dev", "242:0\n");
	tree_node(host->root_fd, "dev/sdb", true, makedev(241, 16));
	tree_node(host->root_fd, "dev/dm-0", true, makedev(242, 0));
	tree_node(host->root_fd, "dev/nvme0", false, makedev(243, 0));
	tree_raw_link(host->root_fd, "dev/disk/by-id/x", "../../sdb");
	tree_raw_link(host->root_fd, "dev/mapper/vg-x", "../dm-0");
	*state = host;
	return 0;
}

static int stale(void **state)
{
	struct testhost *host = *state;

	testhost_free(&host);
	return 0;
}

static void file(struct testhost *host, const char *path, const char *value)
{
	tree_file(host->root_fd, path, "%s\n", value);
}

/* "block 8:16 BY", a line each. */
static void assert_exports(struct testhost *host, const struct mounts *mounts, const char *expected)
{
	static const char *const kinds[] = {"block", "char", "memory", "gone"};
	auto_exports struct exports exports = {0};
	auto_text struct text text = TEXT_INIT;
	struct error err = ERROR_INIT;

	assert_ok(exports_read(&host->host, mounts, &exports, &err), &err);
	text_append(&text, "", 0);
	for (size_t i = 0; i < exports.count; i++) {
		const struct export *export = &exports.all[i];

		text_printf(&text, "%s %u:%u %s\n", kinds[export->kind], major(export->number),
			    minor(export->number), export->by);
	}
	assert_text(text.data, expected);
}

static const struct mounts none;

static void a_host_that_serves_nothing(void **state)
{
	assert_exports(*state, &none, "");
	tree_dir(((struct testhost *)*state)->root_fd, CONFIG "nvmet/subsystems");
	assert_exports(*state, &none, "");
}

static void nvmet_while_it_is_enabled(void **state)
{
	struct testhost *host = *state;

	file(host, NVMET "namespaces/1/device_path", "/dev/disk/by-id/x");
	file(host, NVMET "namespaces/1/enable", "1");
	file(host, NVMET "namespaces/1/p2pmem", "0");
	file(host, NVMET "namespaces/2/device_path", "/dev/dm-0");
	file(host, NVMET "namespaces/2/enable", "0");
	file(host, NVMET "namespaces/2/p2pmem", "0000:03:00.0");
	file(host, NVMET "namespaces/3/device_path", "/dev/mapper/vg-x");
	file(host, NVMET "namespaces/3/enable", "1");
	file(host, NVMET "namespaces/3/p2pmem", "0000:03:00.0");
	file(host, NVMET "passthru/device_path", "/dev/nvme0");
	file(host, NVMET "passthru/enable", "1");
	file(host, NVMET "attr_allow_any_host", "1");
	assert_exports(host, &none,
		       "block 241:16 nvmet as nqn.x/namespaces/1\n"
		       "block 242:0 nvmet as nqn.x/namespaces/3\n"
		       "memory 0:0 nvmet as nqn.x/namespaces/3\n"
		       "char 243:0 nvmet as nqn.x/passthru\n");
}

/* It has been opened, whatever its name leads to now. */
static void names_that_lead_nowhere(void **state)
{
	struct testhost *host = *state;

	file(host, NVMET "namespaces/1/device_path", "/dev/disk/by-id/unplugged");
	file(host, NVMET "namespaces/1/enable", "1");
	assert_exports(host, &none, "gone 0:0 nvmet as nqn.x/namespaces/1\n");
	/* A disk without a file below /dev, by its name. */
	tree_remove(host->root_fd, "dev/sdb");
	file(host, NVMET "namespaces/1/device_path", "/dev/sdb");
	assert_exports(host, &none, "block 241:16 nvmet as nqn.x/namespaces/1\n");
}

static void files_are_their_file_systems_affair(void **state)
{
	struct testhost *host = *state;
	struct mount list[] = {
		{.target = (char *)"/",
		 .type = (char *)"ext4",
		 .source = (char *)"/dev/x",
		 .options = (char *)""},
		{.target = (char *)"/mnt",
		 .type = (char *)"nfs",
		 .source = (char *)"192.0.2.7:/",
		 .options = (char *)"addr=192.0.2.7"},
	};
	const struct mounts mounts = {.mounts = list, .count = 2};

	file(host, NVMET "namespaces/1/device_path", "/srv/image");
	file(host, NVMET "namespaces/1/enable", "1");
	tree_file(host->root_fd, "proc/1/root/srv/image", "x");
	file(host, NVMET "namespaces/2/device_path", "/srv/node");
	file(host, NVMET "namespaces/2/enable", "1");
	tree_node(host->root_fd, "proc/1/root/srv/node", true, makedev(241, 16));
	/* That is not even looked at. */
	file(host, NVMET "namespaces/3/device_path", "/mnt/node");
	file(host, NVMET "namespaces/3/enable", "1");
	tree_node(host->root_fd, "proc/1/root/mnt/node", true, makedev(241, 16));
	assert_exports(host, &mounts, "block 241:16 nvmet as nqn.x/namespaces/2\n");
}

static void lio_by_what_it_has_open(void **state)
{
	struct testhost *host = *state;

	file(host, CONFIG "target/core/iblock_0/a/enable", "1");
	file(host, CONFIG "target/core/iblock_0/a/udev_path", "/dev/disk/by-id/moved");
	file(host, CONFIG "target/core/iblock_0/a/info",
	     "Status: ACTIVATED  Max Queue Depth: 128  SectorSize: 512  HwMaxSectors: 2048\n"
	     "        iBlock device: sdb  UDEV PATH: /dev/disk/by-id/moved  readonly: 0\n"
	     "        Major: 241 Minor: 16  CLAIMED: IBLOCK");
	file(host, CONFIG "target/core/iblock_0/hba_info", "HBA Index: 1");
	file(host, CONFIG "target/core/fileio_1/b/enable", "1");
	file(host, CONFIG "target/core/fileio_1/b/udev_path", "");
	file(host, CONFIG "target/core/fileio_1/b/info",
	     "Status: ACTIVATED\n"
	     "        TCM FILEIO ID: 0        File: /dev/mapper/vg-x  Size: 67108864  Mode: "
	     "O_DSYNC");
	file(host, CONFIG "target/core/pscsi_2/c/enable", "1");
	file(host, CONFIG "target/core/pscsi_2/c/udev_path", "/dev/nvme0");
	file(host, CONFIG "target/core/pscsi_2/c/info", "Status: ACTIVATED");
	file(host, CONFIG "target/core/iblock_3/d/enable", "0");
	file(host, CONFIG "target/core/iblock_3/d/udev_path", "/dev/sdb");
	file(host, CONFIG "target/core/rd_mcp_4/e/enable", "1");
	file(host, CONFIG "target/core/rd_mcp_4/e/udev_path", "");
	file(host, CONFIG "target/core/rd_mcp_4/e/info", "Status: ACTIVATED");
	tree_dir(host->root_fd, CONFIG "target/core/alua/lu_gps");
	assert_exports(host, &none,
		       "block 242:0 LIO as fileio_1/b\n"
		       "block 241:16 LIO as iblock_0/a\n"
		       "char 243:0 LIO as pscsi_2/c\n");
}

static void other_servers(void **state)
{
	struct testhost *host = *state;

	file(host, CONFIG "usb_gadget/g1/functions/mass_storage.0/lun.0/file", "/dev/sdb");
	file(host, CONFIG "usb_gadget/g1/functions/mass_storage.0/lun.1/file", "");
	file(host, CONFIG "usb_gadget/g1/functions/acm.0/port_num", "0");
	tree_raw_link(host->root_fd, "sys/class/rnbd-server/ctl/devices/x/block_dev",
		      "../../../block/dm-0");
	file(host, "sys/kernel/scst_tgt/devices/disk1/filename", "/dev/sdb\n[key]");
	assert_exports(host, &none,
		       "block 241:16 a USB gadget as g1/functions/mass_storage.0/lun.0\n"
		       "block 242:0 RNBD as x\n"
		       "block 241:16 SCST as disk1\n");
}

static void expect_failure(struct testhost *host, const char *part)
{
	struct exports exports = {0};
	struct error err = ERROR_INIT;

	assert_true(exports_read(&host->host, &none, &exports, &err) < 0);
	assert_contains(err.text, part);
	assert_int_equal(exports.count, 0);
}

static void what_cannot_be_read_is_an_error(void **state)
{
	struct testhost *host = *state;

	file(host, NVMET "namespaces/1/enable", "1");
	tree_dir(host->root_fd, NVMET "namespaces/1/device_path");
	expect_failure(host, "device_path: Is a directory");
	tree_remove(host->root_fd, CONFIG "nvmet");
	file(host, CONFIG "nvmet/subsystems", "what?");
	expect_failure(host, "nvmet/subsystems: Not a directory");
}

/* It never answers. */
static void who_keeps_us_waiting_is_given_up(void **state)
{
	struct testhost *host = *state;

	file(host, NVMET "namespaces/1/enable", "1");
	assert_int_equal(mkfifoat(host->root_fd, NVMET "namespaces/1/device_path", 0600), 0);
	expect_failure(host, "not told in time");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh, stale)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_host_that_serves_nothing),      TEST(nvmet_while_it_is_enabled),
		TEST(names_that_lead_nowhere),         TEST(files_are_their_file_systems_affair),
		TEST(lio_by_what_it_has_open),         TEST(other_servers),
		TEST(what_cannot_be_read_is_an_error), TEST(who_keeps_us_waiting_is_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
