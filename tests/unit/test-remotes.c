// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * File systems and disks of other machines: who uses them, by which of the host's two adapters each
 * is reached, and which of them are lost with the first.
 */
#include "tests/unit/network-helpers.h"

#include <stdio.h>
#include <sys/sysmacros.h>

#include "base/text.h"

static void mounts(struct testhost *host, const char *lines)
{
	tree_file(host->root_fd, "proc/1/mountinfo", "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n%s",
		  lines);
}

/* A class device, with its class's link. */
static void class_device(struct testhost *host, const char *class, const char *dir)
{
	auto_free char *link = xasprintf("sys/class/%s/%s", class, strrchr(dir, '/') + 1);
	auto_free char *path = xasprintf("sys/%s", dir);

	tree_dir(host->root_fd, path);
	tree_link(host->root_fd, link, path);
}

/* With numbers that no driver has: to open such a disk fails on every machine. */
static void block(struct testhost *host, const char *dir, const char *number)
{
	auto_free char *dev = xasprintf("sys/%s/dev", dir);
	auto_free char *node = xasprintf("dev/%s", strrchr(dir, '/') + 1);
	unsigned int major, minor;

	assert_int_equal(sscanf(number, "%u:%u", &major, &minor), 2);
	class_device(host, "block", dir);
	tree_file(host->root_fd, dev, "%s\n", number);
	tree_node(host->root_fd, node, true, makedev(major, minor));
}

static void attribute(struct testhost *host, const char *path, const char *value)
{
	auto_free char *full = xasprintf("sys/%s", path);

	tree_file(host->root_fd, full, "%s\n", value);
}

/* --- file systems --- */

static void every_mount_by_its_route(void **state)
{
	struct testhost *host = *state;

	v4_routes(host, NETS);
	mounts(host, "2 1 0:40 / /mnt/a rw - nfs4 nas:/a rw,addr=192.0.2.5\n"
		     "3 1 0:41 / /mnt/b rw - cifs //x/b rw,addr=198.51.100.5\n"
		     "4 1 0:42 / /home rw - ceph a@b.c=/ rw,mon_addr=198.51.100.5/192.0.2.7\n"
		     "5 1 0:43 / /mnt/d rw - nfs 127.0.0.1:/d rw,addr=127.0.0.1\n"
		     "6 1 0:40 / /srv/a rw - nfs4 nas:/a rw,addr=192.0.2.5\n");
	assert_uses(host, "network-mount eth0: carries the file system on /mnt/a (nfs4 nas:/a)\n"
			  "network-root eth0: carries the file system on /home (ceph a@b.c=/)\n");
}

/* "May" costs a refusal only where it can be: an adapter without a route reaches nothing. */
static void an_unknown_server_needs_a_way(void **state)
{
	struct testhost *host = *state;

	mounts(host, "2 1 0:40 / /mnt rw - fuse.sshfs alice@nas:/ rw\n");
	assert_uses(host, "");
	v6_routes(host, V6_ROUTE("fe800000000000000000000000000000", "40", "00000100", "00000001",
				 "eth0"));
	assert_uses(host, "");
	v4_routes(host, NETS);
	assert_uses(host, "network-mount eth0: may carry the file system on /mnt (fuse.sshfs "
			  "alice@nas:/), whose server's address is not known\n");
	tree_file(host->root_fd, "etc/hosts", "198.51.100.7 nas\n");
	assert_uses(host, "");
	tree_file(host->root_fd, "etc/hosts", "192.0.2.7 nas\n");
	assert_uses(host, "network-mount eth0: carries the file system on /mnt (fuse.sshfs "
			  "alice@nas:/)\n");
}

static void layers_of_the_root(void **state)
{
	struct testhost *host = *state;

	v4_routes(host, NETS);
	tree_file(host->root_fd, "proc/1/mountinfo",
		  "1 0 0:30 / / rw - overlay overlay "
		  "rw,lowerdir=/run/o/l\\\\:1:/run/s,upperdir=/run/u/u,workdir=/run/u/w\n"
		  "2 1 0:31 / /run/o rw - overlay o rw,lowerdir=/run/nfs/tree\n"
		  "3 1 0:32 / /run/nfs ro - nfs 192.0.2.5:/r ro,addr=192.0.2.5\n"
		  "4 1 0:33 / /run/u rw - tmpfs tmpfs rw\n"
		  "5 1 0:34 / /run/other rw - nfs 192.0.2.6:/o rw,addr=192.0.2.6\n");
	assert_uses(
		host,
		"network-root eth0: carries the file system on /run/nfs (nfs 192.0.2.5:/r) "
		"below /\n"
		"network-mount eth0: carries the file system on /run/other (nfs 192.0.2.6:/o)\n");
}

/* A live system: "/" on an image in a file on a server, put together before there was a root. */
static void an_image_of_the_root_on_a_server(void **state)
{
	struct testhost *host = *state;

	v4_routes(host, NETS);
	block(host, "devices/virtual/block/loop0", "7:0");
	attribute(host, "devices/virtual/block/loop0/loop/backing_file",
		  "/cdrom/live/filesystem.squashfs");
	tree_file(
		host->root_fd, "proc/1/mountinfo",
		"1 0 0:30 / / rw - overlay overlay rw,lowerdir=/filesystem.squashfs,upperdir=/c/u\n"
		"2 1 7:0 / /rofs ro - squashfs /dev/loop0 ro\n"
		"3 1 0:32 / /cdrom ro - nfs 192.0.2.5:/r ro,addr=192.0.2.5\n");
	assert_uses(host, "network-root eth0: carries the file system on /cdrom (nfs "
			  "192.0.2.5:/r) below /\n");
}

static void a_swap_file_on_a_server(void **state)
{
	struct testhost *host = *state;

	v4_routes(host, NETS);
	mounts(host, "3 1 0:32 / /mnt rw - nfs 192.0.2.5:/r rw,addr=192.0.2.5\n");
	tree_file(host->root_fd, "proc/swaps",
		  "Filename\tType\tSize\tUsed\tPriority\n/mnt/swap file\t1048572\t0\t-2\n");
	assert_uses(host, "network-root eth0: carries the file system on /mnt (nfs 192.0.2.5:/r) "
			  "below /mnt/swap\n");
}

/* A container's mounts are not in the list of PID 1. */
static void nfs_in_another_mount_namespace(void **state)
{
	struct testhost *host = *state;

	v4_routes(host, NETS);
	mounts(host, "3 1 0:50 / /mnt rw - nfs4 198.51.100.5:/r rw,addr=198.51.100.5\n");
	tree_file(host->root_fd, "proc/net/nfsfs/volumes",
		  "NV SERVER   PORT DEV          FSID                              FSC\n"
		  "v4 c6336405  801 0:50         9:0                               no \n"
		  "v4 c0000205  801 0:51         9:0                               no \n");
	assert_uses(host, "network-mount eth0: carries a file system of 192.0.2.5 (NFS), mounted "
			  "elsewhere\n");
}

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

/* --- iSCSI --- */

static void iscsi_disk(struct testhost *host, unsigned int number, const char *portal,
		       const char *disk, const char *device)
{
	auto_free char *dir = xasprintf("devices/platform/host%u/session%u/target%u:0:0/x/block/%s",
					number, number, number, disk);
	auto_free char *address =
		xasprintf("class/iscsi_connection/connection%u:0/persistent_address", number);
	auto_free char *session = xasprintf("class/iscsi_session/session%u/state", number);

	block(host, dir, device);
	attribute(host, address, portal);
	attribute(host, session, "LOGGED_IN");
}

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
	tree_raw_link(host->root_fd, "proc/812/fd/3", "socket:[77]");
	tree_file(host->root_fd, "proc/net/tcp", HEAD ROW("010200C0", "050200C0", "01", "77"));
	assert_uses(host, "network-mount eth0: carries the disk nbd0 (nbd), mounted on /mnt\n");
	tree_file(host->root_fd, "proc/net/tcp", HEAD ROW("016433C6", "056433C6", "01", "77"));
	assert_uses(host, "");
	/* qemu-nbd, by a pair of sockets of its own. */
	tree_file(host->root_fd, "proc/net/tcp", HEAD ROW("010200C0", "050200C0", "01", "78"));
	assert_uses(host, "");
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

/* --- the guest's own --- */

/* "KIND: HOW" of what the guest's images bring. */
static char *uses_with(struct testhost *host, const char *image)
{
	auto_guest struct guest guest = guest_make(guest_text);
	auto_snapshot struct snapshot snapshot = {0};
	struct text out = TEXT_INIT;
	struct error err = ERROR_INIT;

	guest.images = array_grow(guest.images, guest.image_count, sizeof(*guest.images));
	guest.images[guest.image_count++] = xstrdup(image);
	assert_ok(pci_snapshot(&host->host, &guest, &snapshot, &err), &err);
	assert_ok(network_read(&host->host, &guest, &snapshot, &err), &err);
	text_append(&out, "", 0);
	for (size_t i = 0; i < snapshot.use_count; i++)
		text_printf(&out, "%s: %s\n", use_kind_name(snapshot.uses[i].kind),
			    snapshot.uses[i].how);
	return out.data;
}

static void assert_image(struct testhost *host, const char *image, const char *expected)
{
	auto_free char *uses = uses_with(host, image);

	assert_text(uses, expected);
}

static void images_on_servers(void **state)
{
	struct testhost *host = *state;

	v4_routes(host, NETS);
	mounts(host, "2 1 0:40 / /vm rw - nfs4 192.0.2.5:/vm rw,addr=192.0.2.5\n"
		     "3 1 0:41 / /pool rw - fuse.mergerfs /vm/a:/vm/b rw\n"
		     "4 1 0:42 / /far rw - nfs4 198.51.100.5:/vm rw,addr=198.51.100.5\n");
#define IMAGE(path) "image: carries the image " path " of this guest (nfs4 192.0.2.5:/vm)\n"
#define MOUNT "network-mount: carries the file system on /vm (nfs4 192.0.2.5:/vm)\n"
	assert_image(host, "/vm/a.qcow2", IMAGE("/vm/a.qcow2"));
	assert_image(host, "/pool/a.qcow2", IMAGE("/pool/a.qcow2"));
	assert_image(host, "/far/a.qcow2", MOUNT);
	assert_image(host, "/vmlinuz", MOUNT);
}

/* A folder of images that is a link to a server's. */
static void images_behind_links(void **state)
{
	struct testhost *host = *state;

	v4_routes(host, NETS);
	mounts(host, "2 1 0:40 / /vm rw - nfs4 192.0.2.5:/vm rw,addr=192.0.2.5\n");
	tree_raw_link(host->root_fd, "proc/1/root/images", "/vm/pool");
	tree_file(host->root_fd, "proc/1/root/vm/pool/a.qcow2", "x");
	assert_image(host, "/images/a.qcow2", IMAGE("/images/a.qcow2"));
	assert_image(host, "/images/gone.qcow2", MOUNT);
}

static void images_that_qemu_fetches(void **state)
{
	struct testhost *host = *state;

	v4_routes(host, NETS);
	assert_image(host, "nbd://192.0.2.5/x",
		     "image: carries the disk nbd://192.0.2.5/x of this guest\n");
	assert_image(host, "nbd://198.51.100.5/x", "");
	/* What no word lifts must be sure. */
	assert_image(host, "rbd://mon1/p/i",
		     "network-mount: may carry the disk rbd://mon1/p/i of this guest, whose "
		     "server's address is not known\n");
}

static void images_on_disks_of_servers(void **state)
{
	struct testhost *host = *state;

	v4_routes(host, NETS);
	iscsi_disk(host, 1, "192.0.2.9", "sdb", "242:16");
	mounts(host, "");
	assert_image(
		host, "/dev/sdb",
		"image: carries sdb (iSCSI), which carries the image /dev/sdb of this guest\n");
	mounts(host, "2 1 242:16 / /mnt rw - ext4 /dev/sdb rw\n");
	assert_image(host, "/mnt/a",
		     "image: carries sdb (iSCSI), which carries the image /mnt/a of this guest\n");
}

/* --- what cannot be read --- */

static void a_list_of_mounts_that_cannot_be_understood_is_an_error(void **state)
{
	struct testhost *host = *state;

	v4_routes(host, NETS);
	mounts(host, "nonsense\n");
	expect_failure(host, "/proc/1/mountinfo: not understood");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_mount_by_its_route),
		TEST(an_unknown_server_needs_a_way),
		TEST(layers_of_the_root),
		TEST(an_image_of_the_root_on_a_server),
		TEST(a_swap_file_on_a_server),
		TEST(nfs_in_another_mount_namespace),
		TEST(a_namespace_counts_when_it_is_used),
		TEST(native_multipath_is_lost_with_its_last_path),
		TEST(a_session_counts_when_it_is_used),
		TEST(a_session_counts_when_a_program_has_its_disk_open),
		TEST(a_member_of_the_root),
		TEST(multipath_over_two_sessions),
		TEST(nbd_by_the_sockets_of_its_client),
		TEST(disks_of_other_protocols),
		TEST(disks_that_are_not_among_the_block_devices),
		TEST(images_on_servers),
		TEST(images_behind_links),
		TEST(images_that_qemu_fetches),
		TEST(images_on_disks_of_servers),
		TEST(a_list_of_mounts_that_cannot_be_understood_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
