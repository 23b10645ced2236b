/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What is wrong with some kernels. All constants. */
struct kernel_fault {
	const char *what;  /* "while one device hangs, no module can be loaded" */
	const char *fixed; /* the first version of the same series that has no such fault */
};

/* By the release of a kernel, "6.12.72+deb13-amd64"; NULL: none is known. */
const struct kernel_fault *kernel_fault_find(const char *release);
