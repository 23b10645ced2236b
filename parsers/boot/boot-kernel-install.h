/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/boot.h"
#include "parsers/boot/boot-source.h"

/* Where the partition with the loader's files may be mounted, in the order of kernel-install. */
#define BOOT_ROOTS 3
extern const char *const boot_roots[BOOT_ROOTS];

/* Fills in boot->kernel_install. */
void boot_kernel_install_read(struct boot_source *source, struct boot *boot);
/* The rest of it, once the kernels are known. */
void boot_kernel_install_read_options(struct boot_source *source, struct boot *boot);

/* What install.conf or its drop-ins set this key to, escaped; heap, NULL: nothing. */
char *kernel_install_setting(struct boot_source *source, const char *key);

/* The value of the last line KEY=VALUE of a file as os-release is one, without quotes; heap. */
char *kernel_install_assignment(const char *text, const char *key);
