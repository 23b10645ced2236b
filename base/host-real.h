/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/host.h"

/*
 * Operations of the real host that have files of their own; base/host-kernel.c puts them into the
 * tables. struct host_ops says what they promise.
 */
int real_unit_read(const struct host *host, uid_t manager, const char *name, struct host_unit *ret,
		   struct error *err);
int real_unit_set(struct host *host, uid_t manager, const char *name, bool active,
		  unsigned int timeout_ms, struct error *err);
bool real_is_going_down(const struct host *host);
int real_network_read(const struct host *host, char **ret, struct error *err);
int real_process_end(struct host *host, int pid, uint64_t start_time, unsigned int grace_ms,
		     struct error *err);
int real_process_ask(struct host *host, int pid, uint64_t start_time, unsigned int grace_ms,
		     struct error *err);
int real_node_own(struct host *host, const char *name, const struct host_owner *owner,
		  struct error *err);
int real_file_put(struct host *host, const char *path, const struct host_content *content,
		  struct error *err);
int real_command_run(struct host *host, char *const *argv, struct text *said, struct error *err);
