// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a process is struck: each call of libc that changes a file goes through a wrapper here, by
 * the linker's --wrap, which counts it.
 */
#include "tests/model/setup-strike.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

static struct strike strike;
static bool counting;
static struct {
	int calls, actions;
} * counts;

void strike_begin(const struct strike *wanted)
{
	counting = true;
	strike = wanted ? *wanted : (struct strike){.kind = STRIKE_NONE};
}

bool strike_pause(bool pause)
{
	bool was = counting;

	counting = !pause;
	return was;
}

void strike_end(void)
{
	counting = false;
	strike.kind = STRIKE_NONE;
}

void strike_forget(void)
{
	if (!counts)
		counts = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	counts->calls = counts->actions = 0;
}

int strike_calls(void)
{
	return counts->calls;
}

int strike_actions(void)
{
	return counts->actions;
}

int strike_action(const char *program, struct error *err)
{
	int number = counts->actions++;
	bool named = program && strike.program && strstr(program, strike.program);

	if (strike.kind == STRIKE_ACTION_KILLS && number == strike.at)
		_exit(WORLD_KILLED);
	if (strike.kind == STRIKE_ACTION_FAILS && (strike.program ? named : number == strike.at))
		return error_errno(err, strike.code, "%s", program ? program : "a file");
	return 0;
}

void strike_action_after(void)
{
	if (strike.kind == STRIKE_ACTION_KILLS_AFTER && counts->actions - 1 == strike.at)
		_exit(WORLD_KILLED);
}

/* True: this call is to fail with errno. A write gets half of its work done before the end. */
static bool is_struck(int fd, const void *data, size_t length)
{
	int number = counting ? counts->calls++ : -1;

	if (!counting || number != strike.at)
		return false;
	if (strike.kind == STRIKE_CALL_KILLS) {
		if (data && length / 2 > 0 && syscall(SYS_write, fd, data, length / 2) < 0)
			_exit(1);
		_exit(WORLD_KILLED);
	}
	errno = strike.code;
	return strike.kind == STRIKE_CALL_FAILS;
}

/* NAME(PARAMETERS) with its arguments once more: __wrap_NAME strikes or calls __real_NAME. */
#define WRAPPED(type, name, parameters, arguments)                                                 \
	type __real_##name parameters;                                                             \
	type __wrap_##name parameters;                                                             \
	type __wrap_##name parameters                                                              \
	{                                                                                          \
		return is_struck(-1, NULL, 0) ? -1 : __real_##name arguments;                      \
	}

WRAPPED(int, mkdirat, (int dir, const char *path, mode_t mode), (dir, path, mode))
WRAPPED(int, unlinkat, (int dir, const char *path, int flags), (dir, path, flags))
WRAPPED(int, renameat, (int from, const char *old, int to, const char *new), (from, old, to, new))
WRAPPED(int, ftruncate, (int fd, off_t length), (fd, length))
WRAPPED(int, fchmod, (int fd, mode_t mode), (fd, mode))
WRAPPED(int, fchown, (int fd, uid_t uid, gid_t gid), (fd, uid, gid))
WRAPPED(int, futimens, (int fd, const struct timespec times[2]), (fd, times))
WRAPPED(int, fsync, (int fd), (fd))
WRAPPED(int, fdatasync, (int fd), (fd))
WRAPPED(int, fsetxattr, (int fd, const char *name, const void *value, size_t size, int flags),
	(fd, name, value, size, flags))

/* Is it the directory of this path? NULL: any is. */
static bool is_in(int fd, const char *path)
{
	char link[64], found[4096] = "";
	size_t length = path ? strlen(path) : 0;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	if (!path || readlink(link, found, sizeof(found) - 1) < (ssize_t)length)
		return !path;
	return strcmp(found + strlen(found) - length, path) == 0;
}

int __real_syncfs(int fd);
int __wrap_syncfs(int fd);
int __wrap_syncfs(int fd)
{
	if (counting && strike.kind == STRIKE_SYNC_FAILS && is_in(fd, strike.program)) {
		errno = strike.code;
		return -1;
	}
	return is_struck(-1, NULL, 0) ? -1 : __real_syncfs(fd);
}

ssize_t __real_write(int fd, const void *data, size_t length);
ssize_t __wrap_write(int fd, const void *data, size_t length);
ssize_t __wrap_write(int fd, const void *data, size_t length)
{
	return is_struck(fd, data, length) ? -1 : __real_write(fd, data, length);
}

int __real_openat(int dir, const char *path, int flags, ...);
int __wrap_openat(int dir, const char *path, int flags, ...);
int __wrap_openat(int dir, const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
	va_end(args);
	if ((flags & (O_CREAT | O_TRUNC)) && is_struck(-1, NULL, 0))
		return -1;
	return __real_openat(dir, path, flags, mode);
}
