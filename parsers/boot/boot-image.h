/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "model/boot.h"
#include "parsers/boot/boot-source.h"

/* What the parts of an initramfs image that are not compressed tell about who built it. */
struct boot_image {
	bool known;     /* it begins with such a part */
	bool early;     /* that has the file early_cpio, as dracut and mkinitcpio mark a part with
			   microcode */
	bool microcode; /* that has microcode in it */
	bool names[INITRAMFS_KINDS]; /* some name in it belongs to this one alone */
};

/* Zeroes *ret first. Nothing is unpacked or run. */
void boot_image_read(struct boot_source *source, const char *path, struct boot_image *ret);
