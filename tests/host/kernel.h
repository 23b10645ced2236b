/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tests/host/testhost.h"

/* Between testhost.c, which owns the tree, operations.c and kernel.c, which move it. */
struct testhost_shared {
	int operations;
	bool dead;     /* no process of the hook is left to do anything */
	bool released; /* what hangs may go on */
	pid_t victim;  /* the hook process */
	char forbidden[256];
};

extern const struct host_ops testhost_ops;

/* One file lock over the tree, as its changes take several system calls. Close to unlock. */
int kernel_lock(const struct testhost *host);

/* 0 or the positive errno that the writer gets; path is relative to /sys. */
int kernel_write(struct testhost *host, const char *path, const char *value);
int kernel_load(struct testhost *host, const char *name, unsigned int flags);

/* Binds as the driver's probe would, or returns the positive errno of its refusal. */
int kernel_probe(struct testhost *host, const struct machine_device *device, const char *driver);
void kernel_unbind(struct testhost *host, const struct machine_device *device);
void kernel_vanish(struct testhost *host, const struct pci_addr *addr);
void kernel_unload(struct testhost *host, const char *name);

/* A line in the log of operations. */
void kernel_log(const struct testhost *host, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* One of the lines "dir", "link" and "file" made, or made again. */
void kernel_file(const struct testhost *host, const struct machine_file *file);

/* Makes the tree of host->machine below host->root_fd. */
void kernel_boot(struct testhost *host);
