/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/host.h"

/*
 * Replaces absolute paths (heap strings) by the paths to which their links lead, as PID 1 sees
 * them. A path stays as it is if that cannot be found out: only root may look, and a child does,
 * which is given up after some seconds.
 */
void real_paths_follow(const struct host *host, char **paths, size_t count);
