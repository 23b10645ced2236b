/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * The names of an open directory as host_list returns them, for those that open directories in
 * another way; hidden: dot files as well. ret_count may be NULL.
 */
char **host_names_read(DIR *stream, bool hidden, size_t *ret_count);
