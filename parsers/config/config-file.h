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

/* The same for its text. */
int config_file_apply(const char *text, size_t length, const char *shown, struct policy *policy,
		      struct error *err);

/* The most that a file may hold. */
#define CONFIG_FILE_MAX (64u * 1024)
