/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "hook/operation.h"

/* Values in the place of a directory's descriptor: */
#define FRONT_NO_DIR (-1)      /* the directory does not exist */
#define FRONT_UNKNOWN_DIR (-2) /* it exists, but cannot be opened as a directory */

/*
 * False only when it is certain that the engine would have nothing to do for this call: the XML
 * cannot name a host device (OP_WORDS), no journal of the guest stands in the state directory, and
 * no scripts_dir/GUEST/OPERATION exists. With OP_NEWCOMERS the XML may name devices, and the
 * journal stand there, if it says that the guest was lent what the XML can name. Any doubt is
 * true. operation is a row that is not OP_SCRIPTS; xml need not be terminated.
 */
bool front_has_work(const struct operation *operation, const char *guest, const char *xml,
		    size_t length, int state_dir_fd, int scripts_dir_fd);

/* Whether scripts_dir/GUEST/OPERATION exists: all that matters for a row that is OP_SCRIPTS. */
bool front_has_scripts(const struct operation *operation, const char *guest, int scripts_dir_fd);
