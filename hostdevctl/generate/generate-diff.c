// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What changes in a file, as diff(1) shows it. Tests: model/test-generate.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "hostdevctl/generate/generate.h"

#define DIFF "/usr/bin/diff"

static int memory_file(const struct text *bytes)
{
	int fd = memfd_create("hostdev-diff", 0);

	if (fd >= 0 && bytes->length > 0 &&
	    write(fd, bytes->data, bytes->length) != (ssize_t)bytes->length) {
		close(fd);
		return -1;
	}
	return fd;
}

static _Noreturn void become_diff(const char *const labels[2], const int fds[2], int output)
{
	auto_free char *old = xasprintf("/proc/self/fd/%d", fds[0]);
	auto_free char *new = xasprintf("/proc/self/fd/%d", fds[1]);
	char *environment[] = {NULL};

	dup2(output, STDOUT_FILENO);
	execle(DIFF, "diff", "-u", "--label", labels[0], "--label", labels[1], old, new, NULL,
	       environment);
	_exit(127);
}

static void read_all(int fd, struct text *out)
{
	char buffer[4096];
	ssize_t length;

	while ((length = read(fd, buffer, sizeof(buffer))) > 0 || (length < 0 && errno == EINTR))
		if (length > 0)
			text_append(out, buffer, (size_t)length);
}

/* False where there is no diff(1). */
static bool run_diff(const char *const labels[2], const int fds[2], struct text *out)
{
	int ends[2], status = 0;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return false;
	/* What stands in stdout's buffer is not the child's. */
	fflush(stdout);
	pid = fork();
	if (pid == 0)
		become_diff(labels, fds, ends[1]);
	close(ends[1]);
	if (pid > 0)
		read_all(ends[0], out);
	close(ends[0]);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) < 2;
}

static void add_lines(const char *labels[2], const struct text *bytes, struct text *out)
{
	const char *at = bytes->data;

	text_printf(out, "--- %s\n+++ %s\n", labels[0], labels[1]);
	while (at && *at) {
		size_t length = strcspn(at, "\n");

		text_printf(out, "+%.*s\n", (int)length, at);
		at += length + (at[length] == '\n');
	}
}

char *generate_diff(const struct generate_change *change)
{
	auto_free char *old = change->before.type == CONTENT_REGULAR
				      ? xasprintf("a%s", change->path)
				      : xstrdup("/dev/null");
	auto_free char *new = change->after.type == CONTENT_REGULAR ? xasprintf("b%s", change->path)
								    : xstrdup("/dev/null");
	const char *labels[2] = {old, new};
	auto_close int old_fd = memory_file(&change->before.bytes);
	auto_close int new_fd = memory_file(&change->after.bytes);
	const int fds[2] = {old_fd, new_fd};
	auto_text struct text diff = TEXT_INIT;

	if (old_fd < 0 || new_fd < 0 || !run_diff(labels, fds, &diff))
		add_lines(labels, &change->after.bytes, &diff);
	return diff.data ? steal(&diff.data) : xstrdup("");
}
