// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The door to the model kernel: counts operations, keeps their log, and lets the scripted faults
 * strike. Callers may be any number of processes; a file lock takes them one by one.
 */
#include "tests/host/kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>

#include "tests/host/sysfs.h"

struct operation {
	const char *path, *value; /* path NULL: loading the module "value" */
	unsigned int flags;
	int index;
};

int kernel_lock(const struct testhost *host)
{
	int fd = openat(host->root_fd, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0644);

	if (fd >= 0)
		flock(fd, LOCK_EX);
	return fd;
}

static void write_log(const struct testhost *host, const struct operation *operation)
{
	auto_free char *value = text_escape(operation->value);
	auto_close int fd =
		openat(host->root_fd, "log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);

	if (operation->path)
		dprintf(fd, "write %s %s\n", operation->path, value);
	else
		dprintf(fd, "load %s\n", value);
}

static bool strikes(const struct fault *fault, const struct operation *operation)
{
	const char *path = operation->path ? operation->path : "load";

	if (fault->kind == FAULT_NONE || (fault->at != FAULT_ANY && fault->at != operation->index))
		return false;
	if (fault->path && !strstr(path, fault->path))
		return false;
	return !fault->value || strcmp(fault->value, operation->value) == 0;
}

static const struct fault *fault_for(const struct testhost *host, const struct operation *operation)
{
	static const struct fault none = {.kind = FAULT_NONE};

	for (size_t i = 0; i < FAULTS_MAX; i++)
		if (strikes(&host->faults[i], operation))
			return &host->faults[i];
	return &none;
}

/* Called under the lock: no other process is in the middle of a change. */
static void die(struct testhost *host)
{
	host->shared->dead = true;
	if (host->shared->victim > 0)
		kill(host->shared->victim, SIGKILL);
	_exit(137);
}

static void orphan(const struct testhost *host)
{
	if (host->shared->victim > 0)
		kill(host->shared->victim, SIGKILL);
}

/* Comes late, and is only then counted and logged: others go first. */
static void come_late(const struct testhost *host, const struct operation *operation)
{
	const struct fault *fault = fault_for(host, operation);

	if (fault->kind == FAULT_SLOW)
		usleep((useconds_t)fault->code * 1000);
}

/* A task that waits for the kernel cannot be stopped by its parent's end either. */
static void hang(struct testhost *host)
{
	const struct timespec nap = {.tv_nsec = 2000000};

	while (!__atomic_load_n(&host->shared->released, __ATOMIC_ACQUIRE))
		nanosleep(&nap, NULL);
}

static int act(struct testhost *host, const struct operation *operation)
{
	if (operation->path)
		return kernel_write(host, operation->path, operation->value);
	return kernel_load(host, operation->value, operation->flags);
}

static int act_locked(struct testhost *host, struct operation *operation,
		      const struct fault **fault)
{
	auto_close int lock __attribute__((unused)) = kernel_lock(host);
	int code;

	if (host->shared->dead)
		_exit(137);
	if (operation->index < 0) {
		operation->index = host->shared->operations++;
		write_log(host, operation);
		*fault = fault_for(host, operation);
		if ((*fault)->kind == FAULT_HANG)
			return EINPROGRESS;
	}
	if ((*fault)->kind == FAULT_DIE_BEFORE)
		die(host);
	if ((*fault)->kind == FAULT_FAIL)
		return (*fault)->code;
	if ((*fault)->kind == FAULT_WITHOUT_ACT)
		return 0;
	if ((*fault)->kind == FAULT_VANISH)
		kernel_vanish(host, &(*fault)->addr);
	if ((*fault)->kind == FAULT_ORPHAN)
		orphan(host);
	code = act(host, operation);
	if ((*fault)->kind == FAULT_DIE_AFTER)
		die(host);
	return code;
}

static int operate(struct testhost *host, const char *path, const char *value, unsigned int flags)
{
	struct operation operation = {path, value, flags, .index = -1};
	const struct fault *fault;
	int code;

	come_late(host, &operation);
	code = act_locked(host, &operation, &fault);
	if (fault->kind == FAULT_HANG) {
		hang(host);
		code = act_locked(host, &operation, &fault);
	}
	if (fault->kind == FAULT_HANG_AFTER)
		hang(host);
	return code;
}

static int write_attr(struct host *host, const char *path, const char *value, struct error *err)
{
	int code = operate(host->ops_data, path, value, 0);

	return code ? error_errno(err, code, "write \"%s\" to /sys/%s",
				  strcmp(value, "\n") == 0 ? "" : value, path)
		    : 0;
}

/* In the words of the real machine's operation: they end up in golden files. */
static int module_load(struct host *host, const char *name, unsigned int flags, struct error *err)
{
	int code = operate(host->ops_data, NULL, name, flags);

	if (code == ENOENT)
		return error_set(err, code, "the running kernel has no module %s", name);
	if (code == EPERM)
		return error_set(err, code,
				 "module %s is blacklisted (a \"blacklist\" line in modprobe.d)",
				 name);
	return code ? error_errno(err, code, "load module %s", name) : 0;
}

const struct host_ops testhost_ops = {
	.write_attr = write_attr,
	.module_load = module_load,
};
