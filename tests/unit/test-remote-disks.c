// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Disks of other machines, by each protocol: who uses them, and that what has another way is not
 * lost.
 */
#include "tests/unit/remote-helpers.h"

/* --- NVMe over fabrics --- */

#define CTL "devices/virtual/nvme-fabrics/ctl/"

static void controller(struct testhost *host, const char *name, const char *transport,
		       const char *address, const char *alive)
{
	auto_free char *dir = xasprintf(CTL "%s", name);
	auto_free char *words[] = {xasprintf("%s/transport", dir), xasprintf("%s/address", dir),
				   xasprintf("%s/state", dir)};

	class_device(host, "nvme", dir);
	attribute(host, words[0], transport);
	attribute(host, words[1], address);
	attribute(host, words[2], alive);
	free(words[1]);
	free(words[2]);
}

static void a_namespace_counts_when_it_is_used(void **state)
{
	struct testhost *host = *state;

	v4_routes(host, NETS);
	controller(host, "nvme0", "tcp", "traddr=192.0.2.5,trsvcid=4420,src_addr=192.0.2.1",
		   "live");
	block(host, CTL "nvme0/nvme0n1", "241:0");
	block(host, CTL "nvme0/nvme0n1/nvme0n1p1", "241:1");
	attribute(host, CTL "nvme0/nvme0n1/nvme0n1p1/partition", "1");
	assert_uses(host, "");
	mounts(host, "2 1 241:1 / /mnt rw - ext4 /dev/nvme0n1p1 rw\n");
	assert_uses(host, "network-mount eth0: carries the disk nvme0n1p1 (NVMe/TCP), mounted on "
			  "/mnt\n");
	mounts(host, "2 1 241:1 / /var rw - ext4 /dev/nvme0n1p1 rw\n");
	assert_uses(host, "network-root eth0: carries the disk nvme0n1p1 (NVMe/TCP), mounted on "
			  "/var\n");
	attribute(host, CTL "nvme0/transport", "rdma");
	attribute(host, CTL "nvme0/address", "traddr=198.51.100.5,trsvcid=4420");
	assert_uses(host, "");
	attribute(host, CTL "nvme0/address", "traddr=198.51.100.5,trsvcid=4420,host_iface=eth0");
	assert_uses(host, "network-root eth0: carries the disk nvme0n1p1 (NVMe/RDMA), mounted on "
			  "/var\n");
	attribute(host, CTL "nvme0/address", "\\x01=,,traddr=somewhere");
	assert_uses(host, "network-root eth0: may carry the disk nvme0n1p1 (NVMe/RDMA), mounted on "
			  "/var, whose server's address is not known\n");
	attribute(host, CTL "nvme0/transport", "loop");
	assert_uses(host, "");
}

#define SUBSYSTEM "devices/virtual/nvme-subsystem/nvme-subsys0/"

/* What has two paths is lost with the last that works. */
static void native_multipath_is_lost_with_its_last_path(void **state)
{
	struct testhost *host = *state;

	v4_routes(host, NETS);
	controller(host, "nvme0", "tcp", "traddr=192.0.2.5,trsvcid=4420", "live");
	controller(host, "nvme1", "tcp", "traddr=198.51.100.5,trsvcid=4420", "live");
	tree_dir(host->root_fd, "sys/" CTL "nvme0/nvme0c0n1");
	tree_dir(host->root_fd, "sys/" CTL "nvme1/nvme0c1n1");
	block(host, SUBSYSTEM "nvme0n1", "241:0");
	mounts(host, "2 1 241:0 / /mnt rw - ext4 /dev/nvme0n1 rw\n");
	assert_uses(host, "");
#define LOST "network-mount eth0: carries the disk nvme0n1 (NVMe/TCP), mounted on /mnt\n"
	attribute(host, CTL "nvme1/state", "connecting");
	assert_uses(host, LOST);
	attribute(host, CTL "nvme1/state", "live");
	attribute(host, CTL "nvme1/nvme0c1n1/ana_state", "inaccessible");
	assert_uses(host, LOST);
	attribute(host, CTL "nvme1/nvme0c1n1/ana_state", "non-optimized");
	assert_uses(host, "");
	/* The other one goes as well. */
	attribute(host, CTL "nvme1/address", "traddr=192.0.2.6,trsvcid=4420");
	assert_uses(host, LOST);
}

/* Who asks about both adapters hears by which each can do without the other. */
static void each_path_knows_the_others(void **state)
{
	struct testhost *host = *state;
	auto_free char *both = NULL, *second = NULL, *dead = NULL;

	v4_routes(host, NETS);
	controller(host, "nvme0", "tcp", "traddr=192.0.2.5,trsvcid=4420", "live");
	controller(host, "nvme1", "tcp", "traddr=198.51.100.5,trsvcid=4420", "live");
	tree_dir(host->root_fd, "sys/" CTL "nvme0/nvme0c0n1");
	tree_dir(host->root_fd, "sys/" CTL "nvme1/nvme0c1n1");
	block(host, SUBSYSTEM "nvme0n1", "241:0");
	mounts(host, "2 1 241:0 / /mnt rw - ext4 /dev/nvme0n1 rw\n");
	both = uses_of(host, "hostdev 0000:00:19.0\n");
	assert_text(both, "network-mount eth0: carries the disk nvme0n1 (NVMe/TCP), mounted on "
			  "/mnt | 0000:00:19.0\n"
			  "network-mount eth1: carries the disk nvme0n1 (NVMe/TCP), mounted on "
			  "/mnt | 0000:01:00.0\n");
	/* A second path by the same adapter is none that stays. */
	controller(host, "nvme2", "tcp", "traddr=192.0.2.6,trsvcid=4420", "live");
	tree_dir(host->root_fd, "sys/" CTL "nvme2/nvme0c2n1");
	second = uses_of(host, "hostdev 0000:00:19.0\n");
	assert_text(second, "network-mount eth0: carries the disk nvme0n1 (NVMe/TCP), mounted on "
			    "/mnt | 0000:00:19.0\n"
			    "network-mount eth1: carries the disk nvme0n1 (NVMe/TCP), mounted on "
			    "/mnt | 0000:01:00.0 | 0000:01:00.0\n");
	/* Nor is one that does not work. */
	attribute(host, CTL "nvme0/state", "connecting");
	attribute(host, CTL "nvme2/state", "connecting");
	dead = uses_of(host, "hostdev 0000:00:19.0\n");
	assert_contains(dead, "network-mount eth1: carries the disk nvme0n1 (NVMe/TCP), mounted "
			      "on /mnt\n");
}

/* --- iSCSI --- */

static void a_session_counts_when_it_is_used(void **state)
{
	struct testhost *host = *state;

	v4_routes(host, NETS);
	iscsi_disk(host, 1, "192.0.2.9", "sdb", "242:16");
	assert_uses(host, "");
	mounts(host, "2 1 242:16 / /mnt rw - ext4 /dev/sdb rw\n");
	assert_uses(host, "network-mount eth0: carries the disk sdb (iSCSI), mounted on /mnt\n");
	attribute(host, "class/iscsi_connection/connection1:0/address", "198.51.100.9");
	assert_uses(host, "");
	tree_remove(host->root_fd, "sys/class/iscsi_connection");
	assert_uses(host, "network-mount eth0: may carry the disk sdb (iSCSI), mounted on /mnt, "
			  "whose server's address is not known\n");
}

/* The root on two disks, of which the mount names one. */
static void a_member_of_the_root(void **state)
{
	struct testhost *host = *state;

	v4_routes(host, NETS);
	iscsi_disk(host, 1, "192.0.2.9", "sdb", "242:16");
	iscsi_disk(host, 2, "198.51.100.9", "sdc", "242:32");
	tree_link(host->root_fd, "sys/fs/btrfs/11-aa/devices/sdb", "sys/class/block/sdb");
	tree_link(host->root_fd, "sys/fs/btrfs/11-aa/devices/sdc", "sys/class/block/sdc");
	tree_file(host->root_fd, "proc/1/mountinfo", "1 0 0:44 / / rw - btrfs /dev/sdc rw\n");
	assert_uses(host, "network-root eth0: carries the disk sdb (iSCSI), member of the btrfs "
			  "mounted on /\n");
}

/* Another guest's QEMU, say: it claims nothing. */
static void a_session_counts_when_a_program_has_its_disk_open(void **state)
{
	struct testhost *host = *state;

	v4_routes(host, NETS);
	iscsi_disk(host, 1, "192.0.2.9", "sdb", "242:16");
	block(host, "devices/platform/host1/session1/target1:0:0/x/block/sdb/sdb1", "242:17");
	attribute(host, "class/block/sdb1/partition", "1");
	tree_file(host->root_fd, "proc/812/comm", "qemu-system-x86\n");
	tree_file(host->root_fd, "proc/812/stat",
		  "812 (qemu-system-x86) S 1 812 812 0 -1 4194304 0 0 "
		  "0 0 0 0 0 0 20 0 1 0 5000 0 0\n");
	assert_uses(host, "");
	tree_node(host->root_fd, "proc/812/fd/3", true, makedev(242, 17));
	assert_uses(host, "network-mount eth0: carries the disk sdb1 (iSCSI), open in process 812 "
			  "(qemu-system-x86)\n");
}

static void stack_on(struct testhost *host, const char *upper, const char *lower)
{
	auto_free char *holder = xasprintf("sys/class/block/%s/holders/%s", lower, upper);
	auto_free char *slave = xasprintf("sys/class/block/%s/slaves/%s", upper, lower);

	tree_raw_link(host->root_fd, holder, "../there");
	tree_raw_link(host->root_fd, slave, "../there");
}

static void multipath_over_two_sessions(void **state)
{
	struct testhost *host = *state;

	v4_routes(host, NETS);
	iscsi_disk(host, 1, "192.0.2.9", "sdb", "242:16");
	iscsi_disk(host, 2, "198.51.100.9", "sdc", "242:32");
	block(host, "devices/virtual/block/dm-0", "243:0");
	attribute(host, "devices/virtual/block/dm-0/dm/name", "mpatha");
	attribute(host, "devices/virtual/block/dm-0/dm/uuid", "mpath-36001");
	stack_on(host, "dm-0", "sdb");
	stack_on(host, "dm-0", "sdc");
	mounts(host, "2 1 243:0 / /mnt rw - ext4 /dev/mapper/mpatha rw\n");
	assert_uses(host, "");
	attribute(host, "class/iscsi_session/session2/state", "FAILED");
	assert_uses(host, "network-mount eth0: carries the disk sdb (iSCSI), mounted on /mnt, by "
			  "way of multipath device mpatha (dm-0)\n");
	/* Both halves of a mirror are needed, if only one day. */
	attribute(host, "class/iscsi_session/session2/state", "LOGGED_IN");
	attribute(host, "devices/virtual/block/dm-0/dm/uuid", "LVM-36001");
	assert_uses(host, "network-mount eth0: carries the disk sdb (iSCSI), mounted on /mnt, by "
			  "way of LVM volume mpatha (dm-0)\n");
}

/* --- others --- */

#define HEAD "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n"
#define ROW(local, remote, state, inode)                                                           \
	"   0: " local ":B1C2 " remote ":2A19 " state                                              \
	" 00000000:00000000 00:00000000 00000000     0        0 " inode " 1 x 20 4 30 10 -1\n"

#define UNIX_HEAD "Num       RefCount Protocol Flags    Type St Inode Path\n"
#define UNIX_ROW(inode) "0000000000000000: 00000003 00000000 00000000 0001 03 " inode "\n"

static void nbd_by_the_sockets_of_its_client(void **state)
{
	struct testhost *host = *state;

	v4_routes(host, NETS);
	block(host, "devices/virtual/block/nbd0", "43:0");
	mounts(host, "2 1 43:0 / /mnt rw - ext4 /dev/nbd0 rw\n");
	assert_uses(host, "");
	attribute(host, "devices/virtual/block/nbd0/pid", "812");
	assert_uses(host, "network-mount eth0: may carry the disk nbd0 (nbd), mounted on /mnt, "
			  "whose server's address is not known\n");
	tree_file(host->root_fd, "proc/812/comm", "nbd-client\n");
	tree_file(host->root_fd, "proc/812/status", "Name:\tnbd-client\nUid:\t0\t0\t0\t0\n");
	tree_raw_link(host->root_fd, "proc/812/fd/3", "socket:[77]");
	tree_file(host->root_fd, "proc/net/tcp", HEAD ROW("010200C0", "050200C0", "01", "77"));
	assert_uses(host, "network-mount eth0: carries the disk nbd0 (nbd), mounted on /mnt\n");
	tree_file(host->root_fd, "proc/net/tcp", HEAD ROW("016433C6", "056433C6", "01", "77"));
	assert_uses(host, "");
}

/* Only where each socket is found here, and root's client has it, the server is here as well. */
static void nbd_of_this_host(void **state)
{
	static const char perhaps[] =
		"network-mount eth0: may carry the disk nbd0 (nbd), mounted on /mnt, whose "
		"server's address is not known\n";
	struct testhost *host = *state;

	v4_routes(host, NETS);
	block(host, "devices/virtual/block/nbd0", "43:0");
	mounts(host, "2 1 43:0 / /mnt rw - ext4 /dev/nbd0 rw\n");
	attribute(host, "devices/virtual/block/nbd0/pid", "812");
	tree_file(host->root_fd, "proc/812/comm", "qemu-nbd\n");
	tree_file(host->root_fd, "proc/812/status", "Name:\tqemu-nbd\nUid:\t0\t0\t0\t0\n");
	tree_raw_link(host->root_fd, "proc/812/fd/3", "socket:[77]");
	tree_raw_link(host->root_fd, "proc/812/fd/4", "socket:[79]");
	tree_file(host->root_fd, "proc/net/tcp", HEAD ROW("010200C0", "050200C0", "01", "78"));
	assert_uses(host, perhaps);
	/* A pair of sockets of its own. */
	tree_file(host->root_fd, "proc/net/unix", UNIX_HEAD UNIX_ROW("77") UNIX_ROW("78"));
	assert_uses(host, perhaps);
	tree_file(host->root_fd, "proc/net/unix", UNIX_HEAD UNIX_ROW("77") UNIX_ROW("79"));
	assert_uses(host, "");
	tree_file(host->root_fd, "proc/812/status", "Name:\tnbd\nUid:\t1000\t0\t0\t0\n");
	assert_uses(host, perhaps);
	tree_file(host->root_fd, "proc/812/status", "Name:\tqemu-nbd\nUid:\t0\t0\t0\t0\n");
	tree_file(host->root_fd, "proc/net/unix", UNIX_HEAD UNIX_ROW("77"));
	tree_file(host->root_fd, "proc/net/tcp", HEAD ROW("0100007F", "0100007F", "01", "79"));
	assert_uses(host, "");
	tree_file(host->root_fd, "proc/net/tcp", HEAD ROW("0100007F", "0100007F", "08", "79"));
	assert_uses(host, perhaps);
	tree_file(host->root_fd, "proc/net/tcp", HEAD ROW("010200C0", "050200C0", "01", "79"));
	assert_uses(host, "network-mount eth0: carries the disk nbd0 (nbd), mounted on /mnt\n");
}

/* A /sys that shows less than all. */
static void disks_that_are_not_among_the_block_devices(void **state)
{
	struct testhost *host = *state;

	v4_routes(host, NETS);
	attribute(host, "block/nbd0/pid", "812");
	attribute(host, "bus/rbd/devices/0/config_info", "192.0.2.2:6789 name=admin rbd image -");
	attribute(host, "block/etherd!e1.0/netif", "eth0");
	mounts(host, "2 1 43:0 / /a rw - ext4 /dev/nbd0p1 rw\n"
		     "3 1 252:0 / /b rw - ext4 /dev/rbd0 rw\n"
		     "4 1 152:0 / /c rw - ext4 /dev/etherd/e1.0p2 rw\n"
		     "5 1 43:9 / /d rw - ext4 /dev/nbd9 rw\n"
		     "6 1 259:9 / /e rw - ext4 /dev/nvme9n1 rw\n");
	assert_uses(host, "network-mount eth0: may carry the disk nbd0p1 (nbd), mounted on /a, "
			  "whose server's address is not known\n"
			  "network-mount eth0: carries the disk rbd0 (rbd), mounted on /b\n"
			  "network-mount eth0: carries the disk etherd/e1.0p2 (AoE), mounted on "
			  "/c\n");
}

static void disks_of_other_protocols(void **state)
{
	struct testhost *host = *state;

	v4_routes(host, NETS);
	block(host, "devices/rbd/0/block/rbd0", "252:0");
	attribute(host, "bus/rbd/devices/0/config_info",
		  "198.51.100.1:6789,192.0.2.2:6789 name=admin,key=client.admin rbd image -");
	block(host, "devices/virtual/block/etherd!e1.0", "152:0");
	attribute(host, "devices/virtual/block/etherd!e1.0/netif", "eth0");
	block(host, "devices/virtual/block/etherd!e2.0", "152:1");
	attribute(host, "devices/virtual/block/etherd!e2.0/netif", "eth0,eth1");
	block(host, "devices/virtual/block/rnbd0", "243:9");
	attribute(host, "devices/virtual/block/rnbd0/rnbd/session", "s");
	attribute(host, "class/rtrs-client/s/paths/ip:192.0.2.1@ip:192.0.2.7/state", "connected");
	add_interface(host, "eth0.7", "sys/devices/virtual");
	stack(host, "eth0.7", "eth0");
	block(host, "devices/virtual/net/eth0.7/ctlr_0/host3/rport/target/x/block/sdf", "242:80");
	mounts(host, "2 1 252:0 / /a rw - ext4 /dev/rbd0 rw\n"
		     "3 1 152:0 / /b rw - ext4 /dev/etherd/e1.0 rw\n"
		     "4 1 152:1 / /c rw - ext4 /dev/etherd/e2.0 rw\n"
		     "5 1 243:9 / /d rw - ext4 /dev/rnbd0 rw\n"
		     "6 1 242:80 / /e rw - ext4 /dev/sdf rw\n");
	assert_uses(host, "upper-interface eth0: carries interface eth0.7\n"
			  "network-mount eth0: carries the disk etherd/e1.0 (AoE), mounted on /b\n"
			  "network-mount eth0: carries the disk rbd0 (rbd), mounted on /a\n"
			  "network-mount eth0: carries the disk rnbd0 (RNBD), mounted on /d\n"
			  "network-mount eth0: carries the disk sdf (FCoE), mounted on /e by "
			  "eth0.7\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_namespace_counts_when_it_is_used),
		TEST(native_multipath_is_lost_with_its_last_path),
		TEST(each_path_knows_the_others),
		TEST(a_session_counts_when_it_is_used),
		TEST(a_session_counts_when_a_program_has_its_disk_open),
		TEST(a_member_of_the_root),
		TEST(multipath_over_two_sessions),
		TEST(nbd_by_the_sockets_of_its_client),
		TEST(nbd_of_this_host),
		TEST(disks_of_other_protocols),
		TEST(disks_that_are_not_among_the_block_devices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
