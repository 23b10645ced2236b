// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a process is ended so that no other one can be hit: by a pidfd, which stays with the process
 * it was opened for, where a pid goes to the next. The only file that sends signals to strangers.
 */
#include "base/host-real.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/pid.h"

/* How long the kernel may take to bury a killed process (closing a device can take seconds). */
#define BURIAL_MS 10000

/* Neither has a wrapper in the C libraries of older distributions that this builds on. */
static int pidfd_open_number(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

static int pidfd_signal(int pidfd, int number)
{
	return (int)syscall(SYS_pidfd_send_signal, pidfd, number, NULL, 0);
}

/*
 * The process's pidfd, or -1 in *ret where it has ended. The start time is read after the
 * descriptor was opened: is it the right one then, the descriptor was opened for the right one.
 */
static int open_process(const struct host *host, pid_t pid, uint64_t start_time, int *ret,
			struct error *err)
{
	auto_close int pidfd = pidfd_open_number(pid);
	struct pid_stat stat;
	int result;

	if (pidfd < 0 && errno != ESRCH)
		return error_errno(err, errno, "process %d: pidfd", (int)pid);
	*ret = -1;
	if (pidfd < 0)
		return 0;
	result = pid_stat_read(host, pid, &stat, err);
	if (result == -ENOENT || result == -ESRCH)
		return 0;
	if (result == 0 && stat.start_time == start_time)
		*ret = steal_fd(&pidfd);
	return result;
}

/* A pidfd is readable once the last thread has ended, and with it every descriptor is closed. */
static bool ends_within(int pidfd, unsigned int timeout_ms)
{
	struct pollfd poll_fd = {.fd = pidfd, .events = POLLIN};
	uint64_t now = host_now_ms(), end = now + timeout_ms;

	for (;; now = host_now_ms()) {
		int left = now < end ? (int)(end - now) : 0;
		int count = poll(&poll_fd, 1, left);

		if (count > 0)
			return true;
		if (count == 0 || errno != EINTR)
			return false;
	}
}

/* Nobody there to get it any more (ESRCH) is fine: the descriptor is readable then. */
static int send_signal(int pidfd, int pid, int number, const char *name, struct error *err)
{
	if (pidfd_signal(pidfd, number) == 0 || errno == ESRCH)
		return 0;
	return error_errno(err, errno, "process %d: %s", pid, name);
}

/* Has it ended within that time? */
static int terminate(int pidfd, int pid, unsigned int grace_ms, bool *ret_ended, struct error *err)
{
	int ret = send_signal(pidfd, pid, SIGTERM, "SIGTERM", err);

	if (ret < 0)
		return ret;
	/* One that is stopped would not hear of it until somebody lets it go on. */
	pidfd_signal(pidfd, SIGCONT);
	*ret_ended = ends_within(pidfd, grace_ms);
	return 0;
}

static int kill_process(int pidfd, int pid, struct error *err)
{
	int ret = send_signal(pidfd, pid, SIGKILL, "SIGKILL", err);

	if (ret < 0)
		return ret;
	if (ends_within(pidfd, BURIAL_MS))
		return 0;
	return error_set(err, ETIMEDOUT,
			 "process %d was killed and has still not ended after %d s: it waits in "
			 "the kernel",
			 pid, BURIAL_MS / 1000);
}

/* pidfd: -1 where it has ended, by itself or because it was told to. */
static int ask_process(const struct host *host, int pid, uint64_t start_time, unsigned int grace_ms,
		       int *ret_pidfd, struct error *err)
{
	auto_close int pidfd = -1;
	bool ended = false;
	int ret;

	/* Who plans leaves them out; a mistake there must not end the host. */
	if (pid <= 1 || pid == getpid() || pid_is_ancestor(host, pid))
		return error_set(err, EPERM,
				 "process %d: neither PID 1 nor an ancestor of this process is "
				 "ever ended",
				 pid);
	ret = open_process(host, pid, start_time, &pidfd, err);
	if (ret == 0 && pidfd >= 0)
		ret = terminate(pidfd, pid, grace_ms, &ended, err);
	if (ret < 0)
		return ret;
	*ret_pidfd = ended ? -1 : steal_fd(&pidfd);
	return 0;
}

int real_process_end(struct host *host, int pid, uint64_t start_time, unsigned int grace_ms,
		     struct error *err)
{
	auto_close int pidfd = -1;
	int ret = ask_process(host, pid, start_time, grace_ms, &pidfd, err);

	return ret < 0 || pidfd < 0 ? ret : kill_process(pidfd, pid, err);
}

int real_process_ask(struct host *host, int pid, uint64_t start_time, unsigned int grace_ms,
		     struct error *err)
{
	auto_close int pidfd = -1;
	int ret = ask_process(host, pid, start_time, grace_ms, &pidfd, err);

	if (ret < 0 || pidfd < 0)
		return ret;
	return error_set(err, EBUSY, "process %d has not ended within %u s of SIGTERM", pid,
			 grace_ms / 1000);
}
