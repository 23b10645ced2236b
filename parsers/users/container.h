/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/host.h"
#include "model/holder.h"
#include "parsers/users/cgroup.h"

/*
 * Fills in the name of the holder's container and the command that stops it. Both have the
 * container's name if the files of its manager tell it, else the beginning of its id. No command
 * is given for a name that a shell could take for more than one word. No daemon is asked. owner:
 * the user whose manager it is (the program in the container may run as another user); NULL: root.
 * A child looks at the files, which may lie on a share. Where it does not get its answer in time,
 * *impatient becomes true, and with it true no file is looked at.
 */
void container_describe(const struct host *host, const struct cgroup *cgroup, const char *owner,
			bool *impatient, struct holder *holder);
