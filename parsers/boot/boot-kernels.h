/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

#include "model/boot.h"
#include "parsers/boot/boot-source.h"

/* Fills in boot->kernels; needs boot->kernel_install. */
void boot_kernels_read(struct boot_source *source, struct boot *boot);

/*
 * Where a driver is by the text of modules.builtin and modules.dep (either may be NULL); "-" and
 * "_" are alike.
 */
enum boot_driver kernels_find_module(const char *builtin, const char *dep, const char *name);

/*
 * Names of built-in modules that a PCI device's alias leads to, from the data of
 * modules.builtin.modinfo (NULL: none), or, where that tells no such alias, from the text of
 * modules.builtin. Heap array of heap strings, NULL-terminated; NULL: none.
 */
char **kernels_builtin_pci(const char *modinfo, size_t length, const char *builtin);

/* "y", "m" or "n" of an option in the text of a kernel's configuration. */
void kernel_option(const char *config, const char *option, char ret[4]);
