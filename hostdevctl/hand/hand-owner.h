/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host-owner.h"

/*
 * The model has a struct group of its own, and <grp.h> another: so this header includes neither.
 */

/* USER, USER:GROUP or :GROUP, by names or numbers. EINVAL: there is no such user or group. */
int hand_owner_parse(const char *word, struct host_owner *ret, struct error *err);
