/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/text.h"
#include "model/addr.h"

/*
 * Sets one key in the text of a configuration file, for one device or (addr NULL) for all; value
 * NULL takes the key out. Comments, order and all else stay as they are. Appends the new text to
 * *out. text must be such that config_file_apply accepts it. Returns whether the key was set
 * before.
 */
bool config_edit(const char *text, const struct pci_addr *addr, const char *key, const char *value,
		 struct text *out);
