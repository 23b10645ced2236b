/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tests/host/check.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "actions/step-ops.h"
#include "base/cleanup.h"
#include "tests/host/tree.h"

/*
 * One kind of cell on a bare tree: what it writes is kept, and a test says what comes of it.
 * Reading and setting happen in the test's own process.
 */
struct cells {
	struct host host;
	char *root;
	int root_fd;
	struct text log; /* "PATH VALUE", "start NAME ...", one a line */
	/* Called for each operation; its answer is the operation's. NULL: all succeed. */
	int (*react)(struct cells *cells, const char *what, const char *value);
	pid_t helper;
};

static inline int cells_react(struct host *host, const char *what, const char *value)
{
	struct cells *cells = host->ops_data;

	text_printf(&cells->log, "%s %s\n", what, value);
	return cells->react ? cells->react(cells, what, value) : 0;
}

static inline int cells_write_attr(struct host *host, const char *path, const char *value,
				   struct error *err)
{
	int code = cells_react(host, path, value);

	return code ? error_errno(err, code, "write \"%s\" to /sys/%s", value, path) : 0;
}

static inline struct cells *cells_new(const struct host_ops *ops)
{
	char template[] = "/tmp/hostdev-cells-XXXXXX";
	static const char *const dirs[] = {"sys", "proc", "dev", "run"};
	struct cells *cells = xcalloc(1, sizeof(*cells));
	struct error err = ERROR_INIT;

	assert_non_null(mkdtemp(template));
	cells->root = xstrdup(template);
	cells->root_fd = open(template, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		tree_dir(cells->root_fd, dirs[i]);
	text_append(&cells->log, "", 0);
	assert_ok(host_open(&cells->host, template, ops, cells, &err), &err);
	return cells;
}

static inline void cells_free(struct cells *cells)
{
	if (cells->helper > 0) {
		kill(cells->helper, SIGKILL);
		waitpid(cells->helper, NULL, 0);
	}
	host_close(&cells->host);
	close(cells->root_fd);
	tree_remove(AT_FDCWD, cells->root);
	text_done(&cells->log);
	free(cells->root);
	free(cells);
}

/* Somebody else, who does something a moment later. */
static inline void cells_later(struct cells *cells, void (*act)(struct cells *cells))
{
	const struct timespec moment = {.tv_nsec = 30000000};

	cells->helper = fork();
	assert_true(cells->helper >= 0);
	if (cells->helper == 0) {
		nanosleep(&moment, NULL);
		act(cells);
		_exit(0);
	}
}

static inline void assert_reads(struct cells *cells, const struct step_ops *ops, const char *target,
				const char *value)
{
	char found[CELL_VALUE_SIZE] = "";
	struct error err = ERROR_INIT;

	assert_ok(ops->read(&cells->host, target, found, &err), &err);
	assert_string_equal(found, value);
}

static inline void assert_unreadable(struct cells *cells, const struct step_ops *ops,
				     const char *target, int code, const char *text)
{
	char found[CELL_VALUE_SIZE] = "untouched";
	struct error err = ERROR_INIT;

	assert_int_equal(ops->read(&cells->host, target, found, &err), -code);
	assert_contains(err.text, text);
	assert_string_equal(found, "untouched");
}

static inline void assert_sets(struct cells *cells, const struct step_ops *ops, const char *target,
			       const char *value)
{
	struct error err = ERROR_INIT;

	assert_ok(ops->set(&cells->host, target, value, &err), &err);
}

static inline void assert_set_fails(struct cells *cells, const struct step_ops *ops,
				    const char *target, const char *value, int code,
				    const char *text)
{
	struct error err = ERROR_INIT;

	assert_int_equal(ops->set(&cells->host, target, value, &err), -code);
	assert_contains(err.text, text);
}
