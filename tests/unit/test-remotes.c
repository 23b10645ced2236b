// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * File systems of other machines, and images of the guest on them: by which of the host's two
 * adapters each is reached, and what of them the host runs from.
 */
#include "tests/unit/remote-helpers.h"

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

/* --- the guest's own --- */

/* "KIND: HOW" of what the guest's images bring. */
static char *uses_with(struct testhost *host, const char *image)
{
	auto_guest struct guest guest = guest_make(guest_text);
	auto_snapshot struct snapshot snapshot = {0};
	struct text out = TEXT_INIT;
	struct error err = ERROR_INIT;

	array_push(guest.images, guest.image_count, xstrdup(image));
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
		TEST(images_on_servers),
		TEST(images_behind_links),
		TEST(images_that_qemu_fetches),
		TEST(images_on_disks_of_servers),
		TEST(a_list_of_mounts_that_cannot_be_understood_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
