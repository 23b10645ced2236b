// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The door to the model kernel: counts operations, keeps their log, and lets the scripted faults
 * strike. Callers may be any number of processes; a file lock takes them one by one.
 */
#include "tests/host/kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "model/owner.h"
#include "tests/host/processes.h"
#include "tests/host/tree.h"
#include "tests/host/units.h"

/* Of a process that hangs; that it is no other one's. */
#define HANG_START_TIME 812812

struct operation {
	enum { OPERATION_WRITE, OPERATION_LOAD, OPERATION_UNIT, OPERATION_END, OPERATION_OWN } kind;
	const char *path, *value; /* what faults look for, and the log shows */
	const char *name;         /* of a unit, with its manager */
	unsigned int flags;
	int pid;
	uint64_t start_time;
	int index;
};

int kernel_lock(const struct testhost *host)
{
	int fd = openat(host->root_fd, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0644);

	if (fd >= 0)
		flock(fd, LOCK_EX);
	return fd;
}

void kernel_log(const struct testhost *host, const char *format, ...)
{
	auto_close int fd =
		openat(host->root_fd, "log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	va_list args;

	va_start(args, format);
	vdprintf(fd, format, args);
	va_end(args);
}

static void write_log(const struct testhost *host, const struct operation *operation)
{
	auto_free char *value = text_escape(operation->value);

	if (operation->kind == OPERATION_WRITE)
		kernel_log(host, "write %s %s\n", operation->path, value);
	else if (operation->kind == OPERATION_END)
		kernel_log(host, "end %d\n", operation->pid);
	else
		kernel_log(host, "%s %s\n", operation->path, value);
}

static bool strikes(const struct fault *fault, const struct operation *operation)
{
	if (fault->kind == FAULT_NONE || (fault->at != FAULT_ANY && fault->at != operation->index))
		return false;
	if (fault->path && !strstr(operation->path, fault->path))
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

/*
 * A task that waits for the kernel cannot be stopped by its parent's end either. It is to be seen
 * in /proc; as one of the kernel's, so that nobody looks for descriptors that it has not.
 */
static void hang(struct testhost *host)
{
	const struct timespec nap = {.tv_nsec = 2000000};
	auto_free char *dir = xasprintf("proc/%d", (int)getpid());
	auto_free char *stat = xasprintf("%s/stat", dir), *wchan = xasprintf("%s/wchan", dir);
	auto_free char *stack = xasprintf("%s/stack", dir);

	tree_file(host->root_fd, stat,
		  "%d (engine) D 1 1 1 0 -1 2097152 0 0 0 0 0 0 0 0 20 0 1 0 %d 0 0\n",
		  (int)getpid(), HANG_START_TIME);
	tree_file(host->root_fd, wchan, "test_remove");
	tree_file(host->root_fd, stack, "[<0>] test_remove+0x1/0x2\n[<0>] unbind_store+0x3/0x4\n");
	while (!__atomic_load_n(&host->shared->released, __ATOMIC_ACQUIRE))
		nanosleep(&nap, NULL);
	tree_remove(host->root_fd, dir);
}

static int own(struct testhost *host, const struct operation *operation)
{
	struct host_owner owner;

	if (!owner_parse(operation->value, strlen(operation->value), &owner) ||
	    fchownat(host->host.fd[HOST_DEV], operation->name, owner.uid, owner.gid,
		     AT_SYMLINK_NOFOLLOW) < 0 ||
	    fchmodat(host->host.fd[HOST_DEV], operation->name, owner.mode, 0) < 0)
		return errno;
	return 0;
}

static int act(struct testhost *host, const struct operation *operation)
{
	switch (operation->kind) {
	case OPERATION_LOAD:
		return kernel_load(host, operation->value, operation->flags);
	case OPERATION_OWN:
		return own(host, operation);
	case OPERATION_UNIT:
		return unit_set(host, operation->name, strcmp(operation->value, "start") == 0);
	case OPERATION_END:
		return process_end(host, operation->pid, operation->start_time,
				   strcmp(operation->value, "end") == 0);
	default:
		return kernel_write(host, operation->path, operation->value);
	}
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

static int operate(struct testhost *host, struct operation operation)
{
	const struct fault *fault;
	int code;

	operation.index = -1;
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
	int code = operate(host->ops_data,
			   (struct operation){OPERATION_WRITE, .path = path, .value = value});

	return code ? error_errno(err, code, "write \"%s\" to /sys/%s",
				  strcmp(value, "\n") == 0 ? "" : value, path)
		    : 0;
}

/* In the words of the real machine's operation: they end up in golden files. */
static int module_load(struct host *host, const char *name, unsigned int flags, struct error *err)
{
	int code = operate(host->ops_data, (struct operation){OPERATION_LOAD, .path = "load",
							      .value = name, .flags = flags});

	if (code == ENOENT)
		return error_set(err, code, "the running kernel has no module %s", name);
	if (code == EPERM)
		return error_set(err, code,
				 "module %s is blacklisted (a \"blacklist\" line in modprobe.d)",
				 name);
	return code ? error_errno(err, code, "load module %s", name) : 0;
}

/* The name of a unit's cell. */
static char *whole_name(uid_t manager, const char *name)
{
	return manager ? xasprintf("%u/%s", manager, name) : xstrdup(name);
}

static int read_unit(const struct host *host, uid_t manager, const char *name,
		     struct host_unit *ret, struct error *err)
{
	auto_close int lock __attribute__((unused)) = kernel_lock(host->ops_data);
	auto_free char *whole = whole_name(manager, name);
	int code = unit_read(host->ops_data, whole, ret);

	if (code == ENOSYS)
		return error_set(err, code, "%s: no such manager", whole);
	return code ? error_set(err, code, "no unit %s", whole) : 0;
}

static int set_unit(struct host *host, uid_t manager, const char *name, bool active,
		    unsigned int timeout_ms, struct error *err)
{
	auto_free char *whole = whole_name(manager, name), *path = xasprintf("unit %s", whole);
	const char *verb = active ? "start" : "stop";
	int code = operate(host->ops_data, (struct operation){OPERATION_UNIT, .path = path,
							      .value = verb, .name = whole});

	(void)timeout_ms;
	return code ? error_errno(err, code, "%s %s", verb, whole) : 0;
}

static int end_process(struct host *host, int pid, uint64_t start_time, unsigned int grace_ms,
		       struct error *err)
{
	auto_free char *path = xasprintf("process %d", pid);
	int code = operate(host->ops_data,
			   (struct operation){OPERATION_END, .path = path, .value = "end",
					      .pid = pid, .start_time = start_time});

	(void)grace_ms;
	return code ? error_errno(err, code, "end process %d", pid) : 0;
}

static int ask_process(struct host *host, int pid, uint64_t start_time, unsigned int grace_ms,
		       struct error *err)
{
	auto_free char *path = xasprintf("process %d", pid);
	int code = operate(host->ops_data,
			   (struct operation){OPERATION_END, .path = path, .value = "ask",
					      .pid = pid, .start_time = start_time});

	(void)grace_ms;
	return code ? error_errno(err, code, "ask process %d to end", pid) : 0;
}

/* Of whatever stands there for the node. */
static int testhost_node_own(struct host *host, const char *name, const struct host_owner *owner,
			     struct error *err)
{
	auto_free char *path = xasprintf("own /dev/%s", name);
	char value[OWNER_TEXT_SIZE];
	int code;

	owner_format(owner, value);
	code = operate(host->ops_data, (struct operation){OPERATION_OWN, .path = path,
							  .value = value, .name = name});
	return code ? error_errno(err, code, "change the owner of /dev/%s", name) : 0;
}

/* What a made-up machine's kernel tells stands in a file; without it, it is not asked. */
static int testhost_network_read(const struct host *host, char **ret, struct error *err)
{
	const struct testhost *testhost = host->ops_data;
	auto_free char *text = tree_read(testhost->root_fd, "network");

	if (!text)
		return error_set(err, ENOSYS, "this machine's kernel is not asked");
	if (text_starts(text, "error "))
		return error_set(err, EBUSY, "%s", text + strlen("error "));
	*ret = steal(&text);
	return 0;
}

/* As long as a file says so. */
static bool testhost_is_going_down(const struct host *host)
{
	const struct testhost *testhost = host->ops_data;

	return tree_exists(testhost->root_fd, "going-down");
}

const struct host_ops testhost_ops = {
	.is_going_down = testhost_is_going_down,
	.network_read = testhost_network_read,
	.write_attr = write_attr,
	.module_load = module_load,
	.unit_read = read_unit,
	.unit_set = set_unit,
	.process_end = end_process,
	.process_ask = ask_process,
	.node_own = testhost_node_own,
};
