/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/boot.h"
#include "parsers/boot/boot-source.h"

/* Fills in boot->initramfs; needs boot->kernels and boot->kernel_install. */
void boot_initramfs_read(struct boot_source *source, struct boot *boot);
