/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/host.h"
#include "model/holder.h"
#include "parsers/cgroup.h"

/*
 * Names the container of a holder, and the command that stops it: by its name where its manager's
 * files tell it, else by the beginning of its id. Asks no daemon. owner: the user whose the manager
 * is, who need not be the one that the program in the container runs as; NULL: root.
 */
void container_describe(const struct host *host, const struct cgroup *cgroup, const char *owner,
			struct holder *holder);
