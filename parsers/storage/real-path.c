// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where a path leads through symbolic links in the root file system of PID 1. Any part of it may
 * lie on a server that does not answer, so that it is a child that follows them.
 */
#include "parsers/storage/real-path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/open-below.h"
#include "base/text.h"
#include "base/worker.h"

#define TIMEOUT_MS 3000

struct found_path {
	char path[PATH_MAX]; /* "": not known */
};

struct path_attempt {
	const struct host *host;
	char *const *paths;
	size_t count;
	struct found_path *found; /* in memory that the child has as well */
};

/* The name of what a descriptor leads to; -1 where it has none. */
static ssize_t read_name(int fd, char name[PATH_MAX])
{
	auto_free char *link = xasprintf("/proc/self/fd/%d", fd);
	ssize_t length = readlink(link, name, PATH_MAX - 1);

	if (length >= 0)
		name[length] = '\0';
	return length;
}

static void follow(int root, const char *path, const char *root_name, struct found_path *found)
{
	auto_close int fd = open_below(root, path, O_PATH, LINKS_LEAD_IN_ROOT);
	size_t length = strcmp(root_name, "/") == 0 ? 0 : strlen(root_name);
	char name[PATH_MAX];

	if (fd < 0 || read_name(fd, name) < 0 || strncmp(name, root_name, length) != 0 ||
	    name[length] != '/')
		return;
	strcpy(found->path, name + length);
}

static int follow_all(void *data, struct error *err)
{
	const struct path_attempt *attempt = data;
	auto_close int root =
		openat(attempt->host->fd[HOST_PROC], "1/root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char root_name[PATH_MAX];

	if (root < 0 || read_name(root, root_name) < 0)
		return error_errno(err, errno, "open /proc/1/root");
	for (size_t i = 0; i < attempt->count; i++)
		follow(root, attempt->paths[i], root_name, &attempt->found[i]);
	return 0;
}

void real_paths_follow(const struct host *host, char **paths, size_t count)
{
	struct path_attempt attempt = {host, paths, count, NULL};
	struct worker worker = {.work = follow_all,
				.data = &attempt,
				.unprivileged = true,
				.timeout_ms = TIMEOUT_MS};
	size_t size = count * sizeof(*attempt.found);

	if (count == 0 || !host_exists(host, HOST_PROC, "1/root"))
		return;
	attempt.found = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (attempt.found == MAP_FAILED)
		return;
	workers_run(&worker, 1);
	/* Nothing is lost with it; what it found before it got stuck counts. */
	if (worker.pid > 0)
		kill(worker.pid, SIGKILL);
	for (size_t i = 0; i < count; i++) {
		attempt.found[i].path[PATH_MAX - 1] = '\0';
		if (!*attempt.found[i].path)
			continue;
		free(paths[i]);
		paths[i] = xstrdup(attempt.found[i].path);
	}
	munmap(attempt.found, size);
}
