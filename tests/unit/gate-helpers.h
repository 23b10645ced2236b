/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tests/unit/cell-helpers.h"

#include <pty.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

/*
 * A made-up device whose node is a terminal of this machine that nobody else has, and real
 * processes that hold it: so closing, ending and looking are the kernel's own. Of the machine's
 * processes only these are to be seen, as a test may not be allowed to look into all.
 */
#define GPU "0000:01:00.0"
#define GPU_DIR "sys/bus/pci/devices/" GPU

struct gate {
	struct cells *cells;
	int terminal; /* the other end, which is another node */
	char *path, *name;
	pid_t pids[8];
	size_t pid_count;
};

static inline void gate_node(struct gate *gate, const char *dir, const char *name,
			     const struct stat *node)
{
	auto_free char *dev = xasprintf("%s/dev", dir), *uevent = xasprintf("%s/uevent", dir),
		       *subsystem = xasprintf("%s/subsystem", dir);

	tree_file(gate->cells->root_fd, dev, "%u:%u\n", major(node->st_rdev), minor(node->st_rdev));
	tree_file(gate->cells->root_fd, uevent, "DEVNAME=%s\n", name);
	tree_link(gate->cells->root_fd, subsystem, "sys/class/drm");
}

static inline struct gate *gate_new(const struct host_ops *ops)
{
	struct gate *gate = xcalloc(1, sizeof(*gate));
	char path[64];
	struct stat node;
	int slave;

	gate->cells = cells_new(ops);
	assert_int_equal(openpty(&gate->terminal, &slave, path, NULL, NULL), 0);
	assert_int_equal(fstat(slave, &node), 0);
	close(slave);
	gate->path = xstrdup(path);
	gate->name = xstrdup(path + strlen("/dev/"));
	gate_node(gate, GPU_DIR "/drm/card1", gate->name, &node);
	close(gate->cells->host.fd[HOST_DEV]);
	gate->cells->host.fd[HOST_DEV] = open("/dev", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return gate;
}

static inline void gate_free(struct gate *gate)
{
	for (size_t i = 0; i < gate->pid_count; i++) {
		kill(gate->pids[i], SIGKILL);
		waitpid(gate->pids[i], NULL, 0);
	}
	close(gate->terminal);
	cells_free(gate->cells);
	free(gate->path);
	free(gate->name);
	free(gate);
}

static inline void gate_show(struct gate *gate, pid_t pid)
{
	auto_free char *path = xasprintf("proc/%d", (int)pid);
	auto_free char *target = xasprintf("/proc/%d", (int)pid);

	tree_raw_link(gate->cells->root_fd, path, target);
}

/*
 * A process that has the node open: closes it after close_ms, or ends with it after end_ms; -1:
 * never. Returns once it has it open.
 */
static inline pid_t gate_hold(struct gate *gate, int close_ms, int end_ms)
{
	int ready[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		int fd = open(gate->path, O_RDWR | O_NOCTTY | O_CLOEXEC);

		setsid();
		if (write(ready[1], "x", 1) != 1 || fd < 0)
			_exit(1);
		if (end_ms >= 0) {
			usleep((useconds_t)end_ms * 1000);
			_exit(0);
		}
		if (close_ms >= 0) {
			usleep((useconds_t)close_ms * 1000);
			close(fd);
		}
		pause();
		_exit(0);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	close(ready[1]);
	gate->pids[gate->pid_count++] = pid;
	gate_show(gate, pid);
	return pid;
}

static inline unsigned long long gate_start_time(pid_t pid)
{
	auto_free char *path = xasprintf("/proc/%d/stat", (int)pid);
	auto_fclose FILE *file = fopen(path, "r");
	unsigned long long start;
	char text[1024];
	size_t length;

	assert_non_null(file);
	length = fread(text, 1, sizeof(text) - 1, file);
	text[length] = '\0';
	assert_int_equal(sscanf(strrchr(text, ')') + 1,
				" %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d"
				" %*d %*d %*d %*d %llu",
				&start),
			 1);
	return start;
}

static inline char *gate_target(pid_t pid)
{
	return xasprintf("%d:%llu@" GPU, (int)pid, gate_start_time(pid));
}

static inline bool gate_is_alive(pid_t pid)
{
	return waitpid(pid, NULL, WNOHANG) == 0;
}
