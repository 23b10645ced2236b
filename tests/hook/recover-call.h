/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * "hostdevctl recover" on a made-up machine on which the engine has been at work.
 */
#include "tests/hook/engine-call.h"

#include <errno.h>
#include <stdio.h>

#include "session/recover.h"
#include "session/session.h"
#include "state/state-locks.h"

#define GPU_XML(name, uuid) DOMAIN(name, uuid, HOSTDEV("0x01", "0x0"))
#define NIC_XML(name, uuid) DOMAIN(name, uuid, HOSTDEV("0x03", "0x0"))
#define FILE_OF(uuid) "run/hostdev-hook/" uuid ".journal"

/* The usual machine, with these lines. The hook's caller is this process, if it is among them. */
static inline struct testhost *machine_with(const char *lines)
{
	auto_free char *text = xasprintf("%s%s", machine, lines);

	return testhost_new(text);
}

/* The daemon that calls the hook, as it lives on. */
static inline struct testhost *machine_with_caller(const char *lines)
{
	auto_free char *all =
		xasprintf("process %d comm=libvirtd start=700\n%s", (int)getpid(), lines);

	return machine_with(all);
}

static inline void lend(struct testhost *host, const char *name, const char *xml)
{
	auto_call struct call prepare = PREPARE(name, xml);

	call_engine(host, &prepare);
	assert_string_equal(prepare.said, "");
	assert_int_equal(prepare.status, 0);
	testhost_script(host, NULL);
}

/* The machine's process 900 has the device 0000:03:00.0 open through VFIO. */
static inline void open_through_vfio(struct testhost *host)
{
#define NODE "sys/bus/pci/devices/0000:03:00.0/vfio-dev/vfio0"
	tree_file(host->root_fd, NODE "/dev", "1:7\n");
	tree_file(host->root_fd, NODE "/uevent", "DEVNAME=full\n");
	tree_link(host->root_fd, NODE "/subsystem", "sys/class/vfio-dev");
	tree_raw_link(host->root_fd, "proc/900/fd/9", "/dev/full");
#undef NODE
}

/* --- a return that fails --- */

#define BIND_FAILS                                                                                 \
	{                                                                                          \
		.kind = FAULT_FAIL, .at = FAULT_ANY, .path = "drivers/e1000e/bind", .code = EIO    \
	}

/* g1's card has stayed with vfio-pci, as its driver failed. */
static inline void leave_debt(struct testhost *host)
{
	struct fault fault = BIND_FAILS;
	auto_call struct call release = RELEASE("g1", NIC_XML("g1", UUID_1));

	lend(host, "g1", NIC_XML("g1", UUID_1));
	testhost_script(host, &fault);
	assert_int_equal(called(host, &release), 1);
	assert_contains(release.said, "not everything could be returned");
	assert_true(has_journal(host, UUID_1));
}

/* --- recover, in a process of its own --- */

struct recovering {
	const char *guest;
	bool dry_run;
	int fd;
};

static inline void write_recovery(void *data, const struct recovery *recovery)
{
	struct recovering *recovering = data;

	dprintf(recovering->fd, "%s %s: %s\n", recovery->guest,
		recovery_outcome_name(recovery->outcome), recovery->note);
}

static inline int recover_work(struct testhost *host, void *data)
{
	struct recovering *recovering = data;
	struct recover recover = {.host = &host->host,
				  .guest = recovering->guest,
				  .dry_run = recovering->dry_run,
				  .report = write_recovery,
				  .data = data};

	log_set_sink(drop_line);
	return recover_run(&recover, NULL) < 0;
}

/* What is reported, a line a journal; heap. */
static inline char *recover_guest(struct testhost *host, const char *guest)
{
	struct recovering recovering = {.guest = guest, .fd = memory_file("", 0)};

	assert_int_equal(testhost_process(host, recover_work, &recovering), 0);
	return read_back(recovering.fd);
}

static inline void check_recover(struct testhost *host, const char *guest, const char *expected)
{
	auto_free char *said = recover_guest(host, guest);

	assert_text(said, expected);
}

/* One line that has these words in it. */
static inline void check_one(struct testhost *host, const char *guest, const char *begin,
			     const char *part)
{
	auto_free char *said = recover_guest(host, guest);

	assert_memory_equal(said, begin, strlen(begin));
	assert_contains(said, part);
	assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1);
}

static inline void check_left_alone(struct testhost *host, const char *begin, const char *part)
{
	auto_free char *before = testhost_tree(host);
	auto_free char *after = NULL;

	check_one(host, NULL, begin, part);
	after = testhost_tree(host);
	assert_text(after, before);
	assert_true(has_journal(host, UUID_1));
	assert_int_equal(testhost_operations(host), 0);
}

/* No lock of the guest's, nothing half written: locks of all, and what the last calls came to. */
static inline void check_state_dir(const struct testhost *host)
{
	for (size_t i = 0;; i++) {
		auto_free char *name = tree_entry(host->root_fd, "run/hostdev-hook", i);

		if (!name)
			return;
		if (strcmp(name, "claims.lock") != 0 && strcmp(name, GUESTS_LOCK) != 0 &&
		    !text_ends(name, ".last"))
			fail_msg("%s is left in the state directory", name);
	}
}

static inline void check_home(struct testhost *host, const char *before)
{
	auto_free char *after = testhost_tree(host);

	assert_text(after, before);
	assert_false(has_journal(host, UUID_1));
	check_state_dir(host);
}
