/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/host.h"

/*
 * Where absolute paths lead through links, as PID 1 sees them; heap strings in paths are replaced,
 * and stay as they are where that cannot be told: only root may look, and a child looks, which is
 * given up after some seconds.
 */
void real_paths_follow(const struct host *host, char **paths, size_t count);
