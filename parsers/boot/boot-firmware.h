/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/boot.h"
#include "parsers/boot/boot-source.h"

/* Fills in uefi, secure_boot, loader_info and stub_info. */
void boot_firmware_read(struct boot_source *source, struct boot *boot);

/*
 * The text of a variable of the firmware, which is UTF-16 behind four bytes of attributes; what is
 * no ASCII becomes "?". Heap, NULL: empty, or no such text.
 */
char *firmware_efi_text(const char *data, size_t length);
