/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/boot.h"
#include "parsers/boot/boot-source.h"

/* Fills in boot->loaders; needs what the firmware, GRUB and kernel-install say. */
void boot_loaders_read(struct boot_source *source, struct boot *boot);
/* What systemd-boot's loader.conf says of its menu. */
void loader_conf_read(const char *text, struct boot_menu *ret);
