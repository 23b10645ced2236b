/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Absolute paths, fixed when the program was built. */
struct front_paths {
	const char *engine;
	const char *state_dir;   /* journals, UUID.journal; need not exist */
	const char *scripts_dir; /* GUEST/OPERATION below it; need not exist */
};

/*
 * The whole front door: if there is nothing to do for this call, it returns the exit status.
 * Otherwise it becomes the engine, with the same arguments and all of standard input.
 */
int front_main(int argc, char **argv, const struct front_paths *paths);
