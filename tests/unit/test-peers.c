// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which file systems are another machine's, and where their servers are, by lines of mountinfo as
 * kernels print them.
 */
#include "tests/host/check.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "parsers/storage/peers.h"
#include "tests/host/testhost.h"
#include "tests/host/tree.h"

static int fresh(void **state)
{
	struct testhost *host = testhost_new("");

	tree_file(host->root_fd, "etc/hosts",
		  "127.0.0.1 localhost\n# 192.0.2.1 nas\n192.0.2.5\tnas.example nas # here\n"
		  "2001:db8::5 nas6\nnonsense nas7\n");
	*state = host;
	return 0;
}

static int stale(void **state)
{
	struct testhost *host = *state;

	testhost_free(&host);
	return 0;
}

/* "ADDRESS ADDRESS", "?" where none is known, "local" for this machine's own. */
static void assert_mount(struct testhost *host, const char *type, const char *source,
			 const char *options, const char *expected)
{
	struct mount mount = {
		.source = (char *)source, .type = (char *)type, .options = (char *)options};
	auto_peers struct peers peers = {0};
	auto_text struct text text = TEXT_INIT;
	bool remote = peers_of_mount(&host->host, &mount, &peers);

	text_printf(&text, "%s", remote ? (peers.count ? "" : "?") : "local");
	for (size_t i = 0; i < peers.count; i++)
		text_printf(&text, "%s%s", i ? " " : "", INET(&peers.all[i]));
	assert_string_equal(text.data, expected);
}

static void by_the_options(void **state)
{
	struct testhost *host = *state;

	assert_mount(host, "nfs4", "nas:/srv",
		     "rw,vers=4.2,rsize=1048576,proto=tcp,clientaddr=192.0.2.1,addr=192.0.2.9",
		     "192.0.2.9");
	assert_mount(host, "nfs", "[2001:db8::9]:/srv",
		     "rw,vers=3,mountaddr=2001:db8::8,addr=2001:db8::9", "2001:db8::9");
	assert_mount(host, "cifs", "//nas/share", "rw,vers=3.1.1,username=a,addr=192.0.2.9,soft",
		     "192.0.2.9");
	assert_mount(host, "smb3", "//192.0.2.8/share", "rw", "192.0.2.8");
	assert_mount(host, "ceph", "admin@a1b2.fs=/",
		     "rw,name=admin,secret=<hidden>,mon_addr=192.0.2.1:6789/192.0.2.2:6789",
		     "192.0.2.1 192.0.2.2");
	assert_mount(host, "ceph", "192.0.2.1:6789,[2001:db8::1]:6789:/", "rw,name=admin,acl",
		     "192.0.2.1 2001:db8::1");
	assert_mount(host, "ceph", "admin@a1b2.fs=/", "rw", "?");
}

static void nine_p_by_its_transport(void **state)
{
	struct testhost *host = *state;

	assert_mount(host, "9p", "192.0.2.7", "rw,access=client,trans=tcp", "192.0.2.7");
	assert_mount(host, "9p", "elsewhere", "rw,trans=tcp,port=564", "?");
	assert_mount(host, "9p", "hostshare", "rw,access=client,trans=virtio", "local");
	assert_mount(host, "9p", "/run/9p.sock", "rw,trans=unix", "local");
	assert_mount(host, "9p", "tag", "rw", "local");
}

static void by_the_source(void **state)
{
	struct testhost *host = *state;

	assert_mount(host, "fuse.sshfs", "alice@192.0.2.7:/home/alice", "rw,user_id=0",
		     "192.0.2.7");
	assert_mount(host, "fuse.sshfs", "alice@[2001:db8::7]:", "rw", "2001:db8::7");
	assert_mount(host, "fuse.sshfs", "nas:/srv", "rw", "192.0.2.5");
	assert_mount(host, "fuse.sshfs", "nas6:/srv", "rw", "2001:db8::5");
	assert_mount(host, "fuse.sshfs", "nas7:/srv", "rw", "?");
	assert_mount(host, "fuse.sshfs", "unheard-of:/srv", "rw", "?");
	assert_mount(host, "fuse.glusterfs", "192.0.2.7:/vol", "rw", "192.0.2.7");
	/* Where its other servers are is not told. */
	assert_mount(host, "fuse.glusterfs", "localhost:/vol", "rw", "?");
	assert_mount(host, "lustre", "192.0.2.7@tcp:192.0.2.8@tcp:/scratch", "rw", "192.0.2.7");
	assert_mount(host, "fuse", "https://192.0.2.7:8443/dav", "rw", "192.0.2.7");
	assert_mount(host, "fuse.new", "ftp://bob@192.0.2.7/x", "rw", "192.0.2.7");
	assert_mount(host, "fuse.new", "192.0.2.7:9421", "rw", "192.0.2.7");
	assert_mount(host, "fuse", "mfs#192.0.2.7:9421", "rw", "192.0.2.7");
	assert_mount(host, "fuse.mfs", "mfs#nas:9421", "rw", "192.0.2.5");
	assert_mount(host, "fuse.rclone", "cloud:", "rw", "?");
	assert_mount(host, "afs", "#root.cell", "rw", "?");
}

static void by_a_table_behind_a_link(void **state)
{
	struct testhost *host = *state;

	assert_int_equal(renameat(host->root_fd, "etc/hosts", host->root_fd, "etc/made"), 0);
	assert_int_equal(fchmodat(host->root_fd, "etc/made", 0644, 0), 0);
	tree_raw_link(host->root_fd, "etc/hosts", "made");
	assert_mount(host, "fuse.sshfs", "nas:/srv", "rw", "192.0.2.5");
	assert_int_equal(fchmodat(host->root_fd, "etc/made", 0666, 0), 0);
	assert_mount(host, "fuse.sshfs", "nas:/srv", "rw", "?");
	assert_int_equal(unlinkat(host->root_fd, "etc/made", 0), 0);
	assert_mount(host, "fuse.sshfs", "nas:/srv", "rw", "?");
}

/* What every desktop has mounted comes from nowhere. */
static void what_only_looks_so(void **state)
{
	struct testhost *host = *state;

	assert_mount(host, "fuse.gvfsd-fuse", "gvfsd-fuse", "rw", "local");
	assert_mount(host, "fuse.portal", "portal", "rw", "local");
	assert_mount(host, "fuse.mergerfs", "disk1:disk2", "rw", "local");
	assert_mount(host, "fuse.mergerfs", "/a:/b", "rw", "local");
	assert_mount(host, "fuseblk", "/dev/sda1", "rw", "local");
	assert_mount(host, "virtiofs", "share", "rw", "local");
	assert_mount(host, "ext4", "/dev/sda1", "rw,addr=192.0.2.7", "local");
	assert_mount(host, "autofs", "systemd-1", "rw", "local");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(by_the_options, fresh, stale),
		cmocka_unit_test_setup_teardown(nine_p_by_its_transport, fresh, stale),
		cmocka_unit_test_setup_teardown(by_the_source, fresh, stale),
		cmocka_unit_test_setup_teardown(by_a_table_behind_a_link, fresh, stale),
		cmocka_unit_test_setup_teardown(what_only_looks_so, fresh, stale),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
