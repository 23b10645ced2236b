// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the hook remembers of a loan and what it says of QEMU's own devices: written once after a
 * start that came about, told in the log, and no reason for anything.
 */
#include "tests/hook/engine-call.h"

#include <stdio.h>
#include <stdlib.h>

#define LOAN "var/lib/hostdev-hook/" UUID_1 ".loan"
#define XML DOMAIN("g1", UUID_1, HOSTDEV("0x01", "0x0"))

static ino_t inode_of(const struct testhost *host, const char *path)
{
	struct stat st;

	assert_int_equal(fstatat(host->root_fd, path, &st, 0), 0);
	return st.st_ino;
}

static void round_trip(struct testhost *host, int expected)
{
	auto_call struct call prepare = PREPARE("g1", XML), release = RELEASE("g1", XML);

	call_engine(host, &prepare);
	if (prepare.status != expected)
		fail_msg("%d: %s", prepare.status, prepare.said);
	call_engine(host, &release);
	assert_int_equal(release.status, 0);
}

static void remembered_once(void **state)
{
	struct testhost *host = testhost_new(machine);
	auto_free char *text = NULL, *next = NULL;
	ino_t inode;

	(void)state;
	round_trip(host, 0);
	text = tree_read(host->root_fd, LOAN);
	assert_text(text, "hostdev-hook loan 1\nguest g1\nkernel 6.1.0-test\n"
			  "group 0000:01:00.0=nouveau 0000:01:00.1=snd_hda_intel");
	inode = inode_of(host, LOAN);
	round_trip(host, 0);
	assert_true(inode_of(host, LOAN) == inode);
	/* Another kernel is another loan. */
	tree_file(host->root_fd, "proc/sys/kernel/osrelease", "6.6.0-test\n");
	round_trip(host, 0);
	next = tree_read(host->root_fd, LOAN);
	assert_contains(next, "kernel 6.6.0-test\n");
	testhost_free(&host);
}

/* It is no reason to refuse, nor what stands in its place. */
static void whatever_it_says(void **state)
{
	static const char *const texts[] = {
		"", "rubbish", "hostdev-hook loan 1\nkernel 5\ngroup 0000:01:00.0 0000:09:00.0\n",
		"hostdev-hook loan 2\nkernel 5\ngroup 0000:01:00.0\n"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct testhost *host = testhost_new(machine);
		auto_free char *text = NULL;

		tree_dir(host->root_fd, "var/lib/hostdev-hook");
		assert_int_equal(fchmodat(host->root_fd, "var/lib/hostdev-hook", 0700, 0), 0);
		tree_file(host->root_fd, LOAN, "%s", texts[i]);
		round_trip(host, 0);
		text = tree_read(host->root_fd, LOAN);
		assert_contains(text, "kernel 6.1.0-test\n");
		testhost_free(&host);
	}
}

#define QEMU(devices)                                                                              \
	"<domain type='kvm' xmlns:q='http://libvirt.org/schemas/domain/qemu/1.0'><name>g1</name>"  \
	"<uuid>" UUID_1 "</uuid><devices>" devices "</devices><q:commandline>"                     \
	"<q:arg value='-device'/><q:arg value='vfio-pci,host=03:00.0'/></q:commandline></domain>"

static int told_fd;

static void note_line(enum log_level level, const struct log_fields *fields, const char *message)
{
	(void)level;
	(void)fields;
	dprintf(told_fd, "%s\n", message);
}

static void qemus_own_devices_are_told(void **state)
{
	static const char *const xml[] = {QEMU(""), QEMU(HOSTDEV("0x01", "0x0"))};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct testhost *host = testhost_new(machine);
		auto_call struct call prepare = PREPARE("g1", xml[i]);
		auto_free char *told = NULL;

		prepare.sink = note_line;
		told_fd = memory_file("", 0);
		call_engine(host, &prepare);
		assert_int_equal(prepare.status, 0);
		told = read_back(told_fd);
		assert_contains(told, "0000:03:00.0 stands in <qemu:commandline>");
		assert_int_equal(has_journal(host, UUID_1), i);
		testhost_free(&host);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(remembered_once),
		cmocka_unit_test(whatever_it_says),
		cmocka_unit_test(qemus_own_devices_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
