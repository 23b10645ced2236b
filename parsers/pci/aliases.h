/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

/*
 * Of the text of modules.alias, which is long, the lines that matter to aliases_find_vfio, appended
 * to ret: to be asked for each device.
 */
void aliases_pick_vfio(const char *data, size_t length, struct text *ret);

/*
 * The VFIO variant driver that fits a device best, from the text of modules.alias: among the lines
 * "alias vfio_pci:<pattern> <module>" whose pattern's fields each equal the device's or are "*",
 * the one with the fewest "*"; the first wins a tie (libvirt's rule,
 * virPCIDeviceFindBestVFIOVariant of 10.0 and later). modalias is the device's own
 * "pci:v....d....sv....sd....bc..sc..i..". The module's name goes to ret (size bytes); false, ret
 * untouched, where no line fits.
 */
bool aliases_find_vfio(const char *data, size_t length, const char *modalias, char *ret,
		       size_t size);
