/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/text.h"
#include "model/addr.h"

/*
 * Sets one key in the text of a configuration file, for one device or (addr NULL) for all; value
 * NULL takes it out. Comments, order and all else stay as they are. *out: the new text, appended.
 * text must be one that config_file_apply takes. Was the key set before?
 */
bool config_edit(const char *text, const struct pci_addr *addr, const char *key, const char *value,
		 struct text *out);
