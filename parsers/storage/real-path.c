// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where a path leads through symbolic links in the root file system of PID 1. Any part of it may
 * lie on a server that does not answer, so that it is a child that follows them.
 * Tests: unit/test-remotes.c, model/test-cases.c.
 */
#include "parsers/storage/real-path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/open-below.h"
#include "base/text.h"
#include "base/worker-ask.h"

#define TIMEOUT_MS 3000

struct path_attempt {
	const struct host *host;
	char *const *paths;
	size_t count;
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

/* Where the path leads, below the root of this name; "": that is not known. */
static void follow(int root, const char *path, const char *root_name, char found[PATH_MAX])
{
	auto_close int fd = open_below(root, path, O_PATH, LINKS_LEAD_IN_ROOT);
	size_t length = strcmp(root_name, "/") == 0 ? 0 : strlen(root_name);
	char name[PATH_MAX];

	*found = '\0';
	if (fd >= 0 && read_name(fd, name) >= 0 && strncmp(name, root_name, length) == 0 &&
	    name[length] == '/')
		strcpy(found, name + length);
}

/* Answers a string for each path. */
static int follow_all(void *data, int answer, struct error *err)
{
	const struct path_attempt *attempt = data;
	auto_close int root =
		openat(attempt->host->fd[HOST_PROC], "1/root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char root_name[PATH_MAX], found[PATH_MAX];
	int ret = 0;

	if (root < 0 || read_name(root, root_name) < 0)
		return error_errno(err, errno, "open /proc/1/root");
	for (size_t i = 0; ret == 0 && i < attempt->count; i++) {
		follow(root, attempt->paths[i], root_name, found);
		ret = worker_answer(answer, found, strlen(found) + 1, err);
	}
	return ret;
}

void real_paths_follow(const struct host *host, char **paths, size_t count)
{
	struct path_attempt attempt = {host, paths, count};
	const struct worker_question question = {
		.ask = follow_all, .data = &attempt, .timeout_ms = TIMEOUT_MS};
	auto_free char *answer = NULL;
	size_t length, at = 0;

	if (count == 0 || !host_exists(host, HOST_PROC, "1/root"))
		return;
	/* What it has found before it got stuck counts. */
	worker_ask(&question, &answer, &length, NULL);
	for (size_t i = 0; i < count && at < length; at += strlen(answer + at) + 1, i++) {
		if (!answer[at])
			continue;
		free(paths[i]);
		paths[i] = xstrdup(answer + at);
	}
}
