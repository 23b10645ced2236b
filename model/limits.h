/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

/*
 * How long steps may take; then libvirt gets its answer in any case. A journal has the limits of
 * its run, so that a return does not need the configuration, which may be broken by then.
 */
struct limits {
	unsigned int unbind_ms;  /* a host driver's remove() */
	unsigned int bind_ms;    /* a probe() */
	unsigned int reset_ms;   /* where the kernel may reset the device on the way */
	unsigned int release_ms; /* for a guest that has ended to close its VFIO nodes */
	unsigned int script_ms;  /* one script of the user */
	unsigned int total_ms;   /* one call of the hook, with all that it undoes */
};

/* How long systemd is waited for until it has stopped a unit. */
#define LIMIT_UNIT_STOP_MS 30000

#define LIMITS_INIT                                                                                \
	{                                                                                          \
		.unbind_ms = 10000, .bind_ms = 20000, .reset_ms = 75000, .release_ms = 10000,      \
		.script_ms = 60000, .total_ms = 240000                                             \
	}

/* As words of the policy's keys, in seconds: "unbind-time=10 bind-time=20 ...". */
void limits_format(const struct limits *limits, struct text *out);

/*
 * Parses what this or another version has formatted: unknown keys are skipped, and missing keys
 * have their default. False: it is no such text, and *ret is untouched.
 */
bool limits_parse(const char *text, size_t length, struct limits *ret);

/*
 * Sets the one limit that a key of the policy names: 0, -ENOENT for any other key, -EINVAL for a
 * value that is no number of whole seconds from 1 to 900.
 */
int limits_set(struct limits *limits, const char *key, const char *value);

/* The names of the keys in order, NULL behind the last. */
const char *limits_key(size_t index);
