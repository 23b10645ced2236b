/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "model/guest.h"
#include "parsers/domain/xml.h"

/*
 * Reads one element of <domain>: <memory>, <memtune> or <memoryBacking>; false for any other. A
 * size that is not understood counts as none: libvirt refuses it, and we only tell of it.
 */
bool domain_memory_read(const struct xml_node *node, struct guest_memory *memory);
