/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "model/policy.h"

/*
 * Applies one configuration file to *policy; no such file: nothing to apply. shown is its path for
 * people. On failure *policy may hold a part of it.
 */
int config_file_read(int dir, const char *name, const char *shown, struct policy *policy,
		     struct error *err);
