/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/boot.h"
#include "parsers/boot/boot-source.h"

/* Fills in boot->ids, and adds commands of modprobe.d to boot->rivals; needs boot->cmdline. */
void boot_modprobe_read(struct boot_source *source, struct boot *boot);

/* The same for the text of one file of modprobe.d, which is changed. */
void modprobe_parse(char *text, const char *file, struct boot *boot);

/* The same for a kernel's command line. */
void modprobe_cmdline_ids(const char *cmdline, struct boot *boot);

/*
 * Modules that modprobe.d or a kernel's command line keep from being loaded for a device; heap,
 * NULL-terminated: host_free_names.
 */
char **modprobe_blacklist(struct boot_source *source, const char *cmdline);

/* Adds one; what: heap, taken. */
void boot_add_rival(struct boot *boot, const char *file, char *what);
