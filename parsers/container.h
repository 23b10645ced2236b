/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/host.h"
#include "model/holder.h"
#include "parsers/cgroup.h"

/*
 * Names the container of a holder whose user is known, and the command that stops it: by its name
 * where its manager's files tell it, else by the beginning of its id. Asks no daemon.
 */
void container_describe(const struct host *host, const struct cgroup *cgroup,
			struct holder *holder);
