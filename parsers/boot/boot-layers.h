/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

#include "parsers/boot/boot-source.h"

/*
 * Paths of the configuration files "*.conf" in several folders, in the order of their names. The
 * first folder that has a name hides it in the others, even if what it has there is no file (a link
 * to /dev/null, say). Never NULL: host_free_names.
 */
char **layers_list(struct boot_source *source, const char *const *folders, size_t count);
