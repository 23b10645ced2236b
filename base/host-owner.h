/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <sys/types.h>

/* Whose a file is, and what its mode allows. */
struct host_owner {
	uid_t uid;
	gid_t gid;
	mode_t mode;
};
