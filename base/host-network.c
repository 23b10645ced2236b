// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How the kernel is asked about its network without waiting for it: a driver that is stuck keeps
 * the lock of all interfaces, and who asks waits with it; so a child does.
 */
#include "base/host-real.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/network-dump.h"
#include "base/text.h"
#include "base/worker.h"

#define ANSWER_TIMEOUT_MS 5000

/* Linux 6.3; a host may insist on it (sysctl vm.memfd_noexec), older headers lack it. */
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

static int answer_open(void)
{
	int fd = memfd_create("hostdev-network", MFD_CLOEXEC | MFD_NOEXEC_SEAL);

	return fd < 0 && errno == EINVAL ? memfd_create("hostdev-network", MFD_CLOEXEC) : fd;
}

static int write_whole(int fd, const char *data, size_t length, struct error *err)
{
	while (length > 0) {
		ssize_t written = write(fd, data, length);

		if (written <= 0)
			return error_errno(err, EIO, "pass on the kernel's answer");
		data += written;
		length -= (size_t)written;
	}
	return 0;
}

static int ask(void *data, struct error *err)
{
	auto_text struct text text = TEXT_INIT;
	int ret = network_dump(&text, err);

	return ret < 0 ? ret : write_whole(*(int *)data, text.data, text.length, err);
}

static int take_answer(int fd, char **ret, struct error *err)
{
	off_t length = lseek(fd, 0, SEEK_END);
	auto_free char *text = xcalloc(1, (size_t)(length < 0 ? 0 : length) + 1);
	off_t at = 0;

	while (at < length) {
		ssize_t got = pread(fd, text + at, (size_t)(length - at), at);

		if (got <= 0)
			return error_errno(err, EIO, "take the kernel's answer");
		at += got;
	}
	*ret = steal(&text);
	return 0;
}

int real_network_read(const struct host *host, char **ret, struct error *err)
{
	auto_close int answer = answer_open();
	/* Not one that "looks": the other ends of WireGuard are told to CAP_NET_ADMIN alone. */
	struct worker worker = {.work = ask, .data = &answer, .timeout_ms = ANSWER_TIMEOUT_MS};

	(void)host;
	if (answer < 0)
		return error_errno(err, errno, "memory for the kernel's answer");
	workers_run(&worker, 1);
	/* It only asks: nothing is lost with it. */
	if (worker.pid > 0)
		kill(worker.pid, SIGKILL);
	if (worker.result == -ETIMEDOUT)
		return error_set(err, ETIMEDOUT,
				 "the kernel does not answer over netlink: a "
				 "network driver may be stuck");
	if (worker.result < 0 && err)
		*err = worker.error;
	return worker.result < 0 ? worker.result : take_answer(answer, ret, err);
}
