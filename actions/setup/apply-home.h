/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/host-change.h"
#include "model/setup.h"

/* A file that is taken back. */
struct apply_home {
	int store;                  /* of store_open */
	const char *path;           /* of the file, as its step has it */
	const struct setup *setup;  /* that has changed it */
	const char *before, *after; /* values of its cell */
	/* Whoever was writing it may have been killed: it may be half, or have left something
	 * beside it. */
	bool killed;
};

struct apply_home_result {
	bool changes; /* content is to be written; also where it is so already, to be sure */
	struct host_content content; /* host_content_done */
	const char *note;            /* what was found of somebody else's; a constant, or NULL */
};

/*
 * What it is to be, from what it is now (*ret is zero, with CONTENT_INIT, and stays so where
 * nothing changes): as it was before; or, where somebody has edited it since, their text without
 * our lines. What they have removed stays so.
 */
int apply_home(const struct apply_home *home, const struct host_content *now,
	       struct apply_home_result *ret, struct error *err);
